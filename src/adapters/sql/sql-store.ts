/**
 * The store on an SQL database, the same for every engine: what differs between engines is in the dialect beneath.
 * Every write is a transaction, small ones too: waiting for another process's lock is the dialect's part; what lost a race, or its
 * connection, is run again as a whole (transact.ts).
 * What must stay true (test/contract/store.ts): one commit is one transaction; the head is checked inside it, and the
 * primary key of revisions forbids what two transactions at once could still do; the cost grows with the change, not
 * with the configuration; the configuration, large changes and the history go in batches, and the event loop turns
 * between them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import type { AuditEntry, AuditLog } from '../../ports/audit.ts'
import type { TransitionHistory } from '../../ports/history.ts'
import type { ProposalStore } from '../../ports/proposals.ts'
import type { LeaseStorage } from '../../ports/leases.ts'
import type {
  ChangeSet,
  CommitOutcome,
  Revision,
  Store,
  StoredLogin,
  StoredResource,
  StoredToken,
  TokenRotation,
} from '../../ports/store.ts'
import { SqlAuditLog } from './audit-log.ts'
import type { AuthorityStore } from '../../ports/authority-store.ts'
import type { TrustStore } from '../../ports/trust-store.ts'
import { DatabaseError } from './database-error.ts'
import { SqlLeases } from './sql-leases.ts'
import { insertLogin } from './login-rows.ts'
import { revisionOfChangeSet, withChanges } from './read-revisions.ts'
import { decideWith, isProposal, SqlProposals } from './sql-proposals.ts'
import { SqlAuthorityStore } from './sql-authorities.ts'
import { SqlTrustStore } from './sql-trust-store.ts'
import type { StoreSchema } from './store-schema.ts'
import { transact, untilDone } from './transact.ts'
import { SqlTransitionHistory } from './transition-history.ts'
import { BATCH_ROWS, parseResourceRow } from './stored-rows.ts'
import { deleteToken, insertToken, readTokens, rotateToken } from './token-rows.ts'
import { append } from './write-change-set.ts'

/** What an engine has beside tables. */
export interface SqlStoreEngine {
  /** Part of each commit. */
  readonly announce?: (transaction: Transaction<StoreSchema>, revision: number) => Promise<void>
  readonly onHint?: NonNullable<Store['onHint']>
  readonly close?: () => void
}

export class SqlStore implements Store {
  readonly audit: AuditLog
  readonly proposals: ProposalStore
  readonly history: TransitionHistory
  readonly leases: LeaseStorage
  readonly trust: TrustStore
  readonly authorities: AuthorityStore
  readonly #database: Kysely<StoreSchema>
  readonly #engine: SqlStoreEngine
  /** Closing waits for them: one that waits to be run again has no connection that could be waited for. */
  readonly #writes = new Set<Promise<unknown>>()

  /** The schema must be there already; the store closes the database with itself. */
  constructor(database: Kysely<StoreSchema>, engine: SqlStoreEngine = {}) {
    this.#database = database
    this.#engine = engine
    this.audit = new SqlAuditLog(database)
    this.proposals = new SqlProposals(database)
    this.history = new SqlTransitionHistory(database)
    this.leases = new SqlLeases(database)
    this.trust = new SqlTrustStore(database)
    this.authorities = new SqlAuthorityStore(database)
  }

  get onHint(): Store['onHint'] {
    return this.#engine.onHint ?? null
  }

  head(): Promise<number> {
    return untilDone(() => headOf(this.#database))
  }

  load(): Promise<{ readonly revision: number; readonly resources: readonly StoredResource[] }> {
    return this.#read(async (transaction) => {
      const revision = await headOf(transaction)
      const resources: StoredResource[] = []
      for await (const page of resourcePages(transaction)) resources.push(...page.map(parseResourceRow))
      return { revision, resources }
    })
  }

