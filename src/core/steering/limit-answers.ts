/**
 * How many endpoints one answer holds: the policy's `maxAnswers`, and never more than MAX_ANSWERS.
 * What must stay true: every way to a plain answer goes through here, the all-down modes too, because a DNS message holds
 * 64 KiB (RFC 1035 4.2.2) and a server that cannot fit an answer into it sends an empty one.
 */
import type { LoadBalancer } from '../model/load-balancer.ts'
import { rendezvousHash } from '../health/voters.ts'
import type { Candidate } from './eligibility.ts'

/** 64 KiB hold about 4,000 A or 2,300 AAAA records (16 and 28 octets each); a resolver has no use for a tenth of them. */
export const MAX_ANSWERS = 1_000

export interface Limited {
  readonly candidates: readonly Candidate[]
  readonly steps: readonly string[]
}

/** Those that rank first for this balancer, so that balancers over one pool differ in their pick. */
export function limitAnswers({ name, policy }: LoadBalancer, choice: Limited): Limited {
  const { candidates, steps } = choice
  const wanted = 'maxAnswers' in policy ? policy.maxAnswers : undefined
  const max = wanted ?? MAX_ANSWERS
  if (candidates.length <= max) return choice
  const ranked = candidates
    .map((candidate) => ({ candidate, rank: rendezvousHash(candidate.key, name) }))
    .sort((a, b) => b.rank - a.rank || (a.candidate.key < b.candidate.key ? -1 : 1))
    .slice(0, max)
    .map((entry) => entry.candidate)
  const why = wanted === undefined ? 'the most that one answer holds' : 'maxAnswers'
  return {
    candidates: ranked,
    steps: [...steps, `${why}: ${max} of ${candidates.length}, by rank for this name`],
  }
}
