/**
 * Votes: what a site says of an endpoint, the majority of its live checkers that know it. A tie is no vote, and so is
 * silence: nothing here ever turns missing knowledge into a down (SPEC.md, V1 to V3, V18).
 * What must stay true: losing checkers of a site may take its vote away, and never turns it. So whoever fell silent, fenced
 * itself or restarted a short while ago is still counted by its last word, against a vote and never for one.
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
  /** What it said before it was lost or restarted, not long ago: counts against a vote, never for one. */
  readonly lastWord?: RegisterState
}

export interface SiteVote {
  readonly site: string
  /** null: no live checker knows, or neither side has a majority. */
  readonly vote: Vote | null
  readonly degraded: boolean
  readonly ballots: readonly Ballot[]
}

/** How many of a site's checkers say what. */
export interface Count {
  readonly up: number
  readonly down: number
  /** Of those who say up. */
  readonly degraded: number
  /** Last words of those who were lost. */
  readonly lostUp: number
  readonly lostDown: number
}

export function voteOf({ up, down, lostUp, lostDown }: Count): Vote | null {
  if (up > down && up + lostUp > down + lostDown) return 'up'
  if (down > up && down + lostDown > up + lostUp) return 'down'
  return null
}

/** Of a site that votes up. */
export function isDegraded({ up, degraded }: Count): boolean {
  return degraded * 2 > up
}

export function voteOfSite(site: string, ballots: readonly Ballot[]): SiteVote {
  const count = { up: 0, down: 0, degraded: 0, lostUp: 0, lostDown: 0 }
  for (const { live, state, degraded, lastWord } of ballots) {
    if (live && state === 'down') count.down += 1
    else if (live && state !== undefined && state !== 'unknown') {
      count.up += 1
      if (degraded) count.degraded += 1
    } else if (lastWord === 'down') count.lostDown += 1
    else if (lastWord !== undefined && lastWord !== 'unknown') count.lostUp += 1
  }
  const vote = voteOf(count)
  return { site, vote, degraded: vote === 'up' && isDegraded(count), ballots }
}
