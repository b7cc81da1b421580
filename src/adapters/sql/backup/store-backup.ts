/**
 * A store as lines of JSON, and back: a header, a line for each row, a digest at the end.
 * What must stay true: a backup is one state of the store; a restore is all of it, into an empty store only, and what the store has
 * of it then is read back and verified by the digest before it counts; what was cut off or changed on its way is refused.
 */
import { z } from 'zod'
import type { Kysely, Transaction } from 'kysely'
import { DatabaseError } from '../database-error.ts'
import { MIGRATIONS } from '../migrations/all.ts'
import type { StoreSchema } from '../store-schema.ts'
import { BATCH_ROWS } from '../stored-rows.ts'
import { transact } from '../transact.ts'
import { insertRows, RowsDigest, rowsOf, STORE_TABLES, TABLE_NAMES, type Row } from './store-tables.ts'

export interface StoreContents {
  /** Number of the newest revision. */
  readonly head: number
  /** Equal for equal contents, whatever the engine. */
  readonly digest: string
  readonly rows: Readonly<Record<string, number>>
}

const FORMAT = 'fairlead-store-backup'
const SCHEMA = Math.max(...MIGRATIONS.map(({ number }) => number))
const headerSchema = z.object({ format: z.literal(FORMAT), schema: z.int().min(1) })
const rowSchema = z.tuple([
  z.enum(TABLE_NAMES as [(typeof TABLE_NAMES)[number]]),
  z.array(z.union([z.string(), z.number(), z.null()])),
])
const trailerSchema = z.object({ digest: z.string(), head: z.int() })

/** Lines without their ends. `emit` may be called again from the first line when the connection broke: `restart` says so before. */
export function backUp(
  database: Kysely<StoreSchema>,
  {
    emit,
    restart,
  }: { readonly emit: (line: string) => Promise<void>; readonly restart: () => Promise<void> },
): Promise<StoreContents> {
  return transact(
    database,
    async (transaction) => {
      await knowsAllOf(transaction)
      await restart()
      await emit(JSON.stringify({ format: FORMAT, schema: SCHEMA }))
      const contents = await readAll(transaction, (line) => emit(line))
      await emit(JSON.stringify({ digest: contents.digest, head: contents.head }))
      return contents
    },
    'read only',
  )
}

/** What a store holds, without keeping it. */
export function contentsOf(database: Kysely<StoreSchema>): Promise<StoreContents> {
  const reading = async (transaction: Transaction<StoreSchema>) => {
    await knowsAllOf(transaction)
    return readAll(transaction)
  }
  return transact(database, reading, 'read only')
}

/** A program that is older than the store would leave out what it does not know, and say that this is all. */
async function knowsAllOf(transaction: Transaction<StoreSchema>): Promise<void> {
  const steps = transaction.selectFrom('migrations').select('name').where('number', '>', SCHEMA)
  const [first] = await steps.orderBy('number').execute()
  if (first === undefined) return
  throw new DatabaseError(
    'too-new',
    `a newer fairlead has added '${first.name}' to the store, which this one (schema ${SCHEMA}) does not know: use that version`,
  )
}

async function readAll(
  transaction: Transaction<StoreSchema>,
  emit?: (line: string) => Promise<void>,
): Promise<StoreContents> {
  const digest = new RowsDigest()
  for (const table of TABLE_NAMES)
    for await (const page of rowsOf(transaction, table))
      for (const row of page) {
        digest.add(table, row)
        await emit?.(JSON.stringify([table, row]))
      }
  return { head: digest.counts.revisions, digest: digest.text(), rows: digest.counts }
}

/** `lines` gives them from the first one each time. Throws DatabaseError 'corrupt', 'too-new', 'constraint' (it is not empty). */
export function restore(
  database: Kysely<StoreSchema>,
  lines: () => AsyncIterable<string>,
): Promise<StoreContents> {
  return transact(database, async (transaction, { maybeDone }) => {
    const found = await readAll(transaction)
    const isEmpty = Object.values(found.rows).every((count) => count === 0)
    if (!isEmpty && !maybeDone)
      throw new DatabaseError(
        'constraint',
        `the store is not empty: it has ${inWords(found.rows)}. Restore into a new one`,
      )
    const given = await readLines(lines(), isEmpty ? transaction : null)
    const kept = isEmpty ? await readAll(transaction) : found
    if (kept.digest !== given.digest) throw notKept(kept, given, isEmpty)
    return kept
  })
}

