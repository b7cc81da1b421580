/**
 * Who answers where nothing is eligible: the likeliest to work. What must stay true: a disabled endpoint never stands in, and
 * one that is forced down only where there is no other.
 */
import type { Candidate } from './eligibility.ts'

export interface StandIns {
  readonly candidates: readonly Candidate[]
  readonly why: string
}

/** `mode` 'all': all of them; otherwise the likeliest. Empty only where every candidate is disabled. */
export function standInsOf(candidates: readonly Candidate[], mode: 'all' | 'last-healthy'): StandIns {
  const enabled = candidates.filter(({ reason }) => reason !== 'disabled')
  const usable = enabled.filter(({ reason }) => reason !== 'forced-down')
  if (usable.length === 0) return { candidates: enabled, why: 'none but those forced down' }
  return mode === 'all' ? { candidates: usable, why: 'all' } : lastHealthy(usable)
}

/** Drained ones that are up; then unknown ones; then those that were up most recently; then all. */
function lastHealthy(candidates: readonly Candidate[]): StandIns {
  const up = candidates.filter(({ health }) => health === 'up')
  if (up.length > 0) return { candidates: up, why: 'up, though drained' }
  const unknown = candidates.filter(({ health }) => health === 'unknown')
  if (unknown.length > 0) return { candidates: unknown, why: 'not known yet' }
  const latest = candidates.reduce((newest, { lastUp }) => Math.max(newest, lastUp), 0)
  if (latest === 0) return { candidates, why: 'none was ever up, so all' }
  return { candidates: candidates.filter(({ lastUp }) => lastUp === latest), why: 'up most recently' }
}
