/**
 * Kysely over node:sqlite: opens a file the way Fairlead uses SQLite (WAL, one writer at a time, owner-only files) and
 * gives the query builder for it. The control store and the nameserver's PowerDNS database both stand on it.
 * What must stay true: one connection, so Kysely's own mutex (supportsMultipleConnections = false, which SqliteAdapter
 * says) keeps statements of others out of an open transaction; writers take the lock at BEGIN, so no transaction finds
 * out in its middle that it must be run again; nobody waits for a lock by blocking the event loop.
 */
import { closeSync, fchmodSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import {
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type TransactionSettings,
} from 'kysely'
import { DatabaseError } from './database-error.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { sqliteError } from './sqlite-error.ts'
import { whenFree } from './when-free.ts'

export interface SqliteOptions {
  /** A file, which is made if it is not there, or ':memory:'. */
  readonly path: string
  /** full: a commit is on the disk before it is acknowledged. normal, off: only for what can be rebuilt. */
  readonly synchronous: 'full' | 'normal' | 'off'
  readonly readOnly?: boolean
  /** How long a statement waits for another process's lock before it fails as 'busy'. */
  readonly busyTimeoutMs?: number
  /** Permissions of a new file; SQLite gives the same to the files beside it (-wal, -shm). */
  readonly mode?: number
}

const DEFAULT_BUSY_TIMEOUT_MS = 5_000
/** Truncate the log to this after a checkpoint, so that one large change does not hold its room for ever. */
const JOURNAL_LIMIT_BYTES = 16 * 1_024 * 1_024

/**
 * Opens the file and reads its header. Throws DatabaseError: 'access', 'corrupt' (no database), 'disk-full', 'busy'.
 * `await result.destroy()` waits for the transaction under way and closes the file.
 */
export async function openSqlite<Schema>(options: SqliteOptions): Promise<Kysely<Schema>> {
  const database = new Kysely<Schema>({ dialect: new SqliteDialect(options) })
  try {
    await sql`select count(*) from sqlite_schema`.execute(database)
    return database
  } catch (error) {
    await database.destroy()
    throw error
  }
}

function openDatabase({ path, synchronous, readOnly = false, mode = 0o600 }: SqliteOptions): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    // The file system's own error says why; SQLite's says only "unable to open database file".
    if (path !== ':memory:') touchFile(path, readOnly ? null : mode)
    database = new DatabaseSync(path, { readOnly, timeout: 0, defensive: true })
    if (!readOnly) useWriteAheadLog(database, path)
    database.exec(
      `pragma synchronous = ${synchronous}; pragma foreign_keys = on; pragma trusted_schema = off`,
    )
    database.exec(`pragma wal_autocheckpoint = 1000; pragma journal_size_limit = ${JOURNAL_LIMIT_BYTES}`)
    return database
  } catch (error) {
    database?.close()
    throw sqliteError(error, path)
  }
}

/** `mode` null: it must be there. A new one gets the whole mode, whatever the umask: another user may have to write to it. */
function touchFile(path: string, mode: number | null): void {
  let file: number
  try {
    file = openSync(path, mode === null ? 'r' : 'ax', mode)
  } catch (error) {
    if (mode === null || !(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    closeSync(openSync(path, 'a', mode))
    return
  }
  try {
    if (mode !== null) fchmodSync(file, mode)
  } finally {
    closeSync(file)
  }
}

/** Readers do not wait for writers then; it is a property of the file and outlives the connection. */
function useWriteAheadLog(database: DatabaseSync, path: string): void {
  const mode = database.prepare('pragma journal_mode = wal').get()?.['journal_mode']
  if (mode !== 'wal' && path !== ':memory:')
    throw new DatabaseError(
      'access',
      `the database ${path} is on a file system without shared memory (WAL mode)`,
    )
}

class SqliteDialect implements Dialect {
  readonly #options: SqliteOptions

  constructor(options: SqliteOptions) {
    this.#options = options
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#options)
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapter()
  }

  createIntrospector(database: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(database)
  }
}

class SqliteDriver implements Driver {
  readonly #options: SqliteOptions
  #connection: SqliteConnection | null = null
  /** Settles when the present user of the connection gives it back. */
  #use: PromiseWithResolvers<void> | null = null

  constructor(options: SqliteOptions) {
    this.#options = options
  }

  async init(): Promise<void> {
    const database = await whenFree(() => openDatabase(this.#options), this.#busyTimeoutMs)
    this.#connection = new SqliteConnection(database, this.#options.path, this.#busyTimeoutMs)
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- asynchronous so that a fault is a rejection
  async acquireConnection(): Promise<DatabaseConnection> {
    this.#use = Promise.withResolvers()
    return this.#opened
  }

  releaseConnection(): Promise<void> {
    this.#use?.resolve()
    this.#use = null
    return Promise.resolve()
  }

  async beginTransaction(_connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const statement = settings.accessMode === 'read only' ? 'begin' : 'begin immediate'
    await this.#opened.begin(statement)
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- asynchronous so that a fault is a rejection
  async commitTransaction(): Promise<void> {
    this.#opened.commit()
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- asynchronous so that a fault is a rejection
  async rollbackTransaction(): Promise<void> {
    this.#opened.rollback()
  }

  async destroy(): Promise<void> {
    await this.#use?.promise
    this.#connection?.close()
  }

  get #busyTimeoutMs(): number {
    return this.#options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS
  }

  get #opened(): SqliteConnection {
    if (this.#connection === null)
      throw new DatabaseError('defect', 'the database is used before it is opened')
    return this.#connection
  }
}
