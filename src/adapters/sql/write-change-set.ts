/**
 * A change set as rows: its revision, its changes with what was there before, the resources that they leave behind.
 * What must stay true: it runs in one transaction; large ones go in batches, and the event loop turns between them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import type { Change, Kind } from '../../core/model/resource.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { RecordedChange } from '../../ports/recorded-change.ts'
import type { ChangeSet, Revision } from '../../ports/store.ts'
import { insertEntries } from './audit-log.ts'
import { prose } from './prose.ts'
import { revisionOf } from './read-revisions.ts'
import type { StoreSchema } from './store-schema.ts'
import { BATCH_ROWS, parseChangeRow } from './stored-rows.ts'

/** As revision `number`, with the resources that it leaves behind. */
export async function append(
  transaction: Transaction<StoreSchema>,
  number: number,
  changeSet: ChangeSet,
): Promise<Revision> {
  const { id, author, atMs, message, requestDigest, changes } = changeSet
  const row = { number, change_set_id: id, author: prose(author), at_ms: atMs, message: prose(message) }
  await transaction.insertInto('revisions').values(row).execute()
  if (requestDigest !== undefined)
    await transaction.insertInto('requests').values({ change_set_id: id, digest: requestDigest }).execute()
  let position = 0
  const recorded: RecordedChange[] = []
  for await (const batch of batches(changes)) {
    const before = await bodiesOf(transaction, batch)
    const rows = batch.map((change) => ({
      revision: number,
      position: position++,
      kind: change.kind,
      key: change.key,
      before: before.get(change.kind)?.get(change.key) ?? null,
      after: change.op === 'put' ? JSON.stringify(change.spec) : null,
    }))
    await transaction.insertInto('changes').values(rows).execute()
    await writeResources(transaction, rows)
    recorded.push(...rows.map(parseChangeRow))
  }
  await insertEntries(transaction, [auditOf(changeSet, number)])
  return revisionOf(row, recorded)
}

/** The whole of a large change set is in its revision. */
const AUDITED_CHANGES = 50

function auditOf(
  { id, atMs, author, from, message, note, changes }: ChangeSet,
  revision: number,
): AuditEntry {
  const touched = changes.slice(0, AUDITED_CHANGES).map(({ op, kind, key }) => ({ op, kind, key }))
  return {
    ...{ id, atMs, actor: author, from, action: 'change', outcome: 'done', revision, times: 1 },
    detail: [message, note].filter((text) => text !== undefined && text !== '').join('; '),
    ...{ changes: touched, changeCount: changes.length },
  }
}

/** Bodies as they are now, by kind and key. */
async function bodiesOf(
  transaction: Transaction<StoreSchema>,
  changes: readonly Change[],
): Promise<ReadonlyMap<Kind, ReadonlyMap<string, string>>> {
  const bodies = new Map<Kind, Map<string, string>>()
  for (const [kind, ofKind] of Map.groupBy(changes, (change) => change.kind)) {
    const keys = ofKind.map((change) => change.key)
    const query = transaction.selectFrom('resources').select(['key', 'body'])
    const rows = await query.where('kind', '=', kind).where('key', 'in', keys).execute()
    bodies.set(kind, new Map(rows.map((row) => [row.key, row.body])))
  }
  return bodies
}

async function writeResources(
  transaction: Transaction<StoreSchema>,
  changes: readonly StoreSchema['changes'][],
): Promise<void> {
  const put = changes.flatMap(({ kind, key, revision, after }) =>
    after === null ? [] : [{ kind, key, revision, body: after }],
  )
  if (put.length > 0)
    await transaction
      .insertInto('resources')
      .values(put)
      .onConflict((conflict) =>
        conflict.columns(['kind', 'key']).doUpdateSet((row) => ({
          revision: row.ref('excluded.revision'),
          body: row.ref('excluded.body'),
        })),
      )
      .execute()
  const deleted = changes.filter((change) => change.after === null)
  for (const [kind, ofKind] of Map.groupBy(deleted, (change) => change.kind)) {
    const keys = ofKind.map((change) => change.key)
    await transaction.deleteFrom('resources').where('kind', '=', kind).where('key', 'in', keys).execute()
  }
}

/** The rows in pieces, with a turn of the event loop between two of them. */
async function* batches<T>(rows: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < rows.length; start += BATCH_ROWS) {
    if (start > 0) await nextTurn()
    yield rows.slice(start, start + BATCH_ROWS)
  }
}
