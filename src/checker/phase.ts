/**
 * When a decided check is due: on a fixed grid of its own, so that the probes of many endpoints spread evenly over the interval
 * and stay spread, and those of several sites on one endpoint stay evenly apart. Jitter is of the grid point, not of the step
 * before, so that it never accumulates. Pure.
 */
import { rendezvous } from '../core/rendezvous.ts'

/** Share of the interval by which a grid point may lie beside its place: two probes are at most 1.05 intervals apart. */
export const JITTER = 0.025

export interface Grid {
  /** Names the check; the same at every site. */
  readonly key: string
  readonly intervalMs: number
  /** 0 to 1: by so much of the interval the grid of this checker lies behind the phase of the key. */
  readonly offset: number
}

/** The first point of the grid after `afterMs`, on whatever clock the sites have in common. */
export function nextOnGrid({ key, intervalMs, offset }: Grid, afterMs: number): number {
  const phaseMs = ((share(key, 'phase') + offset) % 1) * intervalMs
  let n = Math.floor((afterMs - phaseMs) / intervalMs - JITTER)
  for (;;) {
    const jitterMs = (2 * share(key, String(n)) - 1) * JITTER * intervalMs
    const pointMs = phaseMs + n * intervalMs + jitterMs
    if (pointMs > afterMs) return pointMs
    n += 1
  }
}

/** 0 to 1, evenly over the keys. */
function share(key: string, salt: string): number {
  return rendezvous.hash(salt, key) / 2 ** 32
}
