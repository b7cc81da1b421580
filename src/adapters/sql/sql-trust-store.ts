/**
 * Trust on an SQL database, the same for every engine: see ports/trust-store.ts for what must stay true.
 * What is run again after its connection broke finds what it wrote itself by the serial of the certificate.
 */
import { z } from 'zod'
import type { Kysely, Transaction } from 'kysely'
import type {
  Author,
  IssueTerms,
  Redemption,
  RedemptionOutcome,
  Revocation,
  RevocationOutcome,
  StoredAuthority,
  StoredCertificate,
  StoredJoinToken,
  TrustStore,
} from '../../ports/trust-store.ts'
import type { RevokedCertificate } from '../../ports/trust.ts'
import { auditTrust as audit } from './audit-trust.ts'
import { deleteForgotten, noteHolder } from './certificate-holders.ts'
import { DatabaseError } from './database-error.ts'
import { racing } from './racing.ts'
import type { StoreSchema } from './store-schema.ts'
import { certificateOf, KEPT_MS } from './trust-rows.ts'
import { transact, untilDone } from './transact.ts'

const ONLY = 'cluster'

export class SqlTrustStore implements TrustStore {
  readonly #database: Kysely<StoreSchema>

  /** The store's own database, which closes it. */
  constructor(database: Kysely<StoreSchema>) {
    this.#database = database
  }

  async authority(): Promise<StoredAuthority | null> {
    const query = this.#database.selectFrom('authorities').selectAll().where('name', '=', ONLY)
    const row = await untilDone(() => query.executeTakeFirst())
    if (row === undefined) return null
    return { certificate: row.certificate, sealedKey: row.sealed_key, createdAtMs: row.created_at_ms }
  }

