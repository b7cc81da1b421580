/**
 * The decision for one load balancer and one address type: which record set, and why. `plan` publishes it and `explain` shows
 * it: one function, so that the two can never disagree.
 * What must stay true: no verdict makes a name vanish: where the balancer has an enabled endpoint, a record set is there, and
 * one of the endpoint's type unless the operator chose `fixed` without such an address; each address family is decided on its
 * own, and one without enabled endpoints gets no record set (NODATA); a disabled endpoint is never answered with.
 */
import { familyOf } from '../net/address.ts'
import type { AddressType, RecordSet } from '../dns/record-set.ts'
import type { LoadBalancer } from '../model/load-balancer.ts'
import { choose } from './choose.ts'
import type { Candidate } from './eligibility.ts'
import { limitAnswers } from './limit-answers.ts'

export interface Decision {
  readonly type: AddressType
  /** null: nothing of this type is answered (NODATA). */
  readonly record: RecordSet | null
  readonly rule: 'policy' | 'when-down' | 'no-endpoints'
  /** Every endpoint of this family that the policy looked at. */
  readonly candidates: readonly Candidate[]
  readonly steps: readonly string[]
}

/** `pools` holds all candidates of each pool of the balancer's policy. */
export function decideAnswer(
  balancer: LoadBalancer,
  type: AddressType,
  pools: ReadonlyMap<string, readonly Candidate[]>,
): Decision {
  const family = type === 'A' ? 4 : 6
  const ofFamily = new Map<string, readonly Candidate[]>()
  for (const [pool, candidates] of pools)
    ofFamily.set(
      pool,
      candidates.filter((candidate) => familyOf(candidate.endpoint.address) === family),
    )
  const candidates = [...ofFamily.values()].flat()
  const base = { type, candidates }
  const choice = choose(balancer, ofFamily)
  const record = recordOf(balancer, type, choice)
  if (record !== null) return { ...base, record, rule: 'policy', steps: choice.steps }
  const enabled = candidates.filter((candidate) => candidate.reason !== 'disabled')
  const isAllDown = [...pools.values()].flat().every((candidate) => !candidate.eligible)
  return { ...base, ...decideWhenDown(balancer, type, { enabled, isAllDown, steps: choice.steps }) }
}

function recordOf(
  balancer: LoadBalancer,
  type: AddressType,
  choice: { readonly method: 'plain' | 'weighted'; readonly candidates: readonly Candidate[] },
): RecordSet | null {
  const { name, ttlSec } = balancer
  if (choice.method === 'weighted') {
    const weights = new Map<string, number>()
    for (const { endpoint } of choice.candidates)
      weights.set(endpoint.address, (weights.get(endpoint.address) ?? 0) + endpoint.weight)
    if (weights.size > 1) {
      const choices = Array.from(weights, ([address, weight]) => ({ address, weight }))
      return {
        kind: 'weighted',
        name,
        type,
        ttlSec,
        choices: choices.sort((a, b) => (a.address < b.address ? -1 : 1)),
      }
    }
  }
  const values = choice.candidates.map((candidate) => candidate.endpoint.address)
  return plain(balancer, type, values)
}

function plain(balancer: LoadBalancer, type: AddressType, values: readonly string[]): RecordSet | null {
  if (values.length === 0) return null
  const { name, ttlSec } = balancer
  return { kind: 'plain', name, type, ttlSec, values: [...new Set(values)].sort() }
}

type WhenDownDecision = Pick<Decision, 'record' | 'rule' | 'steps'>

function decideWhenDown(
  balancer: LoadBalancer,
  type: AddressType,
  seen: {
    /** Those of this family that the operator did not take out. */
    readonly enabled: readonly Candidate[]
    /** Nothing is eligible in the other family, either. */
    readonly isAllDown: boolean
    readonly steps: readonly string[]
  },
): WhenDownDecision {
  const { whenDown } = balancer
  const { enabled } = seen
  const outcome = (record: RecordSet | null, ...steps: string[]): WhenDownDecision => ({
    record,
    rule: 'when-down',
    steps: [...seen.steps, ...steps],
  })
  // A family without endpoints is not down by itself: a fixed AAAA would draw clients away from healthy A endpoints.
  if (whenDown.kind === 'fixed' && (enabled.length > 0 || seen.isAllDown)) {
    const values = whenDown.addresses.filter((address) => (type === 'A') === (familyOf(address) === 4))
    if (values.length > 0) return outcome(plain(balancer, type, values), 'nothing eligible: fixed addresses')
  }
  if (enabled.length === 0)
    return {
      record: null,
      rule: 'no-endpoints',
      steps: [...seen.steps, `no enabled endpoint has an address for ${type}`],
    }
  if (whenDown.kind === 'fixed')
    return outcome(null, `nothing eligible: fixed, which names no address for ${type}`)
  if (whenDown.kind === 'refuse')
    return outcome(
      { kind: 'refused', name: balancer.name, type, ttlSec: balancer.ttlSec },
      'nothing eligible: refuse',
    )
  const pick = whenDown.kind === 'all' ? { candidates: enabled, why: 'all' } : lastHealthy(enabled)
  const { candidates, steps } = limitAnswers(balancer, {
    candidates: pick.candidates,
    steps: [`nothing eligible: ${whenDown.kind} (${pick.why})`],
  })
  const values = candidates.map((one) => one.endpoint.address)
  return outcome(plain(balancer, type, values), ...steps)
}

/** Unknown ones, then those that were healthy most recently, then all: the likeliest to work come first. */
function lastHealthy(candidates: readonly Candidate[]): { candidates: readonly Candidate[]; why: string } {
  const unknown = candidates.filter((candidate) => candidate.reason === 'unknown')
  if (unknown.length > 0) return { candidates: unknown, why: 'not known yet' }
  const latest = candidates.reduce((newest, { lastUp }) => Math.max(newest, lastUp), 0)
  if (latest === 0) return { candidates, why: 'none was ever up, so all' }
  return {
    candidates: candidates.filter((candidate) => candidate.lastUp === latest),
    why: 'up most recently',
  }
}
