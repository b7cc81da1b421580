/** Time, as the processes see it. Monotonic time decides; wall time is only ever shown to people. */
export interface Clock {
  /** Milliseconds that never go back; comparable only within this process. */
  monotonicMs(): number
  /** Milliseconds since the epoch. */
  wallMs(): number
  /** Runs `callback` once, after `delayMs`. The returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void
}
