/**
 * Serials of a zone's SOA. What must stay true: a new serial is always later than the one before it in the arithmetic of
 * RFC 1982, also when the clock was set back, also across restarts.
 */
const MODULUS = 2 ** 32
const HALF = 2 ** 31

/** Seconds since the epoch where that is later than `previous`, else one more than it. `previous` is null for a new zone. */
export function nextSerial(previous: number | null, wallMs: number): number {
  const seconds = Math.floor(wallMs / 1_000) % MODULUS
  if (previous === null || isLater(seconds, previous)) return seconds
  return (previous + 1) % MODULUS || 1
}

/** RFC 1982 3.2: is `serial` later than `previous`? */
export function isLater(serial: number, previous: number): boolean {
  const ahead = (serial - previous + MODULUS) % MODULUS
  return ahead > 0 && ahead < HALF
}
