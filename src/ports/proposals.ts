/**
 * Change sets that wait for the approval of a second person.
 * What must stay true of every store (test/contract/proposals.ts): a proposal is kept as it was made; it is decided once, and not
 * deleted before.
 */
import type { AuditEntry } from './audit.ts'
import type { RecordedChange } from './recorded-change.ts'

export interface Proposal {
  /** Of its change set: that is committed under it, once, whoever approves and however often. */
  readonly id: string
  readonly atMs: number
  readonly author: string
  /** Address that it came from. */
  readonly from: string
  readonly message: string
  /** Of the request that made it: a retry of that is told apart from another one under the same id. */
  readonly requestDigest: string
  readonly force: boolean
  /** Why a safety rule may be broken; null: it may not. */
  readonly breakGlass: string | null
  /** As the author asked for it: what control decides again when it is approved (RequestedChange[]). */
  readonly requested: readonly unknown[]
  /** What it comes to, with what was there before: exactly this is approved, or nothing. */
  readonly changes: readonly RecordedChange[]
  /** Names of the protections that it touches. */
  readonly protections: readonly string[]
  readonly decision: ProposalDecision | null
}

/** Without what it asks for, which may be large. */
export type ProposalSummary = Omit<Proposal, 'requested' | 'changes' | 'requestDigest'> & {
  readonly changeCount: number
}

export interface ProposalDecision {
  /** expired: nobody decided on it in time. */
  readonly kind: 'approved' | 'rejected' | 'expired'
  readonly by: string
  readonly atMs: number
  /** In the words of who decided; empty where there are none. */
  readonly reason: string
  /** That it became; null where it was not approved. */
  readonly revision: number | null
}

export interface ProposalPage {
  readonly open: boolean
  readonly limit: number
  /** Only those that come after this one. */
  readonly after?: { readonly atMs: number; readonly id: string }
}

export interface ProposalStore {
  /**
   * With its entry in the audit log. One of this id that is there already is given back, and nothing is written; null: a change set of
   * this id was committed.
   */
  add(proposal: Proposal, audit: AuditEntry): Promise<Proposal | null>
  get(id: string): Promise<Proposal | null>
  /** Newest first. */
  list(page: ProposalPage): Promise<readonly ProposalSummary[]>
  /** False when it has been decided already, or there is none of this id; nothing is written then. */
  decide(id: string, decision: ProposalDecision, audit: AuditEntry): Promise<boolean>
  /** Ids of open ones that were made before, oldest first. */
  openBefore(madeBeforeMs: number, limit: number): Promise<readonly string[]>
  /** Deletes decided ones that were made before, oldest first, at most so many; the result is how many. */
  prune(madeBeforeMs: number, limit: number): Promise<number>
}
