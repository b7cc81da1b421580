/**
 * The history of transitions on an SQL database, the same for every engine.
 * What must stay true (test/contract/history.ts): what several controls saw of one transition stands once; reading and pruning
 * cost what they give and take, not what there is.
 */
import type { Kysely, SelectQueryBuilder, Transaction } from 'kysely'
import type { HistoryPage, RecordedTransition, TransitionHistory } from '../../ports/history.ts'
import type { StoreSchema } from './store-schema.ts'
import { parseTransitionRow } from './stored-rows.ts'
import { transact, untilDone } from './transact.ts'

/** Clocks of controls, and the time that a frame takes to each of them, differ by less. */
const SAME_WITHIN_MS = 5_000

export class SqlTransitionHistory implements TransitionHistory {
  readonly #database: Kysely<StoreSchema>

  /** The store's own database, which closes it. */
  constructor(database: Kysely<StoreSchema>) {
    this.#database = database
  }

  record(transitions: readonly RecordedTransition[]): Promise<number> {
    return transact(this.#database, async (transaction) => {
      let written = 0
      for (const one of transitions) if (await insertNew(transaction, one)) written += 1
      return written
    })
  }

  async of(endpoint: string, { before, since, limit }: HistoryPage): Promise<readonly RecordedTransition[]> {
    let query = this.#database.selectFrom('transitions').selectAll().where('endpoint', '=', endpoint)
    if (before !== undefined) query = query.where('at_ms', '<', before)
    if (since !== undefined) query = query.where('at_ms', '>=', since)
    const page = query.orderBy('at_ms', 'desc').orderBy('control').limit(limit)
    const rows = await untilDone(() => page.execute())
    return rows.map(parseTransitionRow)
  }

  asOf(atMs: number): Promise<readonly RecordedTransition[]> {
    const latest = this.#database
      .selectFrom('transitions')
      .select((all) => ['endpoint', all.fn.max<number>('at_ms').as('at_ms')])
      .where('at_ms', '<=', atMs)
      .groupBy('endpoint')
    return this.#thoseOf(latest)
  }

  firstAfter(atMs: number): Promise<readonly RecordedTransition[]> {
    const earliest = this.#database
      .selectFrom('transitions')
      .select((all) => ['endpoint', all.fn.min<number>('at_ms').as('at_ms')])
      .where('at_ms', '>', atMs)
      .groupBy('endpoint')
    return this.#thoseOf(earliest)
  }

  async #thoseOf(
    moments: SelectQueryBuilder<StoreSchema, 'transitions', { endpoint: string; at_ms: number }>,
  ): Promise<readonly RecordedTransition[]> {
    const query = this.#database
      .selectFrom('transitions')
      .innerJoin(moments.as('moments'), (join) =>
        join
          .onRef('moments.endpoint', '=', 'transitions.endpoint')
          .onRef('moments.at_ms', '=', 'transitions.at_ms'),
      )
      .selectAll('transitions')
      .orderBy('transitions.endpoint')
      .orderBy('transitions.control')
    const rows = await untilDone(() => query.execute())
    // Two controls in the very same millisecond: one of them is enough.
    return [...new Map(rows.map((row) => [row.endpoint, row])).values()].map(parseTransitionRow)
  }

  prune(beforeMs: number, limit: number): Promise<number> {
    return transact(this.#database, async (transaction) => {
      const rows = await transaction
        .selectFrom('transitions')
        .select(['endpoint', 'at_ms', 'control'])
        .where('at_ms', '<', beforeMs)
        .orderBy('at_ms')
        .limit(limit)
        .execute()
      for (const { endpoint, at_ms, control } of rows)
        await transaction
          .deleteFrom('transitions')
          .where('endpoint', '=', endpoint)
          .where('at_ms', '=', at_ms)
          .where('control', '=', control)
          .execute()
      return rows.length
    })
  }
}

async function insertNew(transaction: Transaction<StoreSchema>, one: RecordedTransition): Promise<boolean> {
  const { endpoint, atMs, control, from, to, degraded, ...body } = one
  const same = await transaction
    .selectFrom('transitions')
    .select('at_ms')
    .where('endpoint', '=', endpoint)
    .where('at_ms', '>', atMs - SAME_WITHIN_MS)
    .where('at_ms', '<', atMs + SAME_WITHIN_MS)
    .where('to_state', '=', to)
    .where('degraded', '=', degraded ? 1 : 0)
    .where('control', '<>', control)
    .limit(1)
    .executeTakeFirst()
  if (same !== undefined) return false
  const result = await transaction
    .insertInto('transitions')
    .values({
      ...{ endpoint, at_ms: atMs, control, from_state: from, to_state: to },
      ...{ degraded: degraded ? 1 : 0, body: JSON.stringify(body) },
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}
