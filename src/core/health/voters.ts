/**
 * Who votes on an endpoint: the first K sites in rendezvous order (Thaler and Ravishankar 1998). Every reader computes the
 * same order from the names alone, and a site that comes or goes moves only its own share of the endpoints.
 */
import type { EndpointKey } from '../model/resource.ts'

export const DEFAULT_VOTERS = 5

/** The voting sites of an endpoint: an odd number, `DEFAULT_VOTERS` at most, or all when there are fewer. */
export function votersOf(endpoint: EndpointKey, sites: readonly string[]): readonly string[] {
  if (sites.length <= DEFAULT_VOTERS) return [...sites].sort()
  return sites
    .map((site) => ({ site, rank: rendezvousHash(site, endpoint) }))
    .sort((a, b) => b.rank - a.rank || (a.site < b.site ? -1 : 1))
    .slice(0, DEFAULT_VOTERS)
    .map((entry) => entry.site)
}

/** 32-bit FNV-1a with a murmur finaliser, so that near names get unrelated ranks. */
export function rendezvousHash(node: string, key: string): number {
  let hash = 0x811c9dc5
  const text = `${node}\u0000${key}`
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  hash ^= hash >>> 16
  return hash >>> 0
}
