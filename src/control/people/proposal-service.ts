/**
 * Change sets that touch something protected: they wait until somebody else than their author approves of them.
 * What must stay true: what is approved is exactly what was shown, or nothing (when anything that it touches has changed since, it
 * has to be proposed again); it is committed once, under its own id, whoever approves and however often; who decided is in the
 * audit log.
 */
import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '../../ports/audit.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Proposal, ProposalDecision } from '../../ports/proposals.ts'
import type { Store } from '../../ports/store.ts'
import { CONTROL_ITSELF, type Actor } from '../actor.ts'
import type { RequestedChange } from '../change-plan.ts'
import type { ChangeResult } from '../change-order.ts'
import type { ConfigurationService } from '../configuration-service.ts'
import { ProblemError } from '../problem-error.ts'

export interface ProposalServiceOptions {
  readonly store: Pick<Store, 'proposals' | 'revisionOfChangeSet'>
  readonly service: Pick<ConfigurationService, 'change'>
  readonly clock: Clock
}

export class ProposalService {
  readonly #options: ProposalServiceOptions

  constructor(options: ProposalServiceOptions) {
    this.#options = options
  }

  /** Newest first. */
  list(page: { readonly open: boolean; readonly limit: number }): Promise<readonly Proposal[]> {
    return this.#options.store.proposals.list(page)
  }

  /** Throws ProblemError 'not-found'. */
  async get(id: string): Promise<Proposal> {
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
    const result = await this.#options.service.change({
      // The history names who wrote the change; its audit entry says where the approval came from, and whose it was.
      actor: { name: proposal.author, from: actor.from, access: actor.access },
      ...{ id, message: proposal.message, force: proposal.force, dryRun: false },
      ...(proposal.breakGlass !== null && { breakGlass: proposal.breakGlass }),
      approval: { by: actor.name, changes: proposal.changes },
      decide: () => ({ kind: 'changes', changes: proposal.requested as readonly RequestedChange[] }),
    })
    // Unchanged: all of it has become so meanwhile.
    if (result.kind === 'committed' || result.kind === 'unchanged')
      await this.#decide(proposal, actor, { kind: 'approved', revision: result.revision })
    return result
  }

  /** Also by its author, who takes it back. */
  async reject(id: string, reason: string, actor: Actor): Promise<Proposal> {
    const proposal = await this.#undecided(id)
    // Committed by an approval that was cut off: too late. Whose it was stands in the audit entry of the revision.
    const revision = await this.#options.store.revisionOfChangeSet(id)
    if (revision !== null) {
      const reason = 'noted late: its approval was cut off'
      await this.#decide(proposal, CONTROL_ITSELF, { kind: 'approved', revision: revision.number, reason })
      throw decidedAlready(await this.get(id))
    }
    await this.#decide(proposal, actor, { kind: 'rejected', reason })
    return this.get(id)
  }

  async #undecided(id: string): Promise<Proposal> {
    const proposal = await this.get(id)
    if (proposal.decision !== null) throw decidedAlready(proposal)
    return proposal
  }

  async #decide(
    proposal: Proposal,
    actor: Actor,
    about: Pick<ProposalDecision, 'kind'> & Partial<ProposalDecision>,
  ): Promise<void> {
    const { store, clock } = this.#options
    const atMs = clock.wallMs()
    const { kind, reason = '', revision = null } = about
    const decision = { kind, by: actor.name, atMs, reason, revision }
    const entry: AuditEntry = {
      ...entryOf(proposal, { atMs, actor, action: `proposal ${kind}` }),
      ...{
        revision,
        detail: `proposal ${proposal.id} of '${proposal.author}'${reason === '' ? '' : `: ${reason}`}`,
      },
    }
    const isDecided = await store.proposals.decide(proposal.id, decision, entry)
    if (!isDecided && kind === 'rejected') throw decidedAlready(await this.get(proposal.id))
  }
}

/** What the audit log says of a proposal. */
export function entryOf(
  { changes, message }: Pick<Proposal, 'changes' | 'message'>,
  { atMs, actor, action }: { readonly atMs: number; readonly actor: Actor; readonly action: string },
): AuditEntry {
  return {
    ...{ id: randomUUID(), atMs, actor: actor.name, from: actor.from, action, outcome: 'done' },
    ...{ revision: null, detail: message, changeCount: changes.length, times: 1 },
    changes: changes
      .slice(0, 50)
      .map(({ kind, key, after }) => ({ op: after === null ? 'delete' : 'put', kind, key })),
  }
}

function decidedAlready({ id, decision }: Proposal): ProblemError {
  const detail = `the proposal '${id}' was ${decision?.kind ?? 'decided'} by '${decision?.by ?? ''}' already`
  return new ProblemError('refused-step', { detail })
}
