/**
 * How often an address may fail to say who it is: then it is told to wait, at no further cost. Pure but for its map.
 * What must stay true: a token that is right always works, because operators may share the address of one that guesses, and guesses
 * at 256 bits are hopeless; what is remembered is bounded; an IPv6 client is its /64.
 */
import { clientNetwork } from '../../core/net/client-network.ts'

interface Bucket {
  /** Failures that are left, and when that was so. */
  left: number
  atMs: number
}

/** At once. */
const BURST = 20
/** One more is allowed after so long. */
const REFILL_MS = 3_000
const MAX_ADDRESSES = 10_000

export class AttemptLimiter {
  readonly #buckets = new Map<string, Bucket>()

  /** A failure of an address. Seconds that it has to wait, from 1; 0: it is not yet too many. */
  failed(address: string, nowMs: number): number {
    const key = clientNetwork(address)
    const bucket = this.#buckets.get(key) ?? { left: BURST, atMs: nowMs }
    bucket.left = Math.min(BURST, bucket.left + (nowMs - bucket.atMs) / REFILL_MS)
    bucket.atMs = nowMs
    // The last one in the map is the one that failed last: the first is forgotten first.
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > MAX_ADDRESSES) this.#forgetFirst()
    if (bucket.left >= 1) {
      bucket.left -= 1
      return 0
    }
    return this.waitSec(address, nowMs)
  }

  /** Without an attempt: seconds that it has to wait; 0: it may try. */
  waitSec(address: string, nowMs: number): number {
    const bucket = this.#buckets.get(clientNetwork(address))
    if (bucket === undefined) return 0
    const left = Math.min(BURST, bucket.left + (nowMs - bucket.atMs) / REFILL_MS)
    return left >= 1 ? 0 : Math.max(1, Math.ceil(Math.round((1 - left) * REFILL_MS) / 1_000))
  }

  #forgetFirst(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key)
      return
    }
  }
}
