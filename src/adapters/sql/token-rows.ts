/**
 * The API's tokens as rows, in two tables: those without limits, which every version knows, and those with a role, a scope or an
 * end, which older versions do not see and so refuse.
 * What must stay true: a token stands in one of the two; each write leaves its entry in the audit log, or nothing at all.
 */
import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { roleSchema, scopeSchema } from '../../core/access/access.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { StoredToken, TokenRotation } from '../../ports/store.ts'
import { insertEntries } from './audit-log.ts'
import { DatabaseError } from './database-error.ts'
import { prose } from './prose.ts'
import type { StoreSchema } from './store-schema.ts'
import type { Attempt } from './transact.ts'

const TABLES = ['tokens', 'limited_tokens'] as const
/** As the columns hold it; a token of the other table has neither role nor scope. */
const accessSchema = z.object({ role: roleSchema, scope: scopeSchema.optional() })

/** Oldest first. Throws DatabaseError 'corrupt'. */
export async function readTokens(
  database: Kysely<StoreSchema>,
  id?: string,
): Promise<readonly StoredToken[]> {
  const [all, allLimited] = [database.selectFrom('tokens'), database.selectFrom('limited_tokens')]
  const unlimited = await (id === undefined ? all : all.where('id', '=', id)).selectAll().execute()
  const limited = await (id === undefined ? allLimited : allLimited.where('id', '=', id))
    .selectAll()
    .execute()
  const tokens = [
    ...unlimited.map(({ id, name, hash, created_at_ms: createdAtMs }): StoredToken => ({
      ...{ id, name, hash, createdAtMs, access: { role: 'admin' }, expiresAtMs: null },
    })),
    ...limited.map(parseLimited),
  ]
  return tokens.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
}

/** Throws DatabaseError 'unique' when the id or the hash is there already. */
export async function insertToken(
  transaction: Transaction<StoreSchema>,
  token: StoredToken,
  { audit, maybeDone }: { readonly audit: readonly AuditEntry[] } & Attempt,
): Promise<void> {
  const { id, name, hash, createdAtMs, access, expiresAtMs } = token
  const isLimited = access.role !== 'admin' || access.scope !== undefined || expiresAtMs !== null
  const there = transaction.selectFrom(isLimited ? 'limited_tokens' : 'tokens').select('id')
  if (
    maybeDone &&
    (await there.where('id', '=', id).where('hash', '=', hash).executeTakeFirst()) !== undefined
  )
    return
  const row = { id, name: prose(name), hash, created_at_ms: createdAtMs }
  if (isLimited) {
    const scope = access.scope === undefined ? null : JSON.stringify(access.scope)
    const limits = { role: access.role, scope, expires_at_ms: expiresAtMs }
    await transaction
      .insertInto('limited_tokens')
      .values({ ...row, ...limits })
      .execute()
  } else await transaction.insertInto('tokens').values(row).execute()
  await insertEntries(transaction, audit)
}

/** The new one is there and the old one has its end, or neither. */
export async function rotateToken(
  transaction: Transaction<StoreSchema>,
  id: string,
  plan: (old: StoredToken) => TokenRotation,
): Promise<TokenRotation | null> {
  const [old] = await readTokens(transaction, id)
  if (old === undefined) return null
  const rotation = plan(old)
  await insertToken(transaction, rotation.token, { audit: rotation.audit, maybeDone: false })
  await expireToken(transaction, id, rotation.oldExpiresAtMs)
  return rotation
}

/** One without limits goes to those with them. */
async function expireToken(
  transaction: Transaction<StoreSchema>,
  id: string,
  expiresAtMs: number,
): Promise<void> {
  const unlimited = await transaction.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
  if (unlimited !== undefined) {
    await transaction.deleteFrom('tokens').where('id', '=', id).execute()
    const row = { ...unlimited, role: 'admin', scope: null, expires_at_ms: expiresAtMs }
    await transaction.insertInto('limited_tokens').values(row).execute()
    return
  }
  const update = transaction.updateTable('limited_tokens').set({ expires_at_ms: expiresAtMs })
  await update.where('id', '=', id).execute()
}

export async function deleteToken(
  transaction: Transaction<StoreSchema>,
  id: string,
  { audit, maybeDone }: { readonly audit: AuditEntry } & Attempt,
): Promise<boolean> {
  let isDone = false
  for (const table of TABLES) {
    const { numDeletedRows } = await transaction.deleteFrom(table).where('id', '=', id).executeTakeFirst()
    isDone ||= numDeletedRows > 0n
  }
  if (isDone) await insertEntries(transaction, [audit])
  return isDone || maybeDone
}

function parseLimited(row: StoreSchema['limited_tokens']): StoredToken {
  const { id, name, hash, created_at_ms: createdAtMs, role, scope, expires_at_ms: expiresAtMs } = row
  try {
    const access = accessSchema.parse({
      role,
      ...(scope !== null && { scope: JSON.parse(scope) as unknown }),
    })
    return { id, name, hash, createdAtMs, access, expiresAtMs }
  } catch (cause) {
    throw new DatabaseError('corrupt', `the stored token '${id}' is damaged: its role or its scope`, {
      cause,
    })
  }
}
