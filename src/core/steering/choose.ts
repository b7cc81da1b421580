/**
 * The policies: from the candidates of a load balancer to those that are answered with, each step in words.
 * What must stay true: only eligible endpoints are chosen; the choice is empty, so that the all-down mode decides, only
 * where none is eligible.
 */
import type { LoadBalancer } from '../model/load-balancer.ts'
import { poolsOf, type MinHealthy, type Policy } from '../model/policy.ts'
import type { Candidate } from './eligibility.ts'
import { limitAnswers, type Limited } from './limit-answers.ts'

export interface Choice {
  readonly method: 'plain' | 'weighted'
  readonly candidates: readonly Candidate[]
  /** What was decided and why, in order, for people. */
  readonly steps: readonly string[]
}

/** `pools` holds the candidates of each pool of the policy, of one address family, in order of name. */
export function choose(balancer: LoadBalancer, pools: ReadonlyMap<string, readonly Candidate[]>): Choice {
  const { policy } = balancer
  switch (policy.kind) {
    case 'failover':
      return { method: 'plain', ...limitAnswers(balancer, chooseFailover(policy, pools)) }
    case 'all': {
      const eligible = eligibleOf(policy.pools, pools)
      const steps = [`all: ${eligible.length} eligible`]
      return { method: 'plain', ...limitAnswers(balancer, { candidates: eligible, steps }) }
    }
    case 'weighted':
    case 'sticky':
    case 'nearest':
      return chooseWeighted(balancer, eligibleOf(poolsOf(policy), pools))
  }
}

/** Weight 0 takes no share, but it is better than an endpoint that is down: those of weight 0 stand in, all of them. */
function chooseWeighted(balancer: LoadBalancer, eligible: readonly Candidate[]): Choice {
  const weighted = eligible.filter((candidate) => candidate.endpoint.weight > 0)
  const total = weighted.reduce((sum, candidate) => sum + candidate.endpoint.weight, 0)
  const steps = [`weighted: ${weighted.length} eligible with a weight above 0, ${total} in all`]
  if (weighted.length > 0 || eligible.length === 0) return { method: 'weighted', candidates: weighted, steps }
  steps.push(`weighted: so the ${eligible.length} eligible of weight 0 answer together`)
  return { method: 'plain', ...limitAnswers(balancer, { candidates: eligible, steps }) }
}

type FailoverPolicy = Extract<Policy, { kind: 'failover' }>

function chooseFailover(policy: FailoverPolicy, pools: ReadonlyMap<string, readonly Candidate[]>): Limited {
  const steps: string[] = []
  let best: readonly Candidate[] = []
  for (const [index, tier] of policy.tiers.entries()) {
    const members = pools.get(tier.pool) ?? []
    const eligible = members.filter((candidate) => candidate.eligible)
    const needed = neededOf(tier.minHealthy, members)
    const enough = eligible.length >= needed && eligible.length > 0
    const verdict = enough ? 'answers' : 'passed over'
    steps.push(
      `failover tier ${index + 1}, pool ${tier.pool}: ${eligible.length} of ${members.length} eligible, ${needed} needed: ${verdict}`,
    )
    if (enough) return { candidates: eligible, steps }
    if (eligible.length > best.length) best = eligible
  }
  if (best.length > 0)
    steps.push(`failover: no tier has enough, so the fullest one answers with its ${best.length} eligible`)
  return { candidates: best, steps }
}

/**
 * How many of `members` must be eligible. A share is rounded up, and is one of those that count: an endpoint that is
 * disabled, or not known yet, tells nothing about the tier, and adding one or switching one off must not fail it over.
 */
function neededOf(minHealthy: MinHealthy, members: readonly Candidate[]): number {
  if (typeof minHealthy === 'number') return minHealthy
  const counted = members.filter(({ reason }) => reason !== 'disabled' && reason !== 'unknown').length
  // Multiplied before divided: 55 / 100 * 20 is a little more than 11 in floating point, and would be rounded up to 12.
  return Math.max(1, Math.ceil((Number(minHealthy.slice(0, -1)) * counted) / 100))
}

function eligibleOf(names: readonly string[], pools: ReadonlyMap<string, readonly Candidate[]>): Candidate[] {
  return names.flatMap((name) => pools.get(name) ?? []).filter((candidate) => candidate.eligible)
}
