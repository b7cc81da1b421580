/**
 * When a proposal that nobody decided on ends, and how.
 * What must stay true: it is decided then, by control itself and in the audit log, whoever comes upon it first.
 */
import type { AuditEntry } from '../../ports/audit.ts'
import type { Proposal, ProposalDecision } from '../../ports/proposals.ts'
import { CONTROL_ITSELF } from '../actor.ts'
import { entryOf } from './proposal-entry.ts'

/** It may be approved for so long. */
export const OPEN_DAYS = 30
const DAY_MS = 86_400_000

export const expiresAtMs = ({ atMs }: Pick<Proposal, 'atMs'>): number => atMs + OPEN_DAYS * DAY_MS

const REASON = `nobody decided on it within ${OPEN_DAYS} days`

/** As it is from the moment on that it ends, also before that was written down. */
export function asOf<P extends Pick<Proposal, 'atMs' | 'decision'>>(proposal: P, nowMs: number): P {
  if (proposal.decision !== null || nowMs < expiresAtMs(proposal)) return proposal
  return { ...proposal, decision: expired(expiresAtMs(proposal)) }
}

function expired(atMs: number): ProposalDecision {
  return { kind: 'expired', by: CONTROL_ITSELF.name, atMs, reason: REASON, revision: null }
}

export function expiryOf(
  proposal: Proposal,
  atMs: number,
): { readonly decision: ProposalDecision; readonly entry: AuditEntry } {
  return {
    decision: expired(atMs),
    entry: {
      ...entryOf(proposal, { atMs, actor: CONTROL_ITSELF, action: 'proposal expired' }),
      detail: `proposal ${proposal.id} of '${proposal.author}': ${REASON}`,
    },
  }
}
