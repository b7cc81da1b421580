/**
 * How old the last report of a nameserver may be, in ms. It reports about once a second, and to a control that was away after ten seconds
 * at the latest.
 */
export const REPORT_AGE = {
  /** Until it says nothing of now, and is not compared with others. */
  comparableMs: 3_000,
  /** Until an operator is told that it is silent. */
  silentMs: 5_000,
  /** Until it is not counted among those that live: in what most of them have latched or published, and in rates. */
  liveMs: 10_000,
} as const
