/** What the probes bench asks of every prober alike: the loads, and the addresses that it probes. */
export type ProbeKind = 'tcp' | 'httpNew' | 'httpKept' | 'tlsKept'
export type Load = 'Paced' | 'Saturated'

export const PACED_PER_SEC = 2_000
export const SATURATED_AT_ONCE = 64
/** The first connections of all paced checks: TLS handshakes at the full pace would take more than there is. */
export const FIRST_WAVE_MS = 3_500

/** Loopback addresses, another for each check: one server has the ports of one host, and that is not to be measured. */
export function targetAddress(index: number): string {
  return `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
}
