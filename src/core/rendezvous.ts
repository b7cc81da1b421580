/**
 * Rendezvous hashing (Thaler and Ravishankar 1998): of some nodes the one with the highest hash for a key has it, and a node that comes or
 * goes moves only its own share of the keys. 32-bit FNV-1a with a murmur finaliser, so that near names get unrelated hashes.
 * What must stay true: the same names give the same hash in every version, or old and new processes would disagree on who has what.
 */
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

export const rendezvous = {
  hash: (node: string, key: string): number => rendezvous.hashFrom(rendezvous.prefix(node), key),

  /** What is the same for all keys of a node: for who hashes many. */
  prefix: (node: string): number => fnv(FNV_OFFSET, `${node}\u0000`),

  hashFrom: (prefix: number, key: string): number => finalised(fnv(prefix, key)),
}

function fnv(hash: number, text: string): number {
  let next = hash
  for (let index = 0; index < text.length; index += 1)
    next = Math.imul(next ^ text.charCodeAt(index), FNV_PRIME)
  return next
}

function finalised(hash: number): number {
  let next = hash ^ (hash >>> 16)
  next = Math.imul(next, 0x85ebca6b)
  next ^= next >>> 13
  next = Math.imul(next, 0xc2b2ae35)
  next ^= next >>> 16
  return next >>> 0
}