  /**
   * Throws DatabaseError: 'disk-full', 'io', 'busy', 'lost', ...; the store is then as it was before. 'unknown': it may have been
   * committed, and the same change set may be sent again.
   */
  async commit(changeSet: ChangeSet): Promise<CommitOutcome> {
    checkShape(changeSet)
    const committing = this.#write<CommitOutcome>(async (transaction, { maybeDone }) => {
      const revision = await revisionOfChangeSet(transaction, changeSet)
      if (revision === 'taken') return { kind: 'taken' }
      if (revision !== null) {
        const isOurs = maybeDone && revision.number === changeSet.baseRevision + 1
        return { kind: isOurs ? 'committed' : 'already-committed', revision }
      }
      const head = await headOf(transaction)
      if (head !== changeSet.baseRevision) return { kind: 'conflict', head }
      const { id, approval } = changeSet
      if (approval === undefined && (await isProposal(transaction, id))) return { kind: 'taken' }
      const appended = await lostWhereTaken(append(transaction, head + 1, changeSet))
      if (approval !== undefined && !(await decideWith(transaction, appended, approval)))
        throw new Undecidable()
      await this.#engine.announce?.(transaction, appended.number)
      return { kind: 'committed', revision: appended }
    })
    return committing.catch((error: unknown): CommitOutcome => {
      if (error instanceof Undecidable) return { kind: 'decided' }
      throw error
    })
  }

  revisions(page: { readonly before?: number; readonly limit: number }): Promise<readonly Revision[]> {
    return this.#read(async (transaction) => {
      let query = transaction.selectFrom('revisions').selectAll().orderBy('number', 'desc').limit(page.limit)
      if (page.before !== undefined) query = query.where('number', '<', page.before)
      return withChanges(transaction, await query.execute())
    })
  }

  revision(number: number): Promise<Revision | null> {
    return this.#read(async (transaction) => {
      const query = transaction.selectFrom('revisions').selectAll().where('number', '=', number)
      const [revision] = await withChanges(transaction, await query.execute())
      return revision ?? null
    })
  }

  revisionOfChangeSet(id: string, requestDigest?: string): Promise<Revision | 'taken' | null> {
    return this.#read((transaction) => revisionOfChangeSet(transaction, { id, requestDigest }))
  }

  revisionsAfter(number: number, limit: number): Promise<readonly Revision[]> {
    return this.#read(async (transaction) => {
      const query = transaction.selectFrom('revisions').selectAll().where('number', '>', number)
      return withChanges(transaction, await query.orderBy('number').limit(limit).execute())
    })
  }

  tokens(): Promise<readonly StoredToken[]> {
    return this.#read((transaction) => readTokens(transaction))
  }

  /** Throws DatabaseError 'unique' when the id or the hash is there already. */
  addToken(token: StoredToken, audit: AuditEntry): Promise<void> {
    return this.#write((transaction, attempt) =>
      insertToken(transaction, token, { audit: [audit], ...attempt }),
    )
  }

  addLogin(login: StoredLogin, token: StoredToken, audit: AuditEntry): Promise<boolean> {
    return this.#write((transaction, attempt) =>
      insertLogin(transaction, login, { token, audit, ...attempt }),
    )
  }

  rotateToken(id: string, plan: (old: StoredToken) => TokenRotation): Promise<TokenRotation | null> {
    let tried: TokenRotation | null = null
    return this.#write(async (transaction, { maybeDone }) => {
      if (maybeDone && tried !== null && (await readTokens(transaction, tried.token.id)).length > 0)
        return tried
      tried = await rotateToken(transaction, id, plan)
      return tried
    })
  }

  removeToken(id: string, audit: AuditEntry): Promise<boolean> {
    return this.#write((transaction, attempt) => deleteToken(transaction, id, { audit, ...attempt }))
  }

  async close(): Promise<void> {
    this.#engine.close?.()
    await Promise.allSettled(this.#writes)
    await this.#database.destroy()
  }

  async #write<T>(work: Parameters<typeof transact<StoreSchema, T>>[1]): Promise<T> {
    const writing = transact(this.#database, work)
    this.#writes.add(writing)
    try {
      return await writing
    } finally {
      this.#writes.delete(writing)
    }
  }

  /** In one state of the database. */
  #read<T>(work: (transaction: Transaction<StoreSchema>) => Promise<T>): Promise<T> {
    return transact(this.#database, work, 'read only')
  }
}

/** Rolls the commit of an approval back: its proposal was decided before, or is not there. */
class Undecidable extends Error {}

/** Another transaction on the same head came first: the number, or the id, is taken. */
async function lostWhereTaken<T>(appending: Promise<T>): Promise<T> {
  try {
    return await appending
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== 'unique') throw error
    throw new DatabaseError('raced', error.message, { cause: error })
  }
}

async function headOf(database: Kysely<StoreSchema>): Promise<number> {
  const query = database
    .selectFrom('revisions')
    .select((all) => all.fn.max<number | null>('number').as('head'))
  return (await query.executeTakeFirstOrThrow()).head ?? 0
}

/** In order of kind and key. */
async function* resourcePages(
  transaction: Transaction<StoreSchema>,
): AsyncGenerator<readonly StoreSchema['resources'][]> {
  const pages = transaction
    .selectFrom('resources')
    .selectAll()
    .orderBy('kind')
    .orderBy('key')
    .limit(BATCH_ROWS)
  let query = pages
  for (;;) {
    const page = await query.execute()
    yield page
    const last = page.at(-1)
    if (last === undefined || page.length < BATCH_ROWS) return
    query = pages.where((row) => row(row.refTuple('kind', 'key'), '>', row.tuple(last.kind, last.key)))
    await nextTurn()
  }
}

function checkShape({ id, changes }: ChangeSet): void {
  const resources = new Set(changes.map((change) => `${change.kind} ${change.key}`))
  if (changes.length === 0) throw new DatabaseError('defect', `change set '${id}' changes nothing`)
  if (resources.size < changes.length)
    throw new DatabaseError('defect', `change set '${id}' changes one resource twice`)
}
