/** What a decision comes to: the record set that is published, and all that `explain` shows of how it came about. */
import type { RecordSet } from '../dns/record-set.ts'
import type { EndpointKey } from '../model/resource.ts'
import type { Candidate } from './eligibility.ts'
import type { Leaf } from './selector.ts'

/** What a load balancer may answer; everything else at its name is static. */
export const DECIDED_TYPES = ['A', 'AAAA', 'CNAME', 'HTTPS', 'SVCB'] as const
export type DecidedType = (typeof DECIDED_TYPES)[number]

export interface RouteDecision {
  /** Index of the rule; -1: the policy's own, for clients that no rule is about. */
  readonly route: number
  /** passed-over: the rule has nothing to answer with, so the ones after it and the policy decide. */
  readonly rule: 'policy' | 'when-down' | 'passed-over'
  /** The tier that answers, by its place; null: none, or the route has no tiers. */
  readonly tier: number | null
  /** Every endpoint of the tiers before that one is known. */
  readonly isSettled: boolean
  readonly eligible: readonly EndpointKey[]
  readonly leaf: Leaf | null
}

export interface Decision {
  readonly type: DecidedType
  /** null: nothing of this type is answered (NODATA). */
  readonly record: RecordSet | null
  /** when-down: by the all-down mode, for clients that no rule is about. */
  readonly rule: 'policy' | 'when-down' | 'no-endpoints'
  /** Every endpoint of this type that the policy looked at. */
  readonly candidates: readonly Candidate[]
  readonly routes: readonly RouteDecision[]
  readonly ttlReason: string
  readonly steps: readonly string[]
}
