/** A time span for people: one unit, rounded down, so that it never claims more than there was. */
export function durationText(spanMs: number): string {
  const seconds = Math.floor(Math.max(0, spanMs) / 1_000)
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}
