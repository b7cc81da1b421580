/**
 * The method of a policy: from the endpoints of a route to the choice for each query.
 * What must stay true: every way to an answer goes through here, the all-down modes too, because a DNS message holds 64 KiB
 * (RFC 1035 4.2.2), and a server that cannot fit an answer into it sends an empty one; where all would be chosen the choice is
 * the same for every client, so that the DNS server has nothing to run.
 */
import type { SteeredType } from '../dns/record-set.ts'
import { rendezvous } from '../rendezvous.ts'
import type { Policy } from '../model/policy.ts'
import type { Site } from '../model/site.ts'
import type { Candidate } from './eligibility.ts'
import type { Leaf, PlacedChoice, WeightedChoice } from './selector.ts'

/** 64 KiB hold about 4,000 A or 2,300 AAAA records (16 and 28 octets each); a resolver has no use for a tenth of them. */
export const MAX_ANSWERS = 1_000

export interface Method {
  readonly policy: Policy
  /** The load balancer's: its pick of a pool that is too large differs from that of others. */
  readonly name: string
  readonly type: SteeredType
  readonly coordinatesOf: (site: string) => Site['coordinates']
}

/** `candidates`: at least one, in any order. */
export function leafOf(candidates: readonly Candidate[], method: Method): Leaf {
  const { policy } = method
  const answers = answersOf(method)
  switch (policy.kind) {
    case 'all':
    case 'failover':
      return weightedLeaf(equalShares(fitting(candidates, method)), answers)
    case 'weighted':
      return weightedLeaf(weightsOf(candidates), answers)
    case 'sticky': {
      const { ipv4PrefixBits, ipv6PrefixBits } = policy
      const leaf = weightedLeaf(weightsOf(candidates), answers)
      return leaf.kind === 'weighted' ? { ...leaf, kind: 'sticky', ipv4PrefixBits, ipv6PrefixBits } : leaf
    }
    case 'nearest':
      return nearestLeaf(candidates, method, answers)
  }
}

/** How many endpoints one answer holds at most. A CNAME has one target (RFC 2181 10.1). */
export function answersOf({ policy, type }: Pick<Method, 'policy' | 'type'>): number {
  if (type === 'CNAME') return 1
  return policy.kind === 'all' || policy.kind === 'failover'
    ? (policy.maxAnswers ?? MAX_ANSWERS)
    : policy.answers
}

/**
 * Where the operator sets no limit, and more are eligible than one answer holds: those that rank first for this name. To choose
 * others for each query would cost the DNS server more than so large an answer is worth to anybody.
 */
function fitting(candidates: readonly Candidate[], { policy, name, type }: Method): readonly Candidate[] {
  const isLimited = type === 'CNAME' || ('maxAnswers' in policy && policy.maxAnswers !== undefined)
  if (isLimited || candidates.length <= MAX_ANSWERS) return candidates
  return candidates
    .map((candidate) => ({ candidate, rank: rendezvous.hash(candidate.key, name) }))
    .sort((a, b) => b.rank - a.rank || (a.candidate.key < b.candidate.key ? -1 : 1))
    .slice(0, MAX_ANSWERS)
    .map(({ candidate }) => candidate)
}

/** The same for every client. */
export function valuesLeaf(values: Iterable<string>): Leaf {
  return { kind: 'values', values: [...new Set(values)].sort() }
}

function weightedLeaf(weights: ReadonlyMap<string, number>, answers: number): Leaf {
  if (weights.size <= answers) return valuesLeaf(weights.keys())
  const choices = Array.from(weights, ([value, weight]): WeightedChoice => ({ value, weight }))
  return { kind: 'weighted', answers, choices: choices.sort(byValue) }
}

/** Endpoints that share an address add up. Weight 0 takes nothing; where all have it they stand in, in equal shares. */
function weightsOf(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const weighted = candidates.filter(({ endpoint }) => endpoint.weight > 0)
  if (weighted.length === 0) return equalShares(candidates)
  const scale = scaleOf(weighted)
  const weights = new Map<string, number>()
  for (const { endpoint, tenths } of weighted) {
    const weight = scale === 1 ? endpoint.weight : endpoint.weight * tenths
    weights.set(endpoint.address, (weights.get(endpoint.address) ?? 0) + weight)
  }
  return weights
}

function equalShares(candidates: readonly Candidate[]): ReadonlyMap<string, number> {
  const scale = scaleOf(candidates)
  const shares = new Map<string, number>()
  for (const { endpoint, tenths } of candidates) {
    const share = scale === 1 ? 1 : tenths
    shares.set(endpoint.address, Math.max(share, shares.get(endpoint.address) ?? 0))
  }
  return shares
}

/** Weights are whole numbers: they count in tenths as soon as one of them is not whole, and else as they were written. */
function scaleOf(candidates: readonly Candidate[]): 1 | 10 {
  return candidates.every(({ tenths }) => tenths === 10) ? 1 : 10
}

function nearestLeaf(candidates: readonly Candidate[], { coordinatesOf }: Method, answers: number): Leaf {
  const placed = new Map<string, PlacedChoice>()
  for (const { endpoint } of candidates.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const coordinates = coordinatesOf(endpoint.site)
    if (coordinates !== undefined && !placed.has(endpoint.address))
      placed.set(endpoint.address, { value: endpoint.address, ...coordinates })
  }
  // No site has coordinates: not possible in a configuration that was checked, and no reason to answer with nothing.
  if (placed.size === 0) return weightedLeaf(equalShares(candidates), answers)
  if (placed.size <= answers) return valuesLeaf(placed.keys())
  return { kind: 'nearest', answers, choices: [...placed.values()].sort(byValue) }
}

function byValue(a: { readonly value: string }, b: { readonly value: string }): number {
  return a.value < b.value ? -1 : 1
}
