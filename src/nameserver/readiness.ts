/**
 * May the nameserver publish? Not before it knows what it is talking about, and not never: after a cold start nothing is
 * published blind, and PowerDNS goes on answering the last plan meanwhile.
 */
import type { VerdictBook } from '../core/health/verdict-book.ts'

/** Publish with whatever is known then. */
const LIMIT_MS = 10_000
/** With a quorum of sites live, so long for the verdicts still unknown (a black-holed endpoint needs its probes' time-outs). */
const UNKNOWN_LIMIT_MS = 2_000

export interface ReadinessInput {
  readonly book: Pick<VerdictBook, 'size' | 'standings' | 'hasQuorumOfSites'>
  /** Monotonic ms. */
  readonly nowMs: number
  /** Monotonic ms at which the first configuration came. */
  readonly configuredAtMs: number
}

export function isReady({ book, nowMs, configuredAtMs }: ReadinessInput): boolean {
  const waitedMs = nowMs - configuredAtMs
  if (book.size === 0 || waitedMs >= LIMIT_MS) return true
  if (!book.hasQuorumOfSites(nowMs)) return false
  if (waitedMs >= UNKNOWN_LIMIT_MS) return true
  for (const [, { state }] of book.standings()) if (state === 'unknown') return false
  return true
}
