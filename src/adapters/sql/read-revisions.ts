/**
 * Revisions with their changes, from rows.
 * What must stay true: it costs what it gives; pages, with a turn of the event loop between two of them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { RecordedChange } from '../../ports/recorded-change.ts'
import type { Revision } from '../../ports/store.ts'
import type { StoreSchema } from './store-schema.ts'
import { BATCH_ROWS, parseChangeRow } from './stored-rows.ts'

/** 'taken': it is of another request. What was committed without a digest is taken for the same. */
export async function revisionOfChangeSet(
  database: Kysely<StoreSchema>,
  { id, requestDigest }: { readonly id: string; readonly requestDigest?: string | undefined },
): Promise<Revision | 'taken' | null> {
  const query = database.selectFrom('revisions').selectAll().where('change_set_id', '=', id)
  const rows = await query.execute()
  if (rows.length === 0) return null
  const asked = database.selectFrom('requests').select('digest').where('change_set_id', '=', id)
  const digest = (await asked.executeTakeFirst())?.digest
  if (digest !== undefined && requestDigest !== undefined && digest !== requestDigest) return 'taken'
  const [revision] = await withChanges(database, rows)
  return revision ?? null
}

/** `rows` are neighbours, since the numbering has no holes: their changes are one range. */
export async function withChanges(
  database: Kysely<StoreSchema>,
  rows: readonly StoreSchema['revisions'][],
): Promise<Revision[]> {
  const numbers = rows.map((row) => row.number)
  if (numbers.length === 0) return []
  const changes = new Map(numbers.map((number): [number, RecordedChange[]] => [number, []]))
  for await (const page of changePages(database, [Math.min(...numbers), Math.max(...numbers)]))
    for (const row of page) changes.get(row.revision)?.push(parseChangeRow(row))
  return rows.map((row) => revisionOf(row, changes.get(row.number) ?? []))
}

/**
 * The changes of the revisions from the first to the last, in their order. Several statements see one state without a
 * transaction too: what is committed never changes.
 */
async function* changePages(
  database: Kysely<StoreSchema>,
  [first, last]: readonly [number, number],
): AsyncGenerator<readonly StoreSchema['changes'][]> {
  const pages = database
    .selectFrom('changes')
    .selectAll()
    .where('revision', '<=', last)
    .orderBy('revision')
    .orderBy('position')
    .limit(BATCH_ROWS)
  let query = pages.where('revision', '>=', first)
  for (;;) {
    const page = await query.execute()
    yield page
    const end = page.at(-1)
    if (end === undefined || page.length < BATCH_ROWS) return
    query = pages.where((row) =>
      row(row.refTuple('revision', 'position'), '>', row.tuple(end.revision, end.position)),
    )
    await nextTurn()
  }
}

export function revisionOf(row: StoreSchema['revisions'], changes: readonly RecordedChange[]): Revision {
  const { number, change_set_id: changeSetId, author, at_ms: atMs, message } = row
  return { number, changeSetId, author, atMs, message, changes }
}
