/**
 * The one connection to an SQLite file: statements prepared once, values checked before they are bound.
 * What must stay true: what is read back is what was written. node:sqlite by itself stores NULL for NaN and for a Date
 * that comes first, replaces half a surrogate pair, and runs only the first of several statements, each without a word.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { DatabaseError } from './database-error.ts'
import { sqliteError } from './sqlite-error.ts'
import { whenFree } from './when-free.ts'

/** Kysely writes one text for each number of rows: the cache must not grow with them. */
const MAX_STATEMENTS = 200

interface Prepared {
  readonly statement: StatementSync
  readonly returnsRows: boolean
}

export class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #path: string
  readonly #busyTimeoutMs: number
  readonly #statements = new Map<string, Prepared>()
  #inTransaction = false

  constructor(database: DatabaseSync, path: string, busyTimeoutMs: number) {
    this.#database = database
    this.#path = path
    this.#busyTimeoutMs = busyTimeoutMs
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#whenFree(() => {
      const { statement, returnsRows } = this.#prepare(query.sql)
      const values = query.parameters.map(bindable)
      if (returnsRows) return { rows: statement.all(...values) as R[] }
      const { changes, lastInsertRowid } = statement.run(...values)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    })
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- Kysely asks for an asynchronous iterator, SQLite has none
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    const rows = this.#guarded(() => {
      // Not from the cache: a cached statement would be reset under the iterator by its next use.
      return this.#database.prepare(query.sql).iterate(...query.parameters.map(bindable))
    })
    for (;;) {
      const step = this.#guarded(() => rows.next())
      if (step.done === true) return
      yield { rows: [step.value as R] }
    }
  }

  async begin(statement: 'begin' | 'begin immediate'): Promise<void> {
    await this.#whenFree(() => {
      this.#database.exec(statement)
    })
    this.#inTransaction = true
  }

  commit(): void {
    this.#guarded(() => {
      this.#database.exec('commit')
    })
    this.#inTransaction = false
  }

  /** SQLite rolls some failures back by itself (full disk, I/O error): then there is nothing left to do. */
  rollback(): void {
    this.#inTransaction = false
    this.#guarded(() => {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('rollback')
    })
  }

  close(): void {
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
  }

  #whenFree<T>(run: () => T): Promise<T> {
    return whenFree(() => this.#guarded(run), this.#busyTimeoutMs)
  }

  #guarded<T>(run: () => T): T {
    try {
      if (this.#inTransaction && !this.#database.isTransaction)
        throw new DatabaseError(
          'defect',
          `the database ${this.#path} has rolled this transaction back before`,
        )
      return run()
    } catch (error) {
      throw sqliteError(error, this.#path)
    }
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql)
    if (known !== undefined) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const statement = this.#database.prepare(sql)
    const rest = sql.slice(statement.sourceSQL.length)
    if (rest.trim() !== '')
      throw new DatabaseError(
        'defect',
        `one statement at a time: '${rest.trim().slice(0, 80)}' would not run`,
      )
    const prepared = { statement, returnsRows: statement.columns().length > 0 }
    this.#statements.set(sql, prepared)
    const [oldest] = this.#statements.keys()
    if (this.#statements.size > MAX_STATEMENTS && oldest !== undefined) this.#statements.delete(oldest)
    return prepared
  }
}

/** The value as SQLite can keep it without loss; booleans are 1 and 0, as PowerDNS's own schema has them. */
function bindable(value: unknown, index: number): SQLInputValue {
  if (value === null || typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  // node:sqlite binds every number as a float, and a column without a type would keep 1 as 1.0.
  if (Number.isSafeInteger(value)) return BigInt(value as number)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'string' && value.isWellFormed()) return value
  if (value instanceof Uint8Array) return value
  throw new DatabaseError(
    'defect',
    `parameter ${index + 1} cannot be stored without loss: ${describe(value)}`,
  )
}

function describe(value: unknown): string {
  if (typeof value === 'string') return 'text that is not valid Unicode'
  if (typeof value === 'number') return String(value)
  return typeof value === 'object' ? (value?.constructor.name ?? 'an object') : typeof value
}
