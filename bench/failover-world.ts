/** What all systems of the failover bench are told alike. */

/** Both serve HTTP on the same port; the first one dies. */
export const MORTAL = '127.0.9.1'
export const SPARE = '127.0.9.2'
export const ENDPOINT_PORT = 8_080

export interface Thresholds {
  readonly intervalSec: number
  readonly timeoutSec: number
}

/** Successes until an endpoint is up again: no measured time holds it, and the bench waits for it after each death. */
export const RISE = 1
export const TTL_SEC = 5
