/**
 * The hash of sticky answers: weighted rendezvous (Thaler and Ravishankar 1998; weights after Schindelhauer and Schomaker 2005)
 * over the client's prefix. What must stay true: every step is exact in double-precision numbers, because the same sum is done by
 * the Lua of the DNS server (adapters/lua/lua-choices.ts), whose numbers are doubles as well.
 */
import ipaddr from 'ipaddr.js'

/** A prime below 2^25: the square of a remainder is below 2^50, and remainders of such numbers are exact. */
const PRIME = 33_554_393

/** Of the bytes of a client's address, those of the first `bits` bits; the others count as 0. */
export function clientHash(address: string, bits: number): number {
  let hash = 1
  for (const [index, byte] of ipaddr.parse(address).toByteArray().entries()) {
    const kept = Math.min(8, Math.max(0, bits - index * 8))
    const masked = byte - (byte % 2 ** (8 - kept))
    hash = (hash * 257 + masked + 1) % PRIME
  }
  return hash
}

/** Of a value that clients are sent to: its key, 1 to PRIME - 1. Written into the text that the server runs. */
export function valueKey(value: string): number {
  let hash = 7
  for (let index = 0; index < value.length; index += 1)
    hash = (hash * 65_599 + value.charCodeAt(index) + 1) % PRIME
  // Mixed here, where it costs nothing: the server only mixes it with the client.
  for (let round = 0; round < 4; round += 1) hash = (hash * hash + 12_345 + round) % PRIME
  return 1 + (hash % (PRIME - 1))
}

/** The lower the nearer: those with the lowest are chosen. `weight` is above 0. */
export function stickyScore(client: number, key: number, weight: number): number {
  let mixed = (client * key + key) % PRIME
  mixed = (mixed * mixed + client) % PRIME
  mixed = (mixed * mixed + key) % PRIME
  mixed = (mixed * mixed + client) % PRIME
  return -Math.log((mixed + 0.5) / PRIME) / weight
}
