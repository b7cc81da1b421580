/** The machine's monotonic clock in ms: the same in every process of a lab, and never stepped. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000
}
