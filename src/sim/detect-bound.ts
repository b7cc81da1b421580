/** Invariant 7: how long the death of an endpoint may take to become a verdict. */
import { DEFAULT_TIMES } from '../core/health/verdict-book.ts'

export interface ProbeTimes {
  /** T, TF and the time-out of a probe, ms. */
  readonly intervalMs: number
  readonly fastIntervalMs: number
  readonly timeoutMs: number
}

export interface DetectCase {
  /** K. */
  readonly voters: number
  /** h: voting sites whose own network is good. */
  readonly healthy: number
  /** A quorum was lost just before. */
  readonly settles: boolean
}

export function detectBoundMs(times: ProbeTimes, { voters, healthy, settles }: DetectCase): number {
  const { intervalMs, fastIntervalMs, timeoutMs } = times
  const firstMs = (1.05 * (voters - healthy + 1) * intervalMs) / voters
  const confirmedMs = 2 * timeoutMs + Math.max(fastIntervalMs, timeoutMs + 100)
  return firstMs + confirmedMs + 500 + (settles ? DEFAULT_TIMES.settleMs : 0)
}
