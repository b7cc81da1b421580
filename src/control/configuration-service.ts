/**
 * The configuration that is in force, and the only way to change it: decide on what is there, commit, publish.
 * What must stay true: what is published was committed before; a change is decided on the very state that it is committed
 * on (when another control was faster, it is decided again); one change set id is never applied twice.
 */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { brokenRules, type BrokenRule } from '../core/change/broken-rules.ts'
import { protectionsTouched } from '../core/change/protections-touched.ts'
import { hasRole } from '../core/access/access.ts'
import { deniedChanges } from '../core/access/denied-changes.ts'
import {
  applyChanges,
  configurationOf,
  emptyConfiguration,
  type Configuration,
} from '../core/model/configuration.ts'
import type { Change } from '../core/model/resource.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type { Proposal, ProposalDecision } from '../ports/proposals.ts'
import type { RecordedChange } from '../ports/recorded-change.ts'
import type { Revision, Store } from '../ports/store.ts'
import type { Actor } from './actor.ts'
import { areApproved } from './approved-changes.ts'
import type { ChangeOrder, ChangeResult, ChangeRefusal } from './change-order.ts'
import { planChanges, type ChangePlan, type RequestedChange } from './change-plan.ts'
import { invalidChanges } from './invalid-changes.ts'
import { asOf } from './people/proposal-expiry.ts'
import { ProblemError } from './problem-error.ts'
import { resourceView } from './resource-view.ts'
import { stampOperations } from './stamp-operations.ts'
import { changesOf, redoing } from './recorded-changes.ts'

export interface ConfigurationServiceOptions {
  readonly store: Store
  readonly clock: Clock
  readonly publish: (snapshot: ConfigurationSnapshot) => void
  readonly onRevision: (revision: Revision) => void
  /** The load balancers that newly put drains would leave without an eligible endpoint. */
  readonly emptiedBy?: (
    before: Configuration,
    plan: Extract<ChangePlan, { kind: 'planned' }>,
  ) => readonly string[]
  /** Keeps it until somebody decides; one that is there already is given back, and null where its id was committed. */
  readonly propose?: (proposal: Proposal, actor: Actor) => Promise<Proposal | null>
  /** Adds to a plan what control itself must make for it, such as the keys of a zone that is to be signed. */
  readonly complete?: (
    plan: Extract<ChangePlan, { kind: 'planned' }>,
    change: {
      readonly before: Configuration
      readonly requested: readonly RequestedChange[]
      readonly force: boolean
      /** Nothing is to be made that takes long. */
      readonly dryRun: boolean
    },
  ) => Promise<ChangePlan>
}

/** Allowed, valid and complete: to be committed, or proposed. */
interface Decided {
  readonly kind: 'decided'
  readonly plan: Extract<ChangePlan, { kind: 'planned' }>
  readonly requested: readonly RequestedChange[]
  /** Rules that it breaks, as it may. */
  readonly broken: readonly BrokenRule[]
}

const CHANGED_SINCE = 'something that it touches has changed since it was proposed: propose it again'
/** Of one change, while other controls commit first. */
const PATIENCE_MS = 20_000
/** More revisions of others than this are not followed one by one: the store is read as a whole. */
const MAX_FOLLOWED = 1_000

