/**
 * Votes: what a site says of an endpoint, the majority of its live checkers that know it. A tie is no vote, and so is
 * silence: nothing here ever turns missing knowledge into a down (SPEC.md, V1 to V3).
 */
import type { RegisterState } from './register.ts'

export type Vote = 'up' | 'down'

/** One checker's part in a vote, as the reader sees it. */
export interface Ballot {
  readonly checker: string
  /** Heard within the lease and not fenced. */
  readonly live: boolean
  readonly fenced: boolean
  /** Absent when the checker has said nothing of this endpoint under the reader's definition. */
  readonly state?: RegisterState
  readonly degraded?: boolean
}

export interface SiteVote {
  readonly site: string
  /** null: no live checker knows, or they are evenly split. */
  readonly vote: Vote | null
  readonly degraded: boolean
  readonly ballots: readonly Ballot[]
}

export function voteOfSite(site: string, ballots: readonly Ballot[]): SiteVote {
  let up = 0
  let down = 0
  let degraded = 0
  for (const ballot of ballots) {
    if (!ballot.live || ballot.state === undefined || ballot.state === 'unknown') continue
    if (ballot.state === 'down') down += 1
    else {
      up += 1
      if (ballot.degraded) degraded += 1
    }
  }
  const vote = up > down ? 'up' : down > up ? 'down' : null
  return { site, vote, degraded: vote === 'up' && degraded * 2 > up, ballots }
}
