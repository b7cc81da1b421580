/**
 * The audit log on an SQL database, the same for every engine.
 * What must stay true (test/contract/audit.ts): rows are inserted and read, never changed and never deleted.
 */
import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import type { AuditEntry, AuditLog, AuditPage } from '../../ports/audit.ts'
import { DatabaseError } from './database-error.ts'
import { prose } from './prose.ts'
import type { StoreSchema } from './store-schema.ts'
import { BATCH_ROWS } from './stored-rows.ts'
import { transact, untilDone } from './transact.ts'

const bodySchema = z.object({
  ...{ actor: z.string(), from: z.string(), action: z.string(), detail: z.string() },
  outcome: z.enum(['done', 'denied']),
  revision: z.int().nullable(),
  changes: z.array(z.object({ op: z.enum(['put', 'delete']), kind: z.string(), key: z.string() })),
  ...{ changeCount: z.int(), times: z.int() },
})

export class SqlAuditLog implements AuditLog {
  readonly #database: Kysely<StoreSchema>

  /** The store's own database, which closes it. */
  constructor(database: Kysely<StoreSchema>) {
    this.#database = database
  }

  append(entries: readonly AuditEntry[]): Promise<void> {
    return transact(this.#database, async (transaction) => {
      for (let start = 0; start < entries.length; start += BATCH_ROWS)
        await insertEntries(transaction, entries.slice(start, start + BATCH_ROWS))
    })
  }

  async read({ sinceMs, after, outcome, limit }: AuditPage): Promise<readonly AuditEntry[]> {
    let query = this.#entries(outcome).orderBy('at_ms').orderBy('id').limit(limit)
    if (sinceMs !== undefined) query = query.where('at_ms', '>=', sinceMs)
    if (after !== undefined)
      query = query.where((row) => row(row.refTuple('at_ms', 'id'), '>', row.tuple(after.atMs, after.id)))
    return (await untilDone(() => query.execute())).map(parseAuditRow)
  }

  async tail(limit: number, outcome?: AuditEntry['outcome']): Promise<readonly AuditEntry[]> {
    const query = this.#entries(outcome).orderBy('at_ms', 'desc').orderBy('id', 'desc').limit(limit)
    return (await untilDone(() => query.execute())).map(parseAuditRow).reverse()
  }

  #entries(outcome: AuditEntry['outcome'] | undefined) {
    const all = this.#database.selectFrom('audit').selectAll()
    // Within a text of the body the quotes have a backslash before them: this is the field and nothing that somebody wrote.
    return outcome === undefined ? all : all.where('body', 'like', `%"outcome":"${outcome}"%`)
  }
}

/** Part of another transaction: the write that they are about. */
export async function insertEntries(
  transaction: Transaction<StoreSchema>,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return
  const rows = entries.map(({ id, atMs, ...body }) => ({
    ...{ id, at_ms: atMs },
    body: JSON.stringify({ ...body, detail: prose(body.detail), actor: prose(body.actor) }),
  }))
  await transaction
    .insertInto('audit')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Throws DatabaseError 'corrupt' that names the entry. */
function parseAuditRow({ id, at_ms: atMs, body }: StoreSchema['audit']): AuditEntry {
  const place = `the audit entry '${id}' at ${atMs} of the store`
  try {
    return { id, atMs, ...bodySchema.parse(JSON.parse(body)) }
  } catch (cause) {
    throw new DatabaseError('corrupt', `${place} is damaged`, { cause })
  }
}
