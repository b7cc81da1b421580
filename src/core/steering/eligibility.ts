/**
 * May this endpoint be answered with? In this order: an override, then disabled, then drained, then the verdict: the operator
 * may know what no probe sees. Degraded endpoints stay eligible, and those that the withdrawal budget holds.
 * What must stay true: the verdict stays what it is beside all that, and what ranks the stand-ins of a name where nothing is
 * eligible is the health, not the operator's word alone.
 */
import type { Override } from '../model/override.ts'
import type { Endpoint } from '../model/pool.ts'
import type { EndpointKey } from '../model/resource.ts'
import type { DrainPhase } from './operations-in-force.ts'

export const ELIGIBILITY_REASONS = [
  'forced-up',
  'forced-down',
  'disabled',
  'drained',
  'draining',
  'unmonitored',
  'up',
  'degraded',
  'held',
  'down',
  'unknown',
] as const
export type EligibilityReason = (typeof ELIGIBILITY_REASONS)[number]

export interface Candidate {
  readonly key: EndpointKey
  /** The endpoint's own pool, also where it is answered with through a pool around that. */
  readonly pool: string
  readonly endpoint: Endpoint
  readonly eligible: boolean
  readonly reason: EligibilityReason
  /** What the verdict says, whatever operators do; an endpoint that nothing judges counts as up. */
  readonly health: 'up' | 'down' | 'unknown'
  /** Of its weight, 1 to 10 tenths: less than 10 while it ramps up or is draining. */
  readonly tenths: number
  /** A drain of it is planned or under way: answers are held for a short time only. */
  readonly drainAhead: boolean
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

export interface Evidence {
  /** False for an endpoint that no monitor judges: what verdict there may be does not count. */
  readonly monitored: boolean
  readonly verdict: VerdictView | undefined
  /** The state that an operator forces on it now. */
  readonly override?: Override['state'] | undefined
  /** The drain of it that is in force, with what that leaves of its weight (0 to 1). */
  readonly drain?: { readonly phase: DrainPhase; readonly share: number } | undefined
  /** The withdrawal budget keeps it in the answers of this load balancer. */
  readonly isHeld?: boolean
  /** How far its weight has grown since it came back, 0.1 to 1. */
  readonly rampShare?: number
}

const ELIGIBLE: ReadonlySet<EligibilityReason> = new Set([
  'forced-up',
  'draining',
  'unmonitored',
  'up',
  'degraded',
  'held',
])

export function judgeEligibility(
  { key, pool, endpoint }: Pick<Candidate, 'key' | 'pool' | 'endpoint'>,
  evidence: Evidence,
): Candidate {
  const { verdict, drain } = evidence
  const health = healthOf(evidence)
  const reason = reasonFor(endpoint, evidence)
  return {
    key,
    pool,
    endpoint,
    eligible: ELIGIBLE.has(reason),
    reason,
    health,
    tenths: tenthsOf(reason, evidence),
    drainAhead: drain !== undefined && (drain.phase === 'planned' || drain.phase === 'draining'),
    lastUp: verdict?.lastUp ?? 0,
  }
}

/** Nothing is the matter with it: answers with it may be kept as long as in calm times. */
export function isPlainlyUp({ reason }: Candidate): boolean {
  return reason === 'up' || reason === 'unmonitored'
}

function healthOf({ monitored, verdict }: Evidence): Candidate['health'] {
  if (!monitored) return 'up'
  return verdict?.state ?? 'unknown'
}

function reasonFor(endpoint: Endpoint, evidence: Evidence): EligibilityReason {
  const { override, drain } = evidence
  if (override === 'forced-up') return override
  // Before forced-down, which leaves it a stand-in: a disabled endpoint is none.
  if (!endpoint.enabled) return 'disabled'
  if (override === 'forced-down') return override
  if (drain?.phase === 'drained') return 'drained'
  const byHealth = reasonByHealth(evidence)
  return drain?.phase === 'draining' && ELIGIBLE.has(byHealth) ? 'draining' : byHealth
}

function reasonByHealth({ monitored, verdict, isHeld = false }: Evidence): EligibilityReason {
  if (!monitored) return 'unmonitored'
  if (verdict === undefined) return 'unknown'
  if (verdict.state === 'down' && isHeld) return 'held'
  return verdict.state === 'up' && verdict.degraded ? 'degraded' : verdict.state
}

/** At least one: a share makes an endpoint rare in the answers, and never makes it vanish. */
function tenthsOf(reason: EligibilityReason, { drain, rampShare = 1 }: Evidence): number {
  const drainShare = reason === 'draining' ? (drain?.share ?? 1) : 1
  if (drainShare === 1 && rampShare === 1) return 10
  return Math.max(1, Math.round(rampShare * drainShare * 10))
}
