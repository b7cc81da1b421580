/**
 * Proposals on an SQL database, the same for every engine.
 * What must stay true (test/contract/proposals.ts): a body is never changed; a decision is written where there is none, in the
 * transaction of its audit entry.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { KINDS } from '../../core/model/resource.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type {
  Proposal,
  ProposalDecision,
  ProposalPage,
  ProposalStore,
  ProposalSummary,
} from '../../ports/proposals.ts'
import type { ChangeSet, Revision } from '../../ports/store.ts'
import { insertEntries } from './audit-log.ts'
import { DatabaseError } from './database-error.ts'
import { prose } from './prose.ts'
import type { StoreSchema } from './store-schema.ts'
import { transact, untilDone } from './transact.ts'

const bodySchema = z.object({
  ...{ author: z.string(), from: z.string(), message: z.string(), force: z.boolean() },
  ...{ requestDigest: z.string().default(''), breakGlass: z.string().nullable() },
  requested: z.array(z.unknown()),
  changes: z.array(
    z.object({ kind: z.enum(KINDS), key: z.string(), before: z.unknown(), after: z.unknown() }),
  ),
  protections: z.array(z.string()),
})

const decisionSchema = z.object({
  ...{ kind: z.enum(['approved', 'rejected']), by: z.string(), atMs: z.number(), reason: z.string() },
  revision: z.int().nullable(),
  /** To older programs it was rejected. */
  expired: z.literal(true).optional(),
})

export class SqlProposals implements ProposalStore {
  readonly #database: Kysely<StoreSchema>

  /** The store's own database, which closes it. */
  constructor(database: Kysely<StoreSchema>) {
    this.#database = database
  }

  add(proposal: Proposal, audit: AuditEntry): Promise<Proposal | null> {
    const { id, atMs, decision, ...body } = proposal
    const text = JSON.stringify({ ...body, message: prose(body.message), author: prose(body.author) })
    const row = { id, at_ms: atMs, body: text, decision: decision === null ? null : textOf(decision) }
    return transact(this.#database, async (transaction) => {
      const there = transaction.selectFrom('proposals').selectAll().where('id', '=', id)
      const known = await there.executeTakeFirst()
      if (known !== undefined) return parseRow(known)
      const committed = transaction.selectFrom('revisions').select('number').where('change_set_id', '=', id)
      if ((await committed.executeTakeFirst()) !== undefined) return null
      await transaction.insertInto('proposals').values(row).execute()
      await insertEntries(transaction, [audit])
      return parseRow(row)
    })
  }

  async get(id: string): Promise<Proposal | null> {
    const query = this.#database.selectFrom('proposals').selectAll().where('id', '=', id)
    const row = await untilDone(() => query.executeTakeFirst())
    return row === undefined ? null : parseRow(row)
  }

  /** One body at a time, and the event loop turns between them: they may be large. */
  async list({ open, limit, after }: ProposalPage): Promise<readonly ProposalSummary[]> {
    let query = this.#database.selectFrom('proposals').select('id')
    query = query.orderBy('at_ms', 'desc').orderBy('id', 'desc').limit(limit)
    if (open) query = query.where('decision', 'is', null)
    if (after !== undefined)
      query = query.where((row) => row(row.refTuple('at_ms', 'id'), '<', row.tuple(after.atMs, after.id)))
    const listed: ProposalSummary[] = []
    for (const { id } of await untilDone(() => query.execute())) {
      const proposal = await this.get(id)
      if (proposal !== null) listed.push(summaryOf(proposal))
      await nextTurn()
    }
    return listed
  }

  async openBefore(madeBeforeMs: number, limit: number): Promise<readonly string[]> {
    const query = oldest(this.#database, madeBeforeMs, limit).where('decision', 'is', null)
    return (await untilDone(() => query.execute())).map(({ id }) => id)
  }

  prune(madeBeforeMs: number, limit: number): Promise<number> {
    return transact(this.#database, async (transaction) => {
      const query = oldest(transaction, madeBeforeMs, limit).where('decision', 'is not', null)
      const rows = await query.execute()
      for (const { id } of rows) await transaction.deleteFrom('proposals').where('id', '=', id).execute()
      return rows.length
    })
  }

  decide(id: string, decision: ProposalDecision, audit: AuditEntry): Promise<boolean> {
    const text = textOf(decision)
    return transact(this.#database, async (transaction, { maybeDone }) => {
      const there = transaction.selectFrom('proposals').select('decision').where('id', '=', id)
      const row = await there.executeTakeFirst()
      if (row === undefined) return false
      if (row.decision !== null) return maybeDone && row.decision === text
      await transaction.updateTable('proposals').set({ decision: text }).where('id', '=', id).execute()
      await insertEntries(transaction, [audit])
      return true
    })
  }
}

function summaryOf(proposal: Proposal): ProposalSummary {
  const { id, atMs, author, from, message, force, breakGlass, protections, decision, changes } = proposal
  return {
    ...{ id, atMs, author, from, message, force, breakGlass, protections, decision },
    changeCount: changes.length,
  }
}

/** Part of a commit: whose id it is. */
export async function isProposal(transaction: Transaction<StoreSchema>, id: string): Promise<boolean> {
  const there = transaction.selectFrom('proposals').select('id').where('id', '=', id)
  return (await there.executeTakeFirst()) !== undefined
}

/** Part of the commit that it is approved with. False when it has been decided already, or there is none. */
export async function decideWith(
  transaction: Transaction<StoreSchema>,
  { number, changeSetId: id }: Revision,
  { decision, audit }: NonNullable<ChangeSet['approval']>,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('proposals')
    .set({ decision: textOf({ ...decision, kind: 'approved', revision: number }) })
    .where('id', '=', id)
    .where('decision', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await insertEntries(transaction, [{ ...audit, revision: number }])
  return true
}

function textOf({ kind, ...decision }: ProposalDecision): string {
  const kept = kind === 'expired' ? ({ kind: 'rejected', expired: true } as const) : { kind }
  return JSON.stringify({
    ...kept,
    ...decision,
    reason: prose(decision.reason),
    by: prose(decision.by),
  })
}

function decisionOf(text: string): ProposalDecision {
  const { expired, kind, ...decision } = decisionSchema.parse(JSON.parse(text))
  return { kind: expired === true ? 'expired' : kind, ...decision }
}

function oldest(database: Kysely<StoreSchema>, madeBeforeMs: number, limit: number) {
  const before = database.selectFrom('proposals').select('id').where('at_ms', '<', madeBeforeMs)
  return before.orderBy('at_ms').orderBy('id').limit(limit)
}

/** Throws DatabaseError 'corrupt' that names the proposal. */
function parseRow({ id, at_ms: atMs, body, decision }: StoreSchema['proposals']): Proposal {
  try {
    return {
      ...{ id, atMs, ...bodySchema.parse(JSON.parse(body)) },
      decision: decision === null ? null : decisionOf(decision),
    }
  } catch (cause) {
    throw new DatabaseError('corrupt', `the stored proposal '${id}' is damaged`, { cause })
  }
}
