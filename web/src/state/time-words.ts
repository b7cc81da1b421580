/** Moments and spans of time for people, in the time zone of the browser. */
const DAY_MS = 86_400_000

/** The time of day, with the date where that is another day. */
export function clockText(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const time = at.toLocaleTimeString('en-GB')
  return at.toDateString() === new Date(nowMs).toDateString() ? time : `${dateText(at)} ${time}`
}

/** Two units at most, rounded down: it never claims more than there was. */
export function spanText(spanMs: number): string {
  const seconds = Math.floor(Math.max(0, spanMs) / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (spanMs < DAY_MS) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  const days = Math.floor(hours / 24)
  return hours % 24 === 0 || days > 9 ? `${days} d` : `${days} d ${hours % 24} h`
}

function dateText(at: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