export class ConfigurationService {
  readonly #options: ConfigurationServiceOptions
  #current: ConfigurationSnapshot = { revision: 0, configuration: emptyConfiguration() }
  #loaded = false
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: ConfigurationServiceOptions) {
    this.#options = options
  }

  get current(): ConfigurationSnapshot {
    return this.#current
  }

  get isLoaded(): boolean {
    return this.#loaded
  }

  /** Reads everything from the store and publishes it. */
  async load(): Promise<void> {
    const { revision, resources } = await this.#options.store.load()
    const configuration = configurationOf(resources.map((stored) => stored.resource))
    this.#loaded = true
    this.#advance({ revision, configuration })
  }

  /** Follows what other controls have committed since; in turn with the changes made here. Throws what the store throws. */
  refresh(): Promise<void> {
    const result = this.#queue.then(() => this.#follow())
    this.#queue = result.catch(() => undefined)
    return result
  }

  /**
   * One at a time: a change never waits for a conflict with another of this process. A dry run holds nobody up. Throws what the store
   * throws.
   */
  change(order: ChangeOrder): Promise<ChangeResult> {
    if (order.dryRun) return this.#attempt(order)
    const result = this.#queue.then(() => this.#attempt(order))
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #follow(): Promise<void> {
    const { store, onRevision } = this.#options
    const { revision: from, configuration } = this.#current
    const head = await store.head()
    if (head === from) return
    const revisions = head > from ? await store.revisionsAfter(from, MAX_FOLLOWED) : []
    const changes = head - from === revisions.length ? redoing(revisions) : null
    if (changes === null) await this.load()
    else this.#advance({ revision: head, configuration: applyChanges(configuration, changes) })
    for (const revision of revisions) if (revision.number <= this.#current.revision) onRevision(revision)
  }

  async #attempt(order: ChangeOrder): Promise<ChangeResult> {
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + PATIENCE_MS
    do {
      const result = await this.#once(order)
      if (result !== 'conflict') return result
      await this.#follow()
    } while (clock.monotonicMs() < deadlineMs)
    const detail = `other controls committed first for ${PATIENCE_MS / 1_000} s: nothing was changed`
    throw new ProblemError('overloaded', { detail })
  }

  async #once(order: ChangeOrder): Promise<ChangeResult | 'conflict'> {
    const before = this.#current
    const decided = await this.#plan(order, before)
    if (decided.kind !== 'decided') return (await this.#committedEarlier(order)) ?? decided
    const { plan } = decided
    const changes = plan.changes.map((change) => recorded(change, before))
    const base = { changes, revision: before.revision, before }
    const { approval } = order
    const touched = { before: before.configuration, next: plan.next }
    const needsApproval = approval === undefined ? protectionsTouched(plan.changes, touched) : []
    if (order.dryRun)
      return { ...base, kind: 'dry-run', after: { ...before, configuration: plan.next }, needsApproval }
    if (changes.length === 0)
      return (await this.#committedEarlier(order)) ?? { ...base, kind: 'unchanged', after: before }
    if (needsApproval.length > 0) {
      const earlier = await this.#committedEarlier(order)
      if (earlier !== null) return earlier
      const proposal = await this.#propose(order, { ...decided, changes, protections: needsApproval })
      if (typeof proposal !== 'string') return proposal
      return { ...base, kind: 'proposed', after: before, needsApproval, proposal }
    }
    if (approval !== undefined && !areApproved(approval.changes, changes))
      return (await this.#committedEarlier(order)) ?? { kind: 'precondition-failed', detail: CHANGED_SINCE }
    return this.#commit(order, decided)
  }

  async #plan(
    order: ChangeOrder,
    { configuration, revision }: ConfigurationSnapshot,
  ): Promise<Decided | Exclude<ChangePlan, { kind: 'planned' }> | ChangeRefusal> {
    const { access } = order.actor
    const decision = order.decide({ configuration, revision })
    if (decision.kind !== 'changes')
      return hasRole(access, 'operator')
        ? decision
        : { kind: 'forbidden', reasons: [`the role ${access.role} changes nothing`] }
    const wallMs = this.#options.clock.wallMs()
    const stamped = stampOperations(decision.changes, { configuration, author: order.actor.name, wallMs })
    const plan = stamped.kind === 'changes' ? planChanges(configuration, stamped.changes) : stamped
    // What cannot be planned is judged as it was asked for: who may not do it hears that first.
    const asked = plan.kind === 'planned' ? plan.changes : newsIn(decision.changes, configuration)
    // Of an approval all of it, also where nothing is left to be changed.
    const judged = order.approval === undefined ? asked : changesOf(order.approval.changes)
    const denied = deniedChanges(access, judged, configuration)
    if (denied.length > 0) return { kind: 'forbidden', reasons: denied }
    if (stamped.kind !== 'changes') return stamped
    if (plan.kind !== 'planned') return plan
    const broken = brokenRules({ before: configuration, next: plan.next, wallMs })
    if (broken.length > 0 && order.breakGlass === undefined) return { kind: 'breaks-rules', rules: broken }
    const { force = false, dryRun } = order
    const emptied = force ? [] : (this.#options.emptiedBy?.(configuration, plan) ?? [])
    if (emptied.length > 0) return { kind: 'leaves-nothing', loadBalancers: emptied }
    const about = { before: configuration, requested: stamped.changes, force, dryRun }
    const completed = (await this.#options.complete?.(plan, about)) ?? plan
    if (completed.kind !== 'planned') return completed
    const faults = invalidChanges(completed.changes)
    if (faults.length > 0) return { kind: 'invalid', faults }
    return { kind: 'decided', plan: completed, requested: stamped.changes, broken }
  }

  /** The id of what is kept: the same one again for a retry. */
  async #propose(
    order: ChangeOrder,
    { requested, changes, protections }: Pick<Proposal, 'requested' | 'changes' | 'protections'>,
  ): Promise<string | ChangeRefusal> {
    const { propose, clock } = this.#options
    if (propose === undefined) throw new Error('nothing is there that could keep a proposal')
    const { actor, message, force = false, breakGlass = null } = order
    const proposal: Proposal = {
      ...{ id: order.request?.id ?? randomUUID(), requestDigest: order.request?.digest ?? '' },
      ...{ atMs: clock.wallMs(), author: actor.name, from: actor.from },
      ...{ message, force, breakGlass, requested, changes, protections, decision: null },
    }
    const kept = await propose(proposal, actor)
    const { id, requestDigest } = proposal
    if (kept?.requestDigest !== requestDigest || kept.author !== actor.name) return taken(id)
    const { decision } = asOf(kept, clock.wallMs())
    return decision === null ? id : { kind: 'precondition-failed', detail: ended(id, decision) }
  }

  async #commit(order: ChangeOrder, { plan, broken }: Decided): Promise<ChangeResult | 'conflict'> {
    const before = this.#current
    const { changes } = plan
    const { request, approval } = order
    const id = request?.id ?? randomUUID()
    const outcome = await this.#options.store.commit({
      ...{ id, ...(request && { requestDigest: request.digest }), ...(approval && { approval }) },
      baseRevision: before.revision,
      author: order.actor.name,
      from: order.actor.from,
      atMs: this.#options.clock.wallMs(),
      message: order.message,
      note: noteOf(order, broken),
      changes,
    })
    if (outcome.kind === 'conflict') return 'conflict'
    if (outcome.kind === 'already-committed') return this.#repeated(outcome.revision)
    if (outcome.kind === 'taken') return taken(id)
    if (outcome.kind === 'decided')
      return { kind: 'refused-step', detail: `the proposal '${id}' was decided already` }
    const { revision } = outcome
    const after = {
      revision: revision.number,
      configuration: applyChanges(before.configuration, changes),
    }
    this.#advance(after)
    this.#options.onRevision(revision)
    return { kind: 'committed', changes: revision.changes, revision: revision.number, before, after }
  }

  /** The revision that a client's retry asks for once more, if it was committed; null otherwise. */
  async #committedEarlier(order: ChangeOrder): Promise<ChangeResult | null> {
    const { request, dryRun } = order
    if (request === undefined || dryRun) return null
    const found = await this.#options.store.revisionOfChangeSet(request.id, request.digest)
    return found === null || found === 'taken' ? null : this.#repeated(found)
  }

  #repeated(revision: Revision): ChangeResult {
    const { current } = this
    return {
      kind: 'committed',
      changes: revision.changes,
      revision: revision.number,
      before: current,
      after: current,
    }
  }

  #advance(snapshot: ConfigurationSnapshot): void {
    this.#current = snapshot
    this.#options.publish(snapshot)
  }
}