  addAuthority({ certificate, sealedKey, createdAtMs }: StoredAuthority, by: Author): Promise<boolean> {
    const row = { name: ONLY, certificate, sealed_key: sealedKey, created_at_ms: createdAtMs }
    return transact(this.#database, async (transaction) => {
      const query = transaction.selectFrom('authorities').select('sealed_key').where('name', '=', ONLY)
      const present = await query.executeTakeFirst()
      if (present !== undefined) return present.sealed_key === sealedKey
      await racing(transaction.insertInto('authorities').values(row).execute())
      await audit(transaction, by, { atMs: createdAtMs, action: 'authority make', detail: 'of the cluster' })
      return true
    })
  }

  async sealedKeys(): Promise<readonly string[]> {
    const query = this.#database.selectFrom('authorities').select('sealed_key').orderBy('name')
    return (await untilDone(() => query.execute())).map((row) => row.sealed_key)
  }

  reseal(
    {
      before,
      sealedKey,
      atMs,
    }: { readonly before: string; readonly sealedKey: string; readonly atMs: number },
    by: Author,
  ): Promise<boolean> {
    return transact(this.#database, async (transaction, { maybeDone }) => {
      const rowWith = (key: string) =>
        transaction.selectFrom('authorities').select('name').where('sealed_key', '=', key).executeTakeFirst()
      if (maybeDone && (await rowWith(sealedKey)) !== undefined) return true
      if ((await rowWith(before)) === undefined) return false
      const sealed = { sealed_key: sealedKey }
      await transaction.updateTable('authorities').set(sealed).where('sealed_key', '=', before).execute()
      const detail = 'its key, with another key-encryption key'
      await audit(transaction, by, { atMs, action: 'authority seal', detail })
      return true
    })
  }

  async addJoinToken(token: StoredJoinToken, by: Author): Promise<void> {
    const { id, hash, identity, names, createdAtMs, expiresAtMs } = token
    const row = {
      ...{ id, hash, identity, names: JSON.stringify(names), key_hash: '', serial: '' },
      ...{ created_at_ms: createdAtMs, expires_at_ms: expiresAtMs },
    }
    await transact(this.#database, async (transaction, { maybeDone }) => {
      await transaction
        .deleteFrom('join_tokens')
        .where('expires_at_ms', '<', createdAtMs - KEPT_MS)
        .execute()
      const query = transaction.selectFrom('join_tokens').select('id').where('id', '=', id)
      if (maybeDone && (await query.executeTakeFirst()) !== undefined) return
      await transaction.insertInto('join_tokens').values(row).execute()
      const detail = `for ${identity}, until ${new Date(expiresAtMs).toISOString()}`
      await audit(transaction, by, { atMs: createdAtMs, action: 'join token create', detail })
    })
  }

  async joinToken(hash: string): Promise<StoredJoinToken | null> {
    const query = this.#database.selectFrom('join_tokens').selectAll().where('hash', '=', hash)
    const row = await untilDone(() => query.executeTakeFirst())
    return row === undefined ? null : tokenOf(row)
  }

  async joinTokens(): Promise<readonly (StoredJoinToken & { readonly isSpent: boolean })[]> {
    const query = this.#database
      .selectFrom('join_tokens')
      .selectAll()
      .orderBy('created_at_ms', 'desc')
      .orderBy('id')
    const rows = await untilDone(() => query.execute())
    return rows.map((row) => ({ ...tokenOf(row), isSpent: row.serial !== '' }))
  }

  endJoinToken({ id, atMs }: { readonly id: string; readonly atMs: number }, by: Author): Promise<boolean> {
    return transact(this.#database, async (transaction) => {
      const query = transaction.selectFrom('join_tokens').selectAll().where('id', '=', id)
      const token = await query.executeTakeFirst()
      if (token === undefined) return false
      // Also what an earlier try, whose outcome was lost, has done.
      if (token.expires_at_ms <= atMs) return true
      const ended = { expires_at_ms: atMs }
      await transaction.updateTable('join_tokens').set(ended).where('id', '=', id).execute()
      await audit(transaction, by, {
        atMs,
        action: 'join token revoke',
        detail: `${id} for ${token.identity}`,
      })
      return true
    })
  }

  redeem({ hash, keyHash, certificate, terms }: Redemption, by: Author): Promise<RedemptionOutcome> {
    return transact(this.#database, async (transaction) => {
      const query = transaction.selectFrom('join_tokens').selectAll().where('hash', '=', hash)
      const token = await query.executeTakeFirst()
      if (token === undefined) return 'unknown'
      if (token.serial === certificate.serial) return 'issued'
      if (token.expires_at_ms <= certificate.issuedAtMs) return 'expired'
      if (token.key_hash !== '') {
        if (token.key_hash !== keyHash || (await isRevoked(transaction, token.serial))) return 'used'
      }
      const spent = { key_hash: keyHash, serial: certificate.serial }
      await transaction.updateTable('join_tokens').set(spent).where('id', '=', token.id).execute()
      await issue(transaction, { certificate, terms }, by)
      return 'issued'
    })
  }

  record(
    certificate: StoredCertificate,
    {
      instead,
      by,
      terms,
    }: { readonly instead: string | null; readonly by: Author; readonly terms?: IssueTerms },
  ): Promise<'issued' | 'revoked'> {
    return transact(this.#database, async (transaction, { maybeDone }) => {
      if (maybeDone && (await rowOf(transaction, certificate.serial)) !== undefined) return 'issued'
      if (instead !== null && (await isRevoked(transaction, instead))) return 'revoked'
      await issue(transaction, { certificate, terms }, by)
      return 'issued'
    })
  }

  async certificates(): Promise<readonly StoredCertificate[]> {
    const query = this.#database
      .selectFrom('certificates')
      .selectAll()
      .orderBy('issued_at_ms', 'desc')
      .orderBy('serial')
    return (await untilDone(() => query.execute())).map(certificateOf)
  }

  revoke({ by, atMs, untilMs }: Revocation, author: Author): Promise<RevocationOutcome> {
    return transact(this.#database, async (transaction) => {
      const [column, value] =
        'serial' in by ? (['serial', by.serial] as const) : (['identity', by.identity] as const)
      await transaction
        .updateTable('certificates')
        .set({ revoked_at_ms: atMs })
        .where(column, '=', value)
        .where('revoked_at_ms', '=', 0)
        .execute()
      const rows = await transaction
        .selectFrom('certificates')
        .selectAll()
        .where(column, '=', value)
        .execute()
      const detail = [value, ...rows.map(({ serial }) => serial).filter((serial) => serial !== value)].join(
        ' ',
      )
      const joinTokens = 'serial' in by ? 0 : await endTokensOf(transaction, by.identity, atMs)
      const ended = joinTokens === 0 ? '' : `, and ${joinTokens} of its join tokens`
      const isAdded = rows.length === 0 && 'serial' in by && untilMs !== null
      if (rows.length > 0 || joinTokens > 0 || isAdded)
        await audit(transaction, author, { atMs, action: 'certificate revoke', detail: `${detail}${ended}` })
      if (!isAdded) return { certificates: rows.map(certificateOf), joinTokens }
      const added = {
        serial: by.serial,
        identity: '',
        issuedAtMs: atMs,
        notAfterMs: untilMs,
        revokedAtMs: atMs,
      }
      await insert(transaction, added)
      return { certificates: [added], joinTokens }
    })
  }

  async revokedSince(atMs: number): Promise<readonly RevokedCertificate[]> {
    const query = this.#database
      .selectFrom('certificates')
      .select(['serial', 'not_after_ms'])
      .where('not_after_ms', '>', atMs)
      .where('revoked_at_ms', '>', 0)
      .orderBy('serial')
    return (await untilDone(() => query.execute())).map(({ serial, not_after_ms: notAfterMs }) => ({
      serial,
      notAfterMs,
    }))
  }
}

