/** Candidates, balancers and answers in few words, for the tests of steering. */
import { valuesOf, type RecordSet } from '../../dns/record-set.ts'
import { loadBalancerSchema, type LoadBalancer } from '../../model/load-balancer.ts'
import { endpointSchema } from '../../model/pool.ts'
import { decideAnswer } from '../decide-answer.ts'
import type { DecisionContext } from '../decide-type.ts'
import type { DecidedType, Decision } from '../decision.ts'
import { judgeEligibility, type Candidate, type EligibilityReason, type Evidence } from '../eligibility.ts'

export const FIXED = { kind: 'fixed', addresses: ['198.51.100.1', '2001:db8:ffff::1'] }

/** Evidence that gives the reason. */
const EVIDENCE: Readonly<Record<EligibilityReason, Evidence>> = {
  'forced-up': { ...seen('down'), override: 'forced-up' },
  'forced-down': { ...seen('up'), override: 'forced-down' },
  disabled: seen('up'),
  drained: { ...seen('up'), drain: { phase: 'drained', share: 0 } },
  draining: { ...seen('up'), drain: { phase: 'draining', share: 0.5 } },
  unmonitored: { monitored: false, verdict: undefined },
  up: seen('up'),
  degraded: seen('up', true),
  held: { ...seen('down'), isHeld: true },
  down: seen('down'),
  unknown: seen('unknown'),
}
export const REASONS = Object.keys(EVIDENCE) as EligibilityReason[]

interface Given {
  readonly reason?: EligibilityReason
  readonly weight?: number
  readonly lastUp?: number
  readonly site?: string
  readonly evidence?: Partial<Evidence>
}

export function candidate(key: string, address: string, given: Given = {}): Candidate {
  const [pool = '', name = ''] = key.split('/')
  const { weight = 1, reason = 'up', lastUp = 0, site = 'ams' } = given
  const enabled = reason !== 'disabled'
  const endpoint = endpointSchema.parse({ name, address, port: 80, site, weight, enabled })
  const judged = judgeEligibility({ key, pool, endpoint }, { ...EVIDENCE[reason], ...given.evidence })
  return { ...judged, lastUp }
}

function seen(state: 'up' | 'down' | 'unknown', degraded = false): Evidence {
  return { monitored: true, verdict: { state, degraded, lastUp: 0 } }
}

export function pools(...candidates: Candidate[]): Map<string, Candidate[]> {
  const all = new Map<string, Candidate[]>(['p1', 'p2', 'p3'].map((name) => [name, []]))
  for (const one of candidates) all.get(one.pool)?.push(one)
  return all
}

export function balancer(policy: unknown, whenDown: unknown = { kind: 'last-healthy' }): LoadBalancer {
  return loadBalancerSchema.parse({ name: 'www.example.test', zone: 'example.test', policy, whenDown })
}

export function addressesOf(record: RecordSet | null): readonly string[] {
  return record === null ? [] : valuesOf(record)
}

/** `beside`: sites with coordinates, client maps, latches. */
export function decide(
  from: LoadBalancer,
  type: DecidedType,
  ...[given, beside = {}]: [ReadonlyMap<string, readonly Candidate[]>, Partial<DecisionContext>?]
): Decision {
  const context = { sites: new Map(), clientMaps: new Map(), latchedTier: () => 0, ...beside, pools: given }
  const decision = decideAnswer(from, context).find((one) => one.type === type)
  if (decision === undefined) throw new Error(`nothing was decided for ${type}`)
  return decision
}
