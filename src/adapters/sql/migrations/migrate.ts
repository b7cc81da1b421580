/**
 * Brings a store's schema to what this program knows. It takes no lock (CockroachDB has no session advisory locks): each
 * step inserts its own number first, in its own transaction, so that of two runners one does the step and the other
 * finds the row there and goes on. What must stay true: a step is applied once and as a whole; beside a newer program an older one
 * works on, unless a step that it does not know says that it breaks older ones: then it is refused, never guessed at. Such a step
 * is an operator's decision where others may be at work on the store: it is refused, with all of its version, until it is asked for.
 */
import { sql, type Kysely, type Transaction } from 'kysely'
import { DatabaseError } from '../database-error.ts'
import { racing } from '../racing.ts'
import type { StoreSchema } from '../store-schema.ts'
import { transact } from '../transact.ts'
import type { Migration } from './migration.ts'

export interface MigrateOptions {
  /** How the store is called in errors: its path or address. */
  readonly place: string
  /** In order of their numbers. */
  readonly migrations: readonly Migration[]
  /** Whether a store that is in use may be taken from programs that are older. */
  readonly breaking: BreakingSteps
}

export type BreakingSteps = 'apply' | 'refuse'

/** Before the name of a step that older programs cannot live with. */
const BREAKING = 'breaking: '

/** Throws DatabaseError 'too-new', 'too-old'. Steps that were applied before a failure stay; the next run goes on from there. */
export async function migrate(
  database: Kysely<StoreSchema>,
  { place, migrations, breaking: breakingSteps }: MigrateOptions,
): Promise<void> {
  const known = Math.max(0, ...migrations.map((migration) => migration.number))
  const applied = (await stepsOf(database)) ?? (await transact(database, beginSteps))
  const breaking = Array.from(applied).filter(([number, name]) => number > known && name.startsWith(BREAKING))
  if (breaking.length > 0)
    throw new DatabaseError(
      'too-new',
      `the store ${place} was written by a newer fairlead (its schema is ${Math.max(...applied.keys())}, this program knows ${known}): ` +
        'run that version, or restore a backup from before it',
    )
  const missing = migrations.filter(({ number }) => !applied.has(number))
  const apart = missing.find(({ breaksOlder }) => breaksOlder)
  if (apart !== undefined && applied.size > 0 && breakingSteps === 'refuse')
    throw new DatabaseError(
      'too-old',
      `the store ${place} lacks the step '${apart.name}' (${apart.number}) of this fairlead, and no older one works with it: ` +
        "stop every control, take a backup, then run 'fairlead store migrate'",
    )
  for (const migration of missing)
    await transact(database, (transaction) => applyOnce(transaction, migration))
}

/** Names by number; null where nothing keeps them yet. A user who may not make tables gets by with reading. */
async function stepsOf(database: Kysely<StoreSchema>): Promise<ReadonlyMap<number, string> | null> {
  try {
    return await transact(database, readSteps, 'read only')
  } catch (error) {
    // What else is wrong with the statement is wrong with the next one as well.
    if (error instanceof DatabaseError && error.code === 'defect') return null
    throw error
  }
}

async function readSteps(transaction: Transaction<StoreSchema>): Promise<ReadonlyMap<number, string>> {
  const rows = await transaction.selectFrom('migrations').selectAll().execute()
  return new Map(rows.map(({ number, name }) => [number, name]))
}

async function beginSteps(transaction: Transaction<StoreSchema>): Promise<ReadonlyMap<number, string>> {
  await racing(
    sql`create table if not exists migrations (number integer not null primary key, name text not null)`.execute(
      transaction,
    ),
  )
  return readSteps(transaction)
}

/** Does nothing when another runner came first since we looked. */
async function applyOnce(
  transaction: Transaction<StoreSchema>,
  { number, name, breaksOlder, statements }: Migration,
): Promise<void> {
  const mine = await transaction
    .insertInto('migrations')
    .values({ number, name: breaksOlder ? `${BREAKING}${name}` : name })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (mine.numInsertedOrUpdatedRows === 0n) return
  for (const statement of statements) await sql.raw(statement).execute(transaction)
}
