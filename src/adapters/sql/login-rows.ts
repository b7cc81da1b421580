/**
 * Logins as rows: which ID tokens were traded, and for which tokens.
 * What must stay true: an ID token is traded once, by whichever control comes first: its hash is the primary key; the token is made in
 * the same transaction.
 */
import type { Transaction } from 'kysely'
import type { AuditEntry } from '../../ports/audit.ts'
import type { StoredLogin, StoredToken } from '../../ports/store.ts'
import { DatabaseError } from './database-error.ts'
import type { StoreSchema } from './store-schema.ts'
import { insertToken } from './token-rows.ts'
import type { Attempt } from './transact.ts'

/** At once: the rest goes with the next ones. */
const MAX_FORGOTTEN = 100

/** False: the ID token was traded before. */
export async function insertLogin(
  transaction: Transaction<StoreSchema>,
  { hash, untilMs, nowMs }: StoredLogin,
  made: { readonly token: StoredToken; readonly audit: AuditEntry } & Attempt,
): Promise<boolean> {
  const query = transaction.selectFrom('logins').select('token_id').where('hash', '=', hash)
  const there = await query.executeTakeFirst()
  if (there !== undefined) return made.maybeDone && there.token_id === made.token.id
  await forgetBefore(transaction, nowMs)
  const row = { hash, token_id: made.token.id, expires_at_ms: untilMs }
  await lostWhereTaken(transaction.insertInto('logins').values(row).execute())
  await insertToken(transaction, made.token, { audit: [made.audit], maybeDone: made.maybeDone })
  return true
}

async function forgetBefore(transaction: Transaction<StoreSchema>, nowMs: number): Promise<void> {
  const over = transaction.selectFrom('logins').selectAll().where('expires_at_ms', '<', nowMs)
  const rows = await over.limit(MAX_FORGOTTEN).execute()
  if (rows.length === 0) return
  const [ids, hashes] = [rows.map((row) => row.token_id), rows.map((row) => row.hash)]
  await transaction.deleteFrom('limited_tokens').where('id', 'in', ids).execute()
  await transaction.deleteFrom('logins').where('hash', 'in', hashes).execute()
}

/** Another control traded the same one meanwhile: run again, it is found. */
async function lostWhereTaken(inserting: Promise<unknown>): Promise<void> {
  try {
    await inserting
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== 'unique') throw error
    throw new DatabaseError('raced', error.message, { cause: error })
  }
}
