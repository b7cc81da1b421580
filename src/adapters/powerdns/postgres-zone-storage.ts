/**
 * The shared PostgreSQL or CockroachDB that PowerDNS servers without an agent answer from (native mode).
 * What must stay true: one transaction a plan, and its first statement hits the row of the lease under which it is written: of a
 * writer that was taken over the database keeps nothing. What a writer knows of the tables it reads after it took the lease.
 */
import { Kysely, sql } from 'kysely'
import type { Lease } from '../../core/lease/lease.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LeaseStorage } from '../../ports/leases.ts'
import {
  FencedError,
  type StorageChange,
  type WriteResult,
  type ZoneStorage,
} from '../../ports/zone-storage.ts'
import { DatabaseError } from '../sql/database-error.ts'
import { FailoverPool, type PostgresLimits } from '../sql/postgres/failover-pool.ts'
import type { PostgresAddress } from '../sql/postgres/postgres-address.ts'
import { PostgresDialect } from '../sql/postgres/postgres-dialect.ts'
import { holding, isChanged, SqlLeases } from '../sql/sql-leases.ts'
import { loadImages } from './load-images.ts'
import { LuaRecords } from './lua-records.ts'
import type { PowerDnsSchema } from './schema.ts'
import { ACCOUNT } from './write-zone.ts'
import { ZoneTables, type PreparedWrite, type ZoneImages, type ZonesDone } from './zone-tables.ts'

/** A writer that stands still within a transaction holds the row of the lease for no longer. */
export const NATIVE_LIMITS: PostgresLimits = { idleInTransactionMs: 2_000 }
/** Of a transaction that lost a race, with its own heartbeat mostly. */
const MAX_RACES = 10
const TABLES = ['domains', 'records', 'cryptokeys', 'domainmetadata', 'tsigkeys', 'leases']

export class PostgresZoneStorage implements ZoneStorage {
  readonly leases: LeaseStorage
  readonly #database: Kysely<PowerDnsSchema>
  readonly #tables: ZoneTables
  readonly #pool: FailoverPool
  #breaks = 0
  #lease: Pick<Lease, 'name' | 'holder' | 'epoch'> | null = null
  readonly #place: string
  #hasTables = false
  /** null: to be read again before it is used. */
  #images: ZoneImages | null = null

  constructor({ address, clock }: { readonly address: PostgresAddress; readonly clock: Clock }) {
    this.#pool = new FailoverPool(address, NATIVE_LIMITS)
    this.#place = address.place
    this.#database = new Kysely({ dialect: new PostgresDialect(this.#pool, address.place) })
    const leases = new SqlLeases(this.#database)
    this.leases = {
      read: async (name) => {
        // What is said of tables that are not there is for an operator to mend.
        await this.#mustHaveTables()
        return leases.read(name)
      },
      take: (claim, seen) => leases.take(claim, seen),
      renew: (lease) => leases.renew(lease),
      release: (lease) => leases.release(lease),
    }
    this.#tables = new ZoneTables({ place: new LuaRecords(() => clock.monotonicMs()), clock })
  }

  /** From now on plans are written under this lease; null: under none, which is refused. */
  hold(lease: Lease | null): void {
    this.#lease = lease
    this.#images = null
  }

  /** Of the lease under which it writes; null: under none. */
  get epoch(): number | null {
    return this.#lease?.epoch ?? null
  }

  /** What was changed there by another hand is found at the next write. */
  forget(): void {
    this.#images = null
  }

  /** Whether a connection broke since this was asked: what was written before may be lost, as by a failover. */
  takeBreak(): boolean {
    const { breaks } = this.#pool
    const broke = breaks !== this.#breaks
    this.#breaks = breaks
    return broke
  }

  async zones(): Promise<readonly string[]> {
    return [...(await this.#load()).keys()]
  }

  serial(zone: string): number | null {
    return this.#images?.get(zone)?.serial ?? null
  }

  raiseSerial(zone: string, above: number): void {
    this.#tables.raiseSerial(zone, above)
  }

  /** Rejects with FencedError when another writer has the lease. */
  async write(change: StorageChange): Promise<WriteResult> {
    const lease = this.#lease
    if (lease === null) throw new FencedError('another writer publishes: nothing was written')
    try {
      const images = await this.#load()
      const prepared = this.#tables.prepare(images, change)
      const { removed, zones, refused } = prepared
      if (removed.length === 0 && zones.length === 0) return { written: [], removed, refused }
      const done = await this.#apply(lease, images, prepared)
      return this.#tables.committed(images, prepared, done)
    } catch (error) {
      // What the database holds now is not known for certain, and a commit that broke may have been kept.
      this.#images = null
      throw error
    }
  }

  async close(): Promise<void> {
    this.#lease = null
    this.#images = null
    await this.#database.destroy()
  }

  async #apply(
    lease: Pick<Lease, 'name' | 'holder' | 'epoch'>,
    images: ZoneImages,
    prepared: PreparedWrite,
  ): Promise<ZonesDone> {
    for (let races = 0; ; races += 1)
      try {
        return await this.#database.transaction().execute(async (transaction) => {
          if (!isChanged(await holding(lease).execute(transaction)))
            throw new FencedError(
              `the database refused a plan of epoch ${lease.epoch}: another writer has taken over`,
            )
          return this.#tables.apply(transaction, images, prepared)
        })
      } catch (error) {
        const isRaced = error instanceof DatabaseError && error.code === 'raced'
        if (!isRaced || races >= MAX_RACES) throw error
      }
  }

  async #load(): Promise<ZoneImages> {
    this.#images ??= await this.#database
      .transaction()
      .setAccessMode('read only')
      .execute((transaction) => loadImages(transaction, ACCOUNT))
    return this.#images
  }

  async #mustHaveTables(): Promise<void> {
    if (this.#hasTables) return
    const { rows } = await sql<{ table_name: string }>`select table_name from information_schema.tables
      where table_name in (${sql.join(TABLES)})`.execute(this.#database)
    this.#hasTables = new Set(rows.map(({ table_name: name }) => name)).size === TABLES.length
    if (!this.#hasTables)
      throw new DatabaseError(
        'access',
        `the database ${this.#place} has no tables of PowerDNS: \`fairlead powerdns-config --mode native --schema\` prints what makes them`,
      )
  }
}
