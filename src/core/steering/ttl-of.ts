/**
 * For how long an answer may be kept: in calm times as long as was set, half of that while any endpoint behind it is not
 * plainly up, and as short as allowed around a drain, so that resolvers hold little when it is drained.
 * What must stay true: never below the floor, never above what was set for calm times.
 */
import type { LoadBalancer } from '../model/load-balancer.ts'
import { isPlainlyUp, type Candidate } from './eligibility.ts'

export interface Ttl {
  readonly ttlSec: number
  readonly reason: string
}

export function ttlOf(
  { ttlSec, minTtlSec }: Pick<LoadBalancer, 'ttlSec' | 'minTtlSec'>,
  candidates: readonly Candidate[],
): Ttl {
  const floorSec = Math.min(minTtlSec, ttlSec)
  const enabled = candidates.filter(({ reason }) => reason !== 'disabled')
  const drained = enabled.find(({ drainAhead }) => drainAhead)
  if (drained !== undefined)
    return { ttlSec: floorSec, reason: `TTL ${floorSec}: the shortest, for a drain of ${drained.key}` }
  const uncertain = enabled.find((candidate) => !isPlainlyUp(candidate))
  if (uncertain === undefined) return { ttlSec, reason: `TTL ${ttlSec}: every endpoint is up` }
  const halfSec = Math.max(floorSec, Math.ceil(ttlSec / 2))
  return {
    ttlSec: halfSec,
    reason: `TTL ${halfSec}: half of ${ttlSec}, not below ${floorSec}, since ${uncertain.key} is ${uncertain.reason}`,
  }
}
