/**
 * The authorities on an SQL database, the same for every engine: see ports/authority-store.ts for what must stay true.
 * What is run again after its connection broke finds what it wrote itself: the authority is in the state that the step leads to.
 */
import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { certifiedBy, livingHolders, withoutAuthority } from '../../core/trust/living-holders.ts'
import type { CertificateHolder } from '../../core/trust/living-holders.ts'
import type {
  AuthorityBook,
  AuthorityState,
  AuthorityStep,
  AuthorityStore,
  KnownAuthority,
  NextAuthority,
  StepOutcome,
} from '../../ports/authority-store.ts'
import type { Author } from '../../ports/trust-store.ts'
import { auditTrust } from './audit-trust.ts'
import { deleteForgotten, noteHolder } from './certificate-holders.ts'
import { DatabaseError } from './database-error.ts'
import { racing } from './racing.ts'
import type { StoreSchema } from './store-schema.ts'
import { certificateOf, holderOf } from './trust-rows.ts'
import { transact, untilDone } from './transact.ts'

/** Names of rows. The first is what programs know that are older than the others. */
const NAMES: Readonly<Record<AuthorityState, string>> = {
  current: 'cluster',
  next: 'next',
  retiring: 'retiring',
}
const STATES: readonly AuthorityState[] = ['current', 'retiring', 'next']
const endorsementsSchema = z.array(z.object({ of: z.string(), by: z.string(), signature: z.string() }))

export class SqlAuthorityStore implements AuthorityStore {
  readonly #database: Kysely<StoreSchema>

  /** The store's own database, which closes it. */
  constructor(database: Kysely<StoreSchema>) {
    this.#database = database
  }

  book(): Promise<AuthorityBook> {
    return transact(this.#database, readBook, 'read only')
  }

  begin(next: NextAuthority, by: Author): Promise<'done' | 'under-way'> {
    const { fingerprint, certificate, sealedKey, createdAtMs } = next
    return transact(this.#database, async (transaction) => {
      const book = await readBook(transaction)
      if (authorityIn(book, 'next')?.sealedKey === sealedKey) return 'done'
      const [current] = book.authorities
      if (book.authorities.length !== 1 || current?.certificate !== next.beside) return 'under-way'
      const row = { name: NAMES.next, certificate, sealed_key: sealedKey, created_at_ms: createdAtMs }
      await racing(transaction.insertInto('authorities').values(row).execute())
      await stepTo(transaction, book, {
        atMs: createdAtMs,
        endorsements: [...book.endorsements, ...next.endorsements],
      })
      const about = { atMs: createdAtMs, action: 'authority rotate', detail: `next ${fingerprint}` }
      await auditTrust(transaction, by, about)
      return 'done'
    })
  }

  promote(step: AuthorityStep, by: Author): Promise<StepOutcome> {
    const about = {
      from: 'next',
      to: 'current',
      action: 'authority promote',
      waitsFor: withoutAuthority,
    } as const
    return this.#step(step, by, {
      ...about,
      apply: async (transaction) => {
        await rename(transaction, 'current', 'retiring')
        await rename(transaction, 'next', 'current')
        const { atMs } = step
        const unused = transaction
          .updateTable('join_tokens')
          .set({ expires_at_ms: atMs })
          .where('key_hash', '=', '')
        await unused.where('expires_at_ms', '>', atMs).execute()
      },
    })
  }

  retire(step: AuthorityStep, by: Author): Promise<StepOutcome> {
    const about = { from: 'retiring', to: null, action: 'authority retire', waitsFor: certifiedBy } as const
    return this.#step(step, by, { ...about, apply: (transaction) => remove(transaction, 'retiring') })
  }

  abandon(step: AuthorityStep, by: Author): Promise<StepOutcome> {
    const about = { from: 'next', to: null, action: 'authority abandon', waitsFor: () => [] } as const
    return this.#step(step, by, { ...about, apply: (transaction) => remove(transaction, 'next') })
  }

  async note(holder: CertificateHolder): Promise<void> {
    const query = this.#database
      .selectFrom('certificate_holders')
      .selectAll()
      .where('serial', '=', holder.serial)
    const row = await untilDone(() => query.executeTakeFirst())
    const known = row === undefined ? null : holderOf(row)
    if (known !== null && known.seenAtMs !== null && isSame(known, holder)) return
    await transact(this.#database, async (transaction) => {
      await deleteForgotten(transaction, holder.issuedAtMs)
      await noteHolder(transaction, holder)
    })
  }

  holders({
    unsaid,
    atMs,
  }: {
    readonly unsaid: string
    readonly atMs: number
  }): Promise<readonly CertificateHolder[]> {
    return transact(this.#database, (transaction) => readHolders(transaction, { unsaid, atMs }), 'read only')
  }

  #step(
    step: AuthorityStep,
    by: Author,
    about: {
      readonly from: AuthorityState
      /** null: gone. */
      readonly to: AuthorityState | null
      readonly action: string
      readonly waitsFor: (holders: readonly CertificateHolder[], fingerprint: string) => readonly string[]
      readonly apply: (transaction: Transaction<StoreSchema>) => Promise<void>
    },
  ): Promise<StepOutcome> {
    const { from, to, action, waitsFor, apply } = about
    const { fingerprint, certificate, atMs, force } = step
    return transact(this.#database, async (transaction, { maybeDone }) => {
      const book = await readBook(transaction)
      const subject = book.authorities.find((one) => one.certificate === certificate)
      if (maybeDone && (subject?.state ?? null) === to) return { kind: 'done' }
      if (subject?.state !== from) return { kind: 'absent' }
      const identities = waitsFor(await readHolders(transaction, step), fingerprint)
      if (identities.length > 0 && force === null) return { kind: 'waiting', identities }
      await apply(transaction)
      const left = to === null ? book.endorsements.filter(({ of }) => of !== fingerprint) : book.endorsements
      await stepTo(transaction, book, { atMs, endorsements: left })
      const forced = force === null ? '' : `, by force (${force}), without ${identities.join(' ') || 'need'}`
      await auditTrust(transaction, by, { atMs, action, detail: `${fingerprint}${forced}` })
      return { kind: 'done' }
    })
  }
}