function rowOf(
  transaction: Transaction<StoreSchema>,
  serial: string,
): Promise<StoreSchema['certificates'] | undefined> {
  return transaction.selectFrom('certificates').selectAll().where('serial', '=', serial).executeTakeFirst()
}

async function isRevoked(transaction: Transaction<StoreSchema>, serial: string): Promise<boolean> {
  return ((await rowOf(transaction, serial))?.revoked_at_ms ?? 0) > 0
}

/** How many. */
async function endTokensOf(
  transaction: Transaction<StoreSchema>,
  identity: string,
  atMs: number,
): Promise<number> {
  const open = await transaction
    .selectFrom('join_tokens')
    .select('id')
    .where('identity', '=', identity)
    .where('serial', '=', '')
    .where('expires_at_ms', '>', atMs)
    .execute()
  for (const { id } of open)
    await transaction.updateTable('join_tokens').set({ expires_at_ms: atMs }).where('id', '=', id).execute()
  return open.length
}

async function issue(
  transaction: Transaction<StoreSchema>,
  {
    certificate,
    terms,
  }: { readonly certificate: StoredCertificate; readonly terms?: IssueTerms | undefined },
  by: Author,
): Promise<void> {
  await insert(transaction, certificate)
  if (terms !== undefined) await noteHolder(transaction, { ...certificate, ...terms, seenAtMs: null })
  const { serial, identity, issuedAtMs: atMs, notAfterMs } = certificate
  const detail = `serial ${serial} for ${identity}, until ${new Date(notAfterMs).toISOString()}`
  await audit(transaction, by, { atMs, action: 'certificate issue', detail })
}

async function insert(transaction: Transaction<StoreSchema>, certificate: StoredCertificate): Promise<void> {
  const { serial, identity, issuedAtMs, notAfterMs, revokedAtMs } = certificate
  await transaction
    .deleteFrom('certificates')
    .where('not_after_ms', '<', issuedAtMs - KEPT_MS)
    .execute()
  await deleteForgotten(transaction, issuedAtMs)
  const times = { issued_at_ms: issuedAtMs, not_after_ms: notAfterMs, revoked_at_ms: revokedAtMs ?? 0 }
  await racing(
    transaction
      .insertInto('certificates')
      .values({ serial, identity, ...times })
      .execute(),
  )
}

function tokenOf(row: StoreSchema['join_tokens']): StoredJoinToken {
  const { id, hash, identity, created_at_ms: createdAtMs, expires_at_ms: expiresAtMs } = row
  return { id, hash, identity, names: namesOf(row), createdAtMs, expiresAtMs }
}

function namesOf({ id, names }: StoreSchema['join_tokens']): readonly string[] {
  try {
    return z.array(z.string()).parse(JSON.parse(names))
  } catch (cause) {
    throw new DatabaseError('corrupt', `the stored join token ${id} is damaged: its names are no list`, {
      cause,
    })
  }
}
