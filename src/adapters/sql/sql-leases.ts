/**
 * Leases on an SQL database, the same for every engine; in the store, and beside the tables of PowerDNS.
 * What must stay true (test/contract/leases.ts): each step is one statement that names the row it expects, so that the database
 * itself decides who was first.
 */
import { sql, type Kysely, type QueryResult, type Transaction } from 'kysely'
import type { Lease } from '../../core/lease/lease.ts'
import type { LeaseStorage } from '../../ports/leases.ts'
import { untilDone, type Attempt } from './transact.ts'

interface LeaseRow {
  readonly name: string
  readonly holder: string
  readonly epoch: number
  readonly beat: number
  readonly lasts_ms: number
}

/** Whoever keeps a lease tries again by itself, and has to know that the database is away. */
const PATIENCE_MS = 1_000

export class SqlLeases<Schema> implements LeaseStorage {
  readonly #database: Kysely<Schema>

  /** The table must be there already; the database is closed by its owner. */
  constructor(database: Kysely<Schema>) {
    this.#database = database
  }

  async read(name: string): Promise<Lease | null> {
    const query = sql<LeaseRow>`select name, holder, epoch, beat, lasts_ms from leases where name = ${name}`
    const { rows } = await untilDone(() => query.execute(this.#database), PATIENCE_MS)
    const [row] = rows
    if (row === undefined) return null
    const { lasts_ms: lastsMs, ...lease } = row
    return { ...lease, lastsMs }
  }

  take(claim: Parameters<LeaseStorage['take']>[0], seen: Lease | null): Promise<Lease | null> {
    const { name, holder, lastsMs } = claim
    const taken: Lease = { name, holder, lastsMs, epoch: (seen?.epoch ?? 0) + 1, beat: 0 }
    return this.#transact(async (transaction, { maybeDone }) => {
      const result =
        seen === null
          ? await sql`insert into leases (name, holder, epoch, beat, lasts_ms)
              values (${name}, ${holder}, ${taken.epoch}, 0, ${lastsMs}) on conflict do nothing`.execute(
              transaction,
            )
          : await sql`update leases set holder = ${holder}, epoch = ${taken.epoch}, beat = 0, lasts_ms = ${lastsMs}
              where name = ${name} and holder = ${seen.holder} and epoch = ${seen.epoch}
              and beat = ${seen.beat}`.execute(transaction)
      if (isChanged(result)) return taken
      // An earlier try of ours may have got it: nobody else is this holder.
      return maybeDone && isChanged(await holding(taken).execute(transaction)) ? taken : null
    })
  }

  renew(lease: Lease): Promise<Lease | null> {
    const { name, holder, epoch } = lease
    const beat = lease.beat + 1
    return this.#transact(async (transaction) => {
      const result = await sql`update leases set beat = ${beat}
        where name = ${name} and holder = ${holder} and epoch = ${epoch}`.execute(transaction)
      return isChanged(result) ? { ...lease, beat } : null
    })
  }

  async release({ name, holder, epoch }: Lease): Promise<void> {
    await this.#transact(async (transaction) => {
      await sql`update leases set holder = ''
        where name = ${name} and holder = ${holder} and epoch = ${epoch}`.execute(transaction)
    })
  }

  #transact<T>(work: (transaction: Transaction<Schema>, attempt: Attempt) => Promise<T>): Promise<T> {
    return untilDone(
      (attempt) => this.#database.transaction().execute((transaction) => work(transaction, attempt)),
      PATIENCE_MS,
    )
  }
}

/**
 * Changes nothing, and hits no row when the lease is another one's. In a transaction that does the leased work it is what fences:
 * whoever takes over changes the same row, so that the one comes wholly before the other.
 */
export function holding({ name, holder, epoch }: Pick<Lease, 'name' | 'holder' | 'epoch'>) {
  return sql`update leases set epoch = epoch where name = ${name} and holder = ${holder} and epoch = ${epoch}`
}

export function isChanged({ numAffectedRows }: QueryResult<unknown>): boolean {
  return numAffectedRows === 1n
}