function recorded(change: Change, before: ConfigurationSnapshot): RecordedChange {
  const { kind, key } = change
  return {
    kind,
    key,
    before: before.configuration[kind].get(key) ?? null,
    after: change.op === 'put' ? change.spec : null,
  }
}

/** Without what is there already: a whole file is applied by somebody who may change a part of it. */
function newsIn(changes: readonly RequestedChange[], configuration: Configuration): RequestedChange[] {
  return changes.filter((change) => {
    const before = resourceView(configuration, change.kind, change.key)
    return !isDeepStrictEqual(before, change.op === 'put' ? change.spec : null)
  })
}

function taken(id: string): ChangeRefusal {
  return {
    kind: 'refused-step',
    detail: `the id '${id}' is that of another change set or proposal: nothing was changed; choose another id`,
  }
}

/** Nobody can approve of it any more. */
function ended(id: string, { kind, reason }: ProposalDecision): string {
  if (kind === 'rejected') return `the proposal '${id}' was rejected: ${reason}`
  return `the proposal '${id}' ${kind === 'expired' ? 'has expired' : 'was approved already'}: choose another id`
}

/** For the audit log, beside the message. */
function noteOf({ breakGlass, approval }: ChangeOrder, broken: readonly BrokenRule[]): string {
  const rules = broken.map(({ name }) => name).join(', ')
  return [
    broken.length > 0 ? `broke the glass of ${rules}: ${breakGlass ?? ''}` : '',
    approval === undefined ? '' : `approved by '${approval.decision.by}'`,
  ]
    .filter((text) => text !== '')
    .join('; ')
}
