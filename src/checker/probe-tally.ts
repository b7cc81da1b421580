/** What a checker counts of its probes, for metrics. Nothing decides on it. */
import type { ProbeOutput } from '../core/health/frame.ts'

/** Lateness is counted up to and including each of these, ms, and above the last. */
export const LATE_BOUNDS_MS = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 75, 100, 250, 1_000] as const

export class ProbeTally {
  readonly outcomes: Record<ProbeOutput['outcome'], number> = { success: 0, failure: 0, 'local-error': 0 }
  /** From due to started, summed over all probes, ms. */
  lateSumMs = 0
  lateMaxMs = 0
  /** Probes by their lateness: one more than there are bounds. */
  readonly lateCounts: number[] = Array.from({ length: LATE_BOUNDS_MS.length + 1 }, () => 0)

  started(lateMs: number): void {
    let at = 0
    while (lateMs > (LATE_BOUNDS_MS[at] ?? Infinity)) at += 1
    this.lateCounts[at] = (this.lateCounts[at] ?? 0) + 1
    this.lateSumMs += lateMs
    this.lateMaxMs = Math.max(this.lateMaxMs, lateMs)
  }
}
