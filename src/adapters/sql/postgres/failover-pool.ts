/**
 * Connections to whichever of several servers takes writes.
 * What must stay true: few connections to each server, also while all fail; a server that stopped taking writes gets no new work;
 * the server that worked last is tried first, so that nothing but a failover costs a look at others.
 */
import pg from 'pg'
import type { PostgresAddress } from './postgres-address.ts'

const MAX_CONNECTIONS = 8
const IDLE_MS = 30_000
/** The server's own limits, and a little later ours, for a server that is gone without a word. */
const STATEMENT_MS = 10_000
const ANSWER_MS = 12_000
const IDLE_IN_TRANSACTION_MS = 15_000
const KEEP_ALIVE_MS = 5_000

export interface PostgresLimits {
  /** After so long without a statement within a transaction the server ends it, with its connection. */
  readonly idleInTransactionMs?: number
}

export class FailoverPool {
  readonly #address: PostgresAddress
  readonly #pools: readonly pg.Pool[]
  /** Those that are known to take writes; none of before a connection to their server broke. */
  readonly #checked: WeakSet<pg.PoolClient>[]
  readonly #seen = new WeakSet<pg.PoolClient>()
  #preferred = 0
  #breaks = 0

  constructor(address: PostgresAddress, limits: PostgresLimits = {}) {
    this.#address = address
    this.#checked = address.hosts.map(() => new WeakSet())
    this.#pools = address.hosts.map((host) => {
      const pool = new pg.Pool({
        ...{ max: MAX_CONNECTIONS, idleTimeoutMillis: IDLE_MS },
        connectionTimeoutMillis: address.connectTimeoutMs,
        // Each connection by settings of its own: files of certificates may have been renewed.
        Client: class extends pg.Client {
          constructor() {
            super(clientConfig(address, host, limits))
          }
        },
      })
      // An idle connection that breaks is taken out of the pool by itself; whoever uses one is told by the statement.
      pool.on('error', () => {
        this.#breaks += 1
      })
      return pool
    })
  }

  /** To be given back by `release(true)` when it broke. Rejects with the last server's error. */
  async connect(): Promise<pg.PoolClient> {
    let last: unknown
    for (let step = 0; step < this.#pools.length; step += 1) {
      const index = (this.#preferred + step) % this.#pools.length
      try {
        const client = await this.#connectTo(index)
        this.#preferred = index
        return client
      } catch (error) {
        last = error
      }
    }
    // Not the same one first again.
    this.#preferred = (this.#preferred + 1) % this.#pools.length
    throw last
  }

  /** Index of the server that worked last. */
  get preferred(): number {
    return this.#preferred
  }

  /** How many connections broke so far: a server may have come back without its last commits, or another one stands in its place. */
  get breaks(): number {
    return this.#breaks
  }

  async end(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()))
  }

  /** It broke: the idle ones to the same server may be dead without a word, and are not used again. */
  isLost(client: pg.PoolClient): void {
    this.#breaks += 1
    const index = this.#checked.findIndex((checked) => checked.has(client))
    if (index !== -1) this.#checked[index] = new WeakSet()
  }

  async #connectTo(index: number): Promise<pg.PoolClient> {
    const pool = this.#pools[index] as pg.Pool
    const checked = this.#checked[index] as WeakSet<pg.PoolClient>
    for (;;) {
      const client = await pool.connect()
      if (checked.has(client)) return client
      // Seen before, and not among those that are known now.
      if (this.#seen.has(client)) {
        client.release(true)
        continue
      }
      this.#seen.add(client)
      try {
        if (this.#address.needsWrites) await mustTakeWrites(client)
      } catch (error) {
        client.release(true)
        throw error
      }
      checked.add(client)
      return client
    }
  }
}

/** Of one connection. */
export function clientConfig(
  { user, password, database, tls, connectTimeoutMs }: PostgresAddress,
  { host, port }: PostgresAddress['hosts'][number],
  { idleInTransactionMs = IDLE_IN_TRANSACTION_MS }: PostgresLimits = {},
): pg.ClientConfig {
  return {
    ...{ host, port, user, password, database, application_name: 'fairlead' },
    ssl: tls === false ? false : tls(),
    ...{
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    },
    ...{ statement_timeout: STATEMENT_MS, query_timeout: ANSWER_MS },
    idle_in_transaction_session_timeout: idleInTransactionMs,
    types: { getTypeParser: parserOf },
  }
}

async function mustTakeWrites(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>('show transaction_read_only')
  if (rows[0]?.transaction_read_only !== 'off')
    throw new Error(`the server ${client.host}:${client.port} takes no writes: it is a standby`)
}

function parserOf(oid: Parameters<typeof pg.types.getTypeParser>[0]): (text: string) => unknown {
  return oid === pg.types.builtins.INT8
    ? safeInteger
    : (pg.types.getTypeParser(oid) as (text: string) => unknown)
}

/** Numbers of revisions and milliseconds: all of them are exact in a double. */
function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value))
    throw new RangeError(`the database gave ${text}, which no number here can be`)
  return value
}
