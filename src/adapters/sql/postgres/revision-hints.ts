/**
 * NOTIFY of PostgreSQL as a hint that something was committed: whoever polls looks at once. CockroachDB has none.
 * What must stay true: nothing depends on it: hints may be late, doubled or never come, and the poll goes on.
 */
import pg from 'pg'
import { sql, type Transaction } from 'kysely'
import type { StoreSchema } from '../store-schema.ts'
import { clientConfig, type FailoverPool } from './failover-pool.ts'
import type { PostgresAddress } from './postgres-address.ts'

const CHANNEL = 'fairlead_revision'
const AGAIN_MS = 1_000

/** Part of the commit: a listener hears of what is there, and of nothing that was rolled back. */
export async function announce(transaction: Transaction<StoreSchema>, revision: number): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${String(revision)})`.execute(transaction)
}

export class RevisionHints {
  readonly #address: PostgresAddress
  readonly #pool: Pick<FailoverPool, 'preferred'>
  readonly #listeners = new Set<() => void>()
  #client: pg.Client | null = null
  #timer: NodeJS.Timeout | null = null
  #isOpen = false

  constructor(address: PostgresAddress, pool: Pick<FailoverPool, 'preferred'>) {
    this.#address = address
    this.#pool = pool
  }

  open(): void {
    this.#isOpen = true
    this.#connect()
  }

  onHint(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Does not wait for a server that may be gone. */
  close(): void {
    this.#isOpen = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    const client = this.#client
    this.#client = null
    client?.end().catch(() => undefined)
  }

  #connect(): void {
    const host = this.#address.hosts[this.#pool.preferred]
    if (!this.#isOpen || host === undefined) return
    let client: pg.Client
    try {
      client = new pg.Client(clientConfig(this.#address, host))
    } catch {
      // A file of a certificate that cannot be read: the pool says so to whoever asks the store.
      this.#later()
      return
    }
    this.#client = client
    client.on('notification', () => {
      this.#tell()
    })
    client.on('error', () => undefined)
    client.on('end', () => {
      if (this.#client === client) this.#later()
    })
    client
      .connect()
      .then(() => client.query(`listen ${CHANNEL}`))
      // What was announced while nobody listened.
      .then(() => {
        this.#tell()
      })
      .catch(() => {
        // The poll says when the store does not answer; a connection that failed ends, or is ended, and is made again.
        if (this.#client === client) this.#later()
        return client.end().catch(() => undefined)
      })
  }

  #later(): void {
    this.#client = null
    if (!this.#isOpen) return
    this.#timer = setTimeout(() => {
      this.#connect()
    }, AGAIN_MS)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