function isSame(one: CertificateHolder, other: CertificateHolder): boolean {
  return one.authority === other.authority && one.believes.join() === other.believes.join()
}

async function readHolders(
  transaction: Transaction<StoreSchema>,
  { unsaid, atMs: nowMs }: { readonly unsaid: string; readonly atMs: number },
): Promise<CertificateHolder[]> {
  const certificates = await transaction.selectFrom('certificates').selectAll().execute()
  const noted = await transaction.selectFrom('certificate_holders').selectAll().execute()
  return livingHolders({
    ...{ certificates: certificates.map(certificateOf), noted: noted.map(holderOf), unsaid, nowMs },
  })
}

async function readBook(transaction: Transaction<StoreSchema>): Promise<AuthorityBook> {
  const rows = await transaction.selectFrom('authorities').selectAll().execute()
  const last = await transaction
    .selectFrom('authority_steps')
    .selectAll()
    .where('name', '=', NAMES.current)
    .executeTakeFirst()
  const authorities = STATES.flatMap((state) =>
    rows.filter(({ name }) => name === NAMES[state]).map((row) => knownOf(row, state)),
  )
  return {
    version: last?.version ?? 0,
    authorities,
    endorsements: last === undefined ? [] : endorsementsOf(last),
  }
}

function authorityIn(book: AuthorityBook, state: AuthorityState): KnownAuthority | undefined {
  return book.authorities.find((one) => one.state === state)
}

function knownOf(row: StoreSchema['authorities'], state: AuthorityState): KnownAuthority {
  return { state, certificate: row.certificate, sealedKey: row.sealed_key, createdAtMs: row.created_at_ms }
}

function endorsementsOf({ endorsements }: StoreSchema['authority_steps']) {
  try {
    return endorsementsSchema.parse(JSON.parse(endorsements))
  } catch (cause) {
    throw new DatabaseError('corrupt', 'the stored endorsements of the authorities are damaged', { cause })
  }
}

/** Higher than any before, also where the clock of another control was ahead. */
async function stepTo(
  transaction: Transaction<StoreSchema>,
  { version: before }: AuthorityBook,
  { atMs, endorsements }: { readonly atMs: number; readonly endorsements: AuthorityBook['endorsements'] },
): Promise<void> {
  const row = { version: Math.max(before + 1, atMs), endorsements: JSON.stringify(endorsements) }
  if (before > 0)
    await transaction.updateTable('authority_steps').set(row).where('name', '=', NAMES.current).execute()
  else
    await racing(
      transaction
        .insertInto('authority_steps')
        .values({ name: NAMES.current, ...row })
        .execute(),
    )
}

async function rename(
  transaction: Transaction<StoreSchema>,
  from: AuthorityState,
  to: AuthorityState,
): Promise<void> {
  await transaction
    .updateTable('authorities')
    .set({ name: NAMES[to] })
    .where('name', '=', NAMES[from])
    .execute()
}

async function remove(transaction: Transaction<StoreSchema>, state: AuthorityState): Promise<void> {
  await transaction.deleteFrom('authorities').where('name', '=', NAMES[state]).execute()
}
