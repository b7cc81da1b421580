/**
 * Which checkers probe an endpoint, and when on its grid: the K sites that vote at the full rate, the next in order as spares
 * at a quarter of it, and in each site three of its checkers (SPEC.md, A1 to A7).
 * What must stay true: every checker computes it by itself, from the configuration and from who it has heard; whoever votes
 * for a reader probes; a difference of opinion about who is gone costs probes, never a wrong vote.
 */
import type { EndpointKey } from '../model/resource.ts'
import type { Electorate } from './electorate.ts'
import type { Topology } from './topology.ts'
import { rendezvous } from '../rendezvous.ts'
import { votersOf } from './voters.ts'

/** One checker's part in the checks of one endpoint. */
export interface Assignment {
  readonly kind: 'voter' | 'spare'
  /** 0 to 1: so much of the interval behind the phase of the endpoint, that the probes of all stay evenly apart. */
  readonly offset: number
}

/** Of the checkers of a site so many probe each endpoint: one sick one is outvoted, and larger sites share the work. */
export const CHECKERS_PER_ENDPOINT = 3
/** A spare probes once in so many intervals. */
export const SPARE_INTERVALS = 4

export interface Peers {
  readonly topology: Topology
  readonly isSiteGone: (site: string) => boolean
  readonly isCheckerGone: (checker: string) => boolean
}

/** null: not this checker's work. Without a topology everybody who runs votes. */
export function assignmentOf(
  endpoint: EndpointKey,
  electorate: Electorate,
  me: { readonly name: string; readonly site: string; readonly peers: Peers },
): Assignment | null {
  const { topology } = me.peers
  if (topology.size === 0) return { kind: 'voter', offset: 0 }
  const sharing = sharers(endpoint, me)
  const sites = [...topology.keys()].filter((site) => electorate.sites?.includes(site) ?? true)
  const rank = rankOf(endpoint, sites, me)
  const share = sharing.indexOf(me.name)
  if (rank === -1 || share === -1) return null
  const voters = Math.min(electorate.voters, sites.length)
  if (rank >= voters + sparesOf(voters)) return null
  const offset = ((rank + share / sharing.length) / voters) % 1
  return { kind: rank < voters ? 'voter' : 'spare', offset }
}

/** As many as may fall silent while the rest still has a majority, and one at least. */
export function sparesOf(voters: number): number {
  return Math.max(1, Math.floor((voters - 1) / 2))
}

/** The checkers of our site that probe the endpoint. */
function sharers(
  endpoint: EndpointKey,
  { name, site, peers }: { readonly name: string; readonly site: string; readonly peers: Peers },
): readonly string[] {
  const checkers = (peers.topology.get(site) ?? []).map((checker) => checker.name)
  const isGone = (checker: string) => checker !== name && peers.isCheckerGone(checker)
  return votersOf(endpoint, checkers, { voters: CHECKERS_PER_ENDPOINT, isGone })
}

/** Our site's place in the order of those that are not gone; by name where all vote. -1: it is not among them. */
function rankOf(
  endpoint: EndpointKey,
  sites: readonly string[],
  { site: own, peers }: { readonly site: string; readonly peers: Peers },
): number {
  if (!sites.includes(own)) return -1
  const ownRank = rendezvous.hash(own, endpoint)
  let rank = 0
  for (const site of sites) {
    if (site === own || peers.isSiteGone(site)) continue
    const other = rendezvous.hash(site, endpoint)
    if (other > ownRank || (other === ownRank && site < own)) rank += 1
  }
  return rank
}
