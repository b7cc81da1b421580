/**
 * When a probe that has no result yet is late: a hint may then go to the peers before its time-out tells of a failure, so that
 * the probes of all wait for the same black hole side by side, not one after the other (SPEC.md, H4 to H7).
 * What must stay true: an endpoint that is always slow, or slow now and then, gives no hints; a late probe is no failure.
 */

/** Of the time-out. */
const LEAST_SHARE = 0.1
/** A checker that has much to do is behind by less. */
const LEAST_MS = 100
/** Later than that there is little to win. */
const MOST_SHARE = 0.8
/** So many times what the endpoint takes. */
const TIMES_USUAL = 3
/** Of what it took at its slowest, forgotten with each success. */
const FORGOTTEN = 0.1

/** After so many ms a probe is late; null: it never is. `usualMs` is null before the first success. */
export function lateAfterMs(timeoutMs: number, usualMs: number | null): number | null {
  if (usualMs === null) return null
  const afterMs = Math.max(LEAST_MS, LEAST_SHARE * timeoutMs, TIMES_USUAL * usualMs)
  return afterMs > MOST_SHARE * timeoutMs ? null : afterMs
}

/** What the endpoint takes, after one more success: its slowest, slowly forgotten. */
export function usualAfter(usualMs: number | null, tookMs: number): number {
  return Math.max(tookMs, (usualMs ?? 0) * (1 - FORGOTTEN))
}
