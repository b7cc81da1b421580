/** What a checker counts of its probes, for metrics. Nothing decides on it. */
import type { ProbeOutput } from '../core/health/frame.ts'

export class ProbeTally {
  readonly outcomes: Record<ProbeOutput['outcome'], number> = { success: 0, failure: 0, 'local-error': 0 }
  /** From due to started, summed over all probes, ms. */
  lateSumMs = 0
  lateMaxMs = 0

  started(lateMs: number): void {
    this.lateSumMs += lateMs
    this.lateMaxMs = Math.max(this.lateMaxMs, lateMs)
  }
}
