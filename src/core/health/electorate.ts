/**
 * Who votes on an endpoint and how many must agree: what the monitors of its pool ask for, the strictest of each (SPEC.md, E).
 * What must stay true: however few sites there are, a quorum for down and one for up never hold together.
 */
import type { Monitor } from '../model/monitor.ts'
import { majorityQuorum, type Quorum } from './verdict.ts'

export interface Electorate {
  /** Sites that may vote, sorted; null: all that have checkers. */
  readonly sites: readonly string[] | null
  /** K: so many of them vote on one endpoint, all where there are fewer. */
  readonly voters: number
  /** A majority of the K is needed, */
  readonly majority: boolean
  /** and so many at least. */
  readonly atLeast: Quorum
}

export type Judging = Pick<Monitor, 'quorum' | 'vantage' | 'voters'>

/** Of one monitor at least. */
export function electorateOf(monitors: readonly Judging[]): Electorate {
  let sites: readonly string[] | null = null
  for (const { vantage } of monitors) {
    if (vantage === undefined) continue
    const allowed: readonly string[] = sites ?? vantage.sites
    sites = vantage.sites.filter((site) => allowed.includes(site))
  }
  const explicit = monitors.flatMap(({ quorum }) => (quorum === 'majority' ? [] : quorum))
  return {
    sites: sites && [...new Set(sites)].sort(),
    voters: Math.max(1, ...monitors.map((monitor) => monitor.voters)),
    majority: explicit.length < monitors.length,
    atLeast: {
      down: Math.max(1, ...explicit.map(({ down }) => down)),
      up: Math.max(1, ...explicit.map(({ up }) => up)),
    },
  }
}

/**
 * Why these monitors cannot judge one pool together, in words; null when they can. Their quorums need no look: the one that
 * names the most voters has a pair that is safe for these, and the strictest of several is larger still.
 */
export function electorateConflict(monitors: readonly Judging[]): string | null {
  if (monitors.length === 0) return null
  const { sites, voters, atLeast } = electorateOf(monitors)
  if (sites?.length === 0) return 'its monitors have no site in common that may vote (vantage.sites)'
  const most = Math.min(voters, sites?.length ?? voters)
  const asked = Math.max(atLeast.down, atLeast.up)
  if (asked <= most) return null
  return `its monitors together leave ${most} sites that vote, and one of them asks for ${asked} (quorum)`
}

/** The votes that `places` voting sites need. More than there are is all of them: with fewer sites all must agree. */
export function quorumAt({ majority, atLeast }: Electorate, places: number): Quorum {
  const all = Math.max(1, places)
  const least = majority ? majorityQuorum(all) : { down: 1, up: 1 }
  return {
    down: Math.max(least.down, Math.min(atLeast.down, all)),
    up: Math.max(least.up, Math.min(atLeast.up, all)),
  }
}
