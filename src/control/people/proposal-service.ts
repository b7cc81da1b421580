/**
 * Change sets that touch something protected: they wait until somebody else than their author approves of them.
 * What must stay true: what is approved is exactly what was shown, or nothing (when anything that it touches has changed since, it
 * has to be proposed again); it is committed under its own id in the transaction of its approval, so that nothing is committed that
 * was rejected or has expired, and nothing approved that was not committed; who decided is in the audit log.
 */
import type { AuditEntry } from '../../ports/audit.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Proposal, ProposalDecision, ProposalPage, ProposalSummary } from '../../ports/proposals.ts'
import type { Store } from '../../ports/store.ts'
import type { Actor } from '../actor.ts'
import { deniedChanges } from '../../core/access/denied-changes.ts'
import type { RequestedChange } from '../change-plan.ts'
import type { ChangeResult } from '../change-order.ts'
import type { ConfigurationService } from '../configuration-service.ts'
import { changesOf } from '../recorded-changes.ts'
import { ProblemError } from '../problem-error.ts'
import { entryOf } from './proposal-entry.ts'
import { asOf, expiresAtMs, expiryOf } from './proposal-expiry.ts'

export interface ProposalServiceOptions {
  readonly store: Pick<Store, 'proposals'>
  readonly service: Pick<ConfigurationService, 'change' | 'current'>
  readonly clock: Clock
}

export class ProposalService {
  readonly #options: ProposalServiceOptions

  constructor(options: ProposalServiceOptions) {
    this.#options = options
  }

  /** Newest first. A page may be shorter than its limit where there are more: `last` is where the next one begins; null: none does. */
  async list(
    page: ProposalPage,
  ): Promise<{ readonly proposals: readonly ProposalSummary[]; readonly last: ProposalSummary | null }> {
    const { store, clock } = this.#options
    const nowMs = clock.wallMs()
    const stored = await store.proposals.list(page)
    const listed = stored.map((proposal) => asOf(proposal, nowMs))
    return {
      proposals: page.open ? listed.filter(({ decision }) => decision === null) : listed,
      last: stored.length === page.limit ? (stored.at(-1) ?? null) : null,
    }
  }

  /** Throws ProblemError 'not-found'. */
  async get(id: string): Promise<Proposal> {
    return asOf(await this.#stored(id), this.#options.clock.wallMs())
  }

  async #stored(id: string): Promise<Proposal> {
    const proposal = await this.#options.store.proposals.get(id)
    if (proposal === null) throw new ProblemError('not-found', { detail: `there is no proposal '${id}'` })
    return proposal
  }

  /** Commits it. Throws ProblemError where it cannot be approved, or not by this actor. */
  async approve(id: string, actor: Actor): Promise<ChangeResult> {
    const proposal = await this.#undecided(id)
    if (proposal.author === actor.name)
      throw new ProblemError('forbidden', {
        detail: `the proposal '${id}' is of '${proposal.author}': somebody else has to approve of it`,
      })
    const { id: ofRequest, requestDigest: digest } = proposal
    const { entry, decision } = this.#decision(proposal, actor, { kind: 'approved' })
    const result = await this.#options.service.change({
      // The history names who wrote the change; its audit entry says where the approval came from, and whose it was.
      actor: { name: proposal.author, from: actor.from, access: actor.access },
      ...{
        request: { id: ofRequest, digest },
        message: proposal.message,
        force: proposal.force,
        dryRun: false,
      },
      ...(proposal.breakGlass !== null && { breakGlass: proposal.breakGlass }),
      approval: { decision, audit: entry, changes: proposal.changes },
      decide: () => ({ kind: 'changes', changes: proposal.requested as readonly RequestedChange[] }),
    })
    // All of it has become so meanwhile.
    if (result.kind === 'unchanged')
      await this.#decide(proposal, actor, { kind: 'approved', revision: result.revision })
    return result
  }

  /** By its author, who takes it back, or by who might approve of it. */
  async reject(id: string, reason: string, actor: Actor): Promise<Proposal> {
    const proposal = await this.#undecided(id)
    const { configuration } = this.#options.service.current
    const denied =
      proposal.author === actor.name
        ? []
        : deniedChanges(actor.access, changesOf(proposal.changes), configuration)
    if (denied.length > 0) throw new ProblemError('forbidden', { detail: denied.slice(0, 10).join('; ') })
    await this.#decide(proposal, actor, { kind: 'rejected', reason })
    return this.get(id)
  }

  async #undecided(id: string): Promise<Proposal> {
    const proposal = await this.#stored(id)
    if (proposal.decision !== null) throw decidedAlready(proposal)
    const nowMs = this.#options.clock.wallMs()
    if (nowMs < expiresAtMs(proposal)) return proposal
    // Before who looks for old ones has come upon it.
    const { decision, entry } = expiryOf(proposal, nowMs)
    await this.#options.store.proposals.decide(id, decision, entry)
    throw decidedAlready(await this.get(id))
  }

  async #decide(proposal: Proposal, actor: Actor, about: Decided): Promise<void> {
    const { decision, entry } = this.#decision(proposal, actor, about)
    if (!(await this.#options.store.proposals.decide(proposal.id, decision, entry)))
      throw decidedAlready(await this.get(proposal.id))
  }

  #decision(proposal: Proposal, actor: Actor, about: Decided) {
    const atMs = this.#options.clock.wallMs()
    const { kind, reason = '', revision = null } = about
    const decision: ProposalDecision = { kind, by: actor.name, atMs, reason, revision }
    const entry: AuditEntry = {
      ...entryOf(proposal, { atMs, actor, action: `proposal ${kind}` }),
      ...{
        revision,
        detail: `proposal ${proposal.id} of '${proposal.author}'${reason === '' ? '' : `: ${reason}`}`,
      },
    }
    return { decision, entry }
  }
}

type Decided = Pick<ProposalDecision, 'kind'> & Partial<ProposalDecision>

function decidedAlready({ id, decision }: Proposal): ProblemError {
  if (decision?.kind === 'expired')
    return new ProblemError('refused-step', {
      detail: `the proposal '${id}' has expired: ${decision.reason}; its change has to be proposed again`,
    })
  const detail = `the proposal '${id}' was ${decision?.kind ?? 'decided'} by '${decision?.by ?? ''}' already`
  return new ProblemError('refused-step', { detail })
}
