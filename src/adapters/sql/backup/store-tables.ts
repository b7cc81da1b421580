/**
 * All that a store holds, as rows: for backups, copies and checks.
 * What must stay true: every table and column of StoreSchema but `migrations` stands here (the types see to it; leases are nothing to keep); rows come in
 * pages, and their digest does not depend on the order in which an engine sorts text.
 */
import { createHash } from 'node:crypto'
import { sql, type Transaction } from 'kysely'
import type { StoreSchema } from '../store-schema.ts'
import { BATCH_ROWS } from '../stored-rows.ts'

type TableName = Exclude<keyof StoreSchema, 'migrations'>
export type Value = string | number | null
/** Values in the order of the table's columns. */
export type Row = readonly Value[]

interface Table {
  readonly columns: readonly string[]
  /** How many of the columns, from the first, are the key. */
  readonly keyed: number
}

/** Those that are referred to come first. */
export const STORE_TABLES: Readonly<Record<TableName, Table>> = {
  revisions: columns('revisions', 1, ['number', 'change_set_id', 'author', 'at_ms', 'message']),
  changes: columns('changes', 2, ['revision', 'position', 'kind', 'key', 'before', 'after']),
  resources: columns('resources', 2, ['kind', 'key', 'revision', 'body']),
  tokens: columns('tokens', 1, ['id', 'name', 'hash', 'created_at_ms']),
  limited_tokens: columns('limited_tokens', 1, [
    ...(['id', 'name', 'hash', 'created_at_ms', 'role', 'scope', 'expires_at_ms'] as const),
  ]),
  logins: columns('logins', 1, ['hash', 'token_id', 'expires_at_ms']),
  audit: columns('audit', 2, ['at_ms', 'id', 'body']),
  proposals: columns('proposals', 1, ['id', 'at_ms', 'body', 'decision']),
  requests: columns('requests', 1, ['change_set_id', 'digest']),
  transitions: columns('transitions', 3, [
    ...(['endpoint', 'at_ms', 'control', 'from_state', 'to_state', 'degraded', 'body'] as const),
  ]),
  authorities: columns('authorities', 1, ['name', 'certificate', 'sealed_key', 'created_at_ms']),
  authority_steps: columns('authority_steps', 1, ['name', 'version', 'endorsements']),
  join_tokens: columns('join_tokens', 1, [
    ...(['id', 'hash', 'identity', 'names', 'created_at_ms', 'expires_at_ms', 'key_hash', 'serial'] as const),
  ]),
  certificates: columns('certificates', 1, [
    ...(['serial', 'identity', 'issued_at_ms', 'not_after_ms', 'revoked_at_ms'] as const),
  ]),
  certificate_holders: columns('certificate_holders', 1, [
    ...(['serial', 'identity', 'authority', 'believes'] as const),
    ...(['issued_at_ms', 'not_after_ms', 'seen_at_ms'] as const),
  ]),
}

export const TABLE_NAMES = Object.keys(STORE_TABLES) as readonly TableName[]

/** Every column of the table has to be there: a tuple that lacks one is no such union. */
function columns<T extends TableName, const C extends readonly (keyof StoreSchema[T] & string)[]>(
  _table: T,
  keyed: number,
  names: Exclude<keyof StoreSchema[T], C[number]> extends never ? C : never,
): Table {
  return { columns: names, keyed }
}

/** Of one state of the store, when the transaction sees one. */
export async function* rowsOf(
  transaction: Transaction<StoreSchema>,
  name: TableName,
): AsyncGenerator<readonly Row[]> {
  const { columns: names, keyed } = STORE_TABLES[name]
  const all = sql.join(names.map((column) => sql.ref(column)))
  const key = sql.join(names.slice(0, keyed).map((column) => sql.ref(column)))
  let after = sql``
  for (;;) {
    const query = sql<
      Record<string, Value>
    >`select ${all} from ${sql.table(name)} ${after} order by ${key} limit ${BATCH_ROWS}`
    const { rows } = await query.execute(transaction)
    const page = rows.map((row) => names.map((column) => row[column] ?? null))
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < BATCH_ROWS) return
    after = sql`where (${key}) > (${sql.join(last.slice(0, keyed))})`
  }
}

export async function insertRows(
  transaction: Transaction<StoreSchema>,
  name: TableName,
  rows: readonly Row[],
): Promise<void> {
  const names = sql.join(STORE_TABLES[name].columns.map((column) => sql.ref(column)))
  for (let start = 0; start < rows.length; start += BATCH_ROWS) {
    const values = rows.slice(start, start + BATCH_ROWS).map((row) => sql`(${sql.join(row)})`)
    await sql`insert into ${sql.table(name)} (${names}) values ${sql.join(values)}`.execute(transaction)
  }
}

/** Of a set of rows: the sum of their SHA-256, so that the order in which they come is nothing. */
export class RowsDigest {
  #sum = 0n
  readonly counts: Record<TableName, number> = {
    revisions: 0,
    changes: 0,
    resources: 0,
    tokens: 0,
    limited_tokens: 0,
    logins: 0,
    audit: 0,
    proposals: 0,
    requests: 0,
    transitions: 0,
    authorities: 0,
    authority_steps: 0,
    join_tokens: 0,
    certificates: 0,
    certificate_holders: 0,
  }

  add(table: TableName, row: Row): void {
    const hash = createHash('sha256')
      .update(JSON.stringify([table, row]))
      .digest('hex')
    this.#sum = BigInt.asUintN(256, this.#sum + BigInt(`0x${hash}`))
    this.counts[table] += 1
  }

  /** 64 hexadecimal digits. */
  text(): string {
    return this.#sum.toString(16).padStart(64, '0')
  }
}
