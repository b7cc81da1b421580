/**
 * May this endpoint be answered with? In this order: what the operator said (disabled), then the verdict: the operator may
 * know what no probe sees. Degraded endpoints stay eligible.
 */
import type { Endpoint } from '../model/pool.ts'
import type { EndpointKey } from '../model/resource.ts'

export type EligibilityReason = 'disabled' | 'unmonitored' | 'up' | 'degraded' | 'down' | 'unknown'

export interface Candidate {
  readonly key: EndpointKey
  readonly pool: string
  readonly endpoint: Endpoint
  readonly eligible: boolean
  readonly reason: EligibilityReason
  /** Orders the endpoints that are not up by how recently they were (0: never); see Verdict.lastUp. */
  readonly lastUp: number
}

/** The part of a verdict that steering reads. */
export interface VerdictView {
  readonly state: 'unknown' | 'up' | 'down'
  readonly degraded: boolean
  readonly lastUp: number
}
export type VerdictLookup = (endpoint: EndpointKey) => VerdictView | undefined

/** `verdict` is undefined for an endpoint that no monitor judges. */
export function judgeEligibility(
  candidate: Pick<Candidate, 'key' | 'pool' | 'endpoint'>,
  context: { readonly monitored: boolean; readonly verdict: VerdictView | undefined },
): Candidate {
  const reason = reasonFor(candidate.endpoint, context)
  const eligible = reason === 'up' || reason === 'degraded' || reason === 'unmonitored'
  return { ...candidate, eligible, reason, lastUp: context.verdict?.lastUp ?? 0 }
}

function reasonFor(
  endpoint: Endpoint,
  { monitored, verdict }: { readonly monitored: boolean; readonly verdict: VerdictView | undefined },
): EligibilityReason {
  if (!endpoint.enabled) return 'disabled'
  if (!monitored) return 'unmonitored'
  if (verdict === undefined) return 'unknown'
  return verdict.state === 'up' && verdict.degraded ? 'degraded' : verdict.state
}
