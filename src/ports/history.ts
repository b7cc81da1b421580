/**
 * The history of transitions: which verdict changed when, with the evidence of that moment. Written by controls from the frames
 * that they hear: losing it, or a control, loses history and never health.
 */
import type { SiteVote } from '../core/health/votes.ts'
import type { Quorum, VerdictRule, VerdictState } from '../core/health/verdict.ts'
import type { EndpointKey } from '../core/model/resource.ts'

export interface RecordedTransition {
  readonly endpoint: EndpointKey
  /** Wall ms of the control that saw it. */
  readonly atMs: number
  /** Name of that control. */
  readonly control: string
  readonly from: VerdictState
  readonly to: VerdictState
  readonly degraded: boolean
  readonly rule: VerdictRule
  /** What the probes said, in words. */
  readonly reason: string
  readonly quorum: Quorum
  readonly votes: readonly SiteVote[]
  /** Orders endpoints by how recently they were up, see Standing. */
  readonly lastUp: number
}

export interface HistoryPage {
  /** Excludes that moment and all after it. */
  readonly before?: number
  readonly since?: number
  readonly limit: number
}

export interface TransitionHistory {
  /** How many were new: what another control has written of the same transition is not written again. */
  record(transitions: readonly RecordedTransition[]): Promise<number>
  /** Newest first. */
  of(endpoint: EndpointKey, page: HistoryPage): Promise<readonly RecordedTransition[]>
  /** The last one of each endpoint up to that moment: the verdicts as they were then. */
  asOf(atMs: number): Promise<readonly RecordedTransition[]>
  /** The first one of each endpoint after that moment: what it was at the moment is what it came from. */
  firstAfter(atMs: number): Promise<readonly RecordedTransition[]>
  /** Deletes up to `limit` older ones, the oldest first; how many it did. */
  prune(beforeMs: number, limit: number): Promise<number>
}