/** Whether a backup is whole, and what it holds, without a store. Throws DatabaseError 'corrupt', 'too-new'. */
export function contentsOfBackup(lines: AsyncIterable<string>): Promise<StoreContents> {
  return readLines(lines, null)
}

function inWords(rows: StoreContents['rows']): string {
  return Object.entries(rows)
    .filter(([, count]) => count > 0)
    .map(([table, count]) => `${count} ${table.replaceAll('_', ' ')}`)
    .join(', ')
}

function notKept(kept: StoreContents, given: StoreContents, isOurs: boolean): DatabaseError {
  const differing = Object.entries(given.rows).filter(([table, count]) => kept.rows[table] !== count)
  const counts = differing.map(([table, count]) => `${kept.rows[table] ?? 0} ${table} of ${count}`)
  const what = `it has ${counts.length === 0 ? 'rows that differ' : counts.join(', ')}`
  return isOurs
    ? new DatabaseError(
        'corrupt',
        `the store does not hold what was put into it: ${what}. Nothing was kept; look for triggers and rules on its tables`,
      )
    : new DatabaseError(
        'constraint',
        `the connection broke while it committed, and the store holds something else now: ${what}. Restore into a new one`,
      )
}

/** Verified by their own digest; null: the rows go nowhere. */
async function readLines(
  lines: AsyncIterable<string>,
  into: Transaction<StoreSchema> | null,
): Promise<StoreContents> {
  const digest = new RowsDigest()
  if ((await takeIn(lines, digest, into)) !== digest.text())
    throw damaged(
      'its rows are not those that its digest was made of: it was changed, or cut off in its middle',
    )
  return { head: digest.counts.revisions, digest: digest.text(), rows: digest.counts }
}

/** The digest that the backup says. */
async function takeIn(
  lines: AsyncIterable<string>,
  digest: RowsDigest,
  into: Transaction<StoreSchema> | null,
): Promise<string> {
  let number = 0
  const batch: { table: (typeof TABLE_NAMES)[number] | null; rows: Row[] } = { table: null, rows: [] }
  const flush = async () => {
    try {
      if (batch.table !== null && into !== null) await insertRows(into, batch.table, batch.rows)
    } catch (error) {
      if (error instanceof DatabaseError && (error.code === 'unique' || error.code === 'constraint'))
        throw damaged('its rows do not go together', error)
      throw error
    }
    batch.rows = []
  }
  for await (const line of lines) {
    number += 1
    const value = parsed(line, number)
    if (number === 1) checkHeader(value)
    else if (Array.isArray(value)) {
      const [table, row] = rowOf(value, number)
      if (batch.table !== table || batch.rows.length >= BATCH_ROWS) await flush()
      batch.table = table
      batch.rows.push(row)
      digest.add(table, row)
    } else {
      await flush()
      const trailer = trailerSchema.safeParse(value)
      if (!trailer.success) throw damaged(`line ${number} is neither a row nor the end`)
      return trailer.data.digest
    }
  }
  throw damaged(number === 0 ? 'it is empty' : 'its end is missing: it was cut off')
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch (error) {
    throw damaged(`line ${number} is not JSON`, error)
  }
}

function checkHeader(value: unknown): void {
  const header = headerSchema.safeParse(value)
  if (!header.success) throw damaged(`line 1 is not the beginning of one ('${FORMAT}' is expected)`)
  if (header.data.schema > SCHEMA)
    throw new DatabaseError(
      'too-new',
      `the backup was written by a newer fairlead (its schema is ${header.data.schema}, this program knows ${SCHEMA})`,
    )
}

function rowOf(value: unknown, number: number): [(typeof TABLE_NAMES)[number], Row] {
  const found = rowSchema.safeParse(value)
  if (!found.success) throw damaged(`line ${number} is no row of a table that this program knows`)
  const [table, row] = found.data
  if (row.length !== STORE_TABLES[table].columns.length)
    throw damaged(
      `line ${number} has ${row.length} values, and ${table} has ${STORE_TABLES[table].columns.length} columns`,
    )
  return [table, row]
}

function damaged(why: string, cause?: unknown): DatabaseError {
  return new DatabaseError('corrupt', `the backup is damaged: ${why}`, { cause })
}
