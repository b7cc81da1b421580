/**
 * Whether a store is what it should be: every row verifies, revisions have no holes, and the resources are what the revisions leave.
 * What must stay true: it only reads, in one state of the store.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Kysely, Transaction } from 'kysely'
import { DatabaseError } from '../database-error.ts'
import { parseChangeRow, parseResourceRow, parseTransitionRow } from '../stored-rows.ts'
import type { StoreSchema } from '../store-schema.ts'
import { transact } from '../transact.ts'
import { rowsOf, STORE_TABLES, type TABLE_NAMES } from './store-tables.ts'

type TableName = (typeof TABLE_NAMES)[number]

/** Throws DatabaseError 'corrupt' that names the place. */
export function verifyContents(database: Kysely<StoreSchema>): Promise<void> {
  return transact(database, verify, 'read only')
}

async function verify(transaction: Transaction<StoreSchema>): Promise<void> {
  let last = 0
  for await (const { number } of each(transaction, 'revisions')) {
    if (number !== last + 1) throw corrupt(`revision ${number} follows revision ${last}`)
    last = number
  }
  const left = new Map<string, { readonly revision: number; readonly body: unknown }>()
  for await (const row of each(transaction, 'changes')) {
    if (row.revision > last) throw corrupt(`revision ${row.revision} has changes, and is not there itself`)
    const { kind, key, after } = parseChangeRow(row)
    if (after === null) left.delete(`${kind} ${key}`)
    else left.set(`${kind} ${key}`, { revision: row.revision, body: after })
  }
  for await (const row of each(transaction, 'resources')) {
    parseResourceRow(row)
    const name = `${row.kind} ${row.key}`
    const expected = left.get(name)
    if (!isDeepStrictEqual(expected, { revision: row.revision, body: JSON.parse(row.body) as unknown }))
      throw corrupt(
        `the stored ${row.kind} '${row.key}' is not what revision ${expected?.revision ?? 'none'} left`,
      )
    left.delete(name)
  }
  const [missing] = left.keys()
  if (missing !== undefined) throw corrupt(`${missing} is missing, and no revision deleted it`)
  for await (const row of each(transaction, 'transitions')) parseTransitionRow(row)
}

async function* each<T extends TableName>(
  transaction: Transaction<StoreSchema>,
  table: T,
): AsyncGenerator<StoreSchema[T]> {
  const { columns } = STORE_TABLES[table]
  for await (const page of rowsOf(transaction, table))
    for (const row of page)
      yield Object.fromEntries(
        columns.map((column, index) => [column, row[index]]),
      ) as unknown as StoreSchema[T]
}

function corrupt(why: string): DatabaseError {
  return new DatabaseError('corrupt', `the store is damaged: ${why}`)
}
