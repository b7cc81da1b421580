/**
 * Time, as the processes see it. Monotonic time decides on health; wall time is shown to people, and decides on what people have given a
 * time to: overrides, drains, proposals, tokens, certificates.
 */
export interface Clock {
  /** Milliseconds that never go back; comparable only within this process. */
  monotonicMs(): number
  /** Milliseconds since the epoch. */
  wallMs(): number
  /** Runs `callback` once, after `delayMs`. The returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void
}
