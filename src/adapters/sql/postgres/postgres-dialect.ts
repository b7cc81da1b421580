/**
 * Kysely over the connections of a FailoverPool, for PostgreSQL and CockroachDB alike.
 * What must stay true: transactions that write are serializable, those that read see one state; a connection that broke is never
 * used again; whatever fails is a DatabaseError, and one that broke at the commit says that its outcome is not known.
 */
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import type pg from 'pg'
import { DatabaseError } from '../database-error.ts'
import type { FailoverPool } from './failover-pool.ts'
import { commitError, postgresError } from './postgres-error.ts'

export class PostgresDialect implements Dialect {
  readonly #pool: FailoverPool
  readonly #place: string

  /** `place` stands in errors. */
  constructor(pool: FailoverPool, place: string) {
    this.#pool = pool
    this.#place = place
  }

  createDriver(): Driver {
    return new PostgresDriver(this.#pool, this.#place)
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler()
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter()
  }

  createIntrospector(database: Kysely<unknown>): PostgresIntrospector {
    return new PostgresIntrospector(database)
  }
}

class PostgresDriver implements Driver {
  readonly #pool: FailoverPool
  readonly #place: string

  constructor(pool: FailoverPool, place: string) {
    this.#pool = pool
    this.#place = place
  }

  async init(): Promise<void> {
    // Connections are made when they are needed.
  }

  async acquireConnection(): Promise<PostgresConnection> {
    try {
      return new PostgresConnection(await this.#pool.connect(), this.#pool, this.#place)
    } catch (error) {
      throw postgresError(error, this.#place)
    }
  }

  async beginTransaction(connection: PostgresConnection, { accessMode }: TransactionSettings): Promise<void> {
    const mode =
      accessMode === 'read only'
        ? 'isolation level repeatable read read only'
        : 'isolation level serializable'
    await connection.run(`start transaction ${mode}`)
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    await connection.commit()
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.rollback()
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- Kysely asks for a promise
  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release()
  }

  destroy(): Promise<void> {
    return this.#pool.end()
  }
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient
  readonly #pool: FailoverPool
  readonly #place: string
  readonly #onError = () => {
    this.#isBroken = true
  }
  #isBroken = false

  constructor(client: pg.PoolClient, pool: FailoverPool, place: string) {
    this.#client = client
    this.#pool = pool
    this.#place = place
    client.on('error', this.#onError)
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount, command } = await this.run<R>(query.sql, query.parameters)
    const changes = command === 'SELECT' || rowCount === null ? {} : { numAffectedRows: BigInt(rowCount) }
    return { rows, ...changes }
  }

  // eslint-disable-next-line require-yield, @typescript-eslint/require-await -- nothing here streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new DatabaseError('defect', 'a store on PostgreSQL is read in pages, not as a stream')
  }

  async run<R>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<pg.QueryResult<R & pg.QueryResultRow>> {
    try {
      return await this.#client.query<R & pg.QueryResultRow>(sql, [...parameters])
    } catch (error) {
      throw this.#noted(postgresError(error, this.#place))
    }
  }

  async commit(): Promise<void> {
    try {
      const { command } = await this.#client.query('commit')
      // PostgreSQL rolls a failed transaction back when it is committed, and says so only here.
      if (command === 'ROLLBACK') throw new DatabaseError('raced', `the database ${this.#place} rolled back`)
    } catch (error) {
      throw this.#noted(commitError(error, this.#place))
    }
  }

  async rollback(): Promise<void> {
    if (this.#isBroken) return
    try {
      await this.#client.query('rollback')
    } catch {
      // The server ends it when the connection goes; what went wrong before is the error that counts.
      this.#isBroken = true
    }
  }

  release(): void {
    this.#client.off('error', this.#onError)
    if (this.#isBroken) this.#pool.isLost(this.#client)
    this.#client.release(this.#isBroken)
  }

  #noted(error: DatabaseError): DatabaseError {
    if (error.code === 'lost' || error.code === 'unknown') this.#isBroken = true
    return error
  }
}
