/** Bytes as a fault, or somebody who means harm, would make them of good ones: for tests alone. */

/** A number below `below`. */
export type Random = (below: number) => number

/** Mulberry32: a million mutations need a generator that costs nothing. */
export function randomOf(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** As numbers that promise much: the largest of 32 bits, of 53, and one without an end. */
const HUGE = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
]

/** `bytes` stay as they are; `other`: good ones too, to be mixed in. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const kind = random(10)
  const at = random(bytes.length + 1)
  switch (kind) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return joined(bytes, new Uint8Array(1 + random(16)))
    case 2:
      return joined(bytes.subarray(0, at), other.subarray(random(other.length)))
    case 3:
      return joined(bytes.subarray(0, at), HUGE[random(HUGE.length)] ?? [], bytes.subarray(at + random(2)))
    default:
      return scribbled(bytes, kind, random)
  }
}

function scribbled(bytes: Uint8Array, kind: number, random: Random): Uint8Array {
  // Not `slice`, which of a Buffer is no copy.
  const changed = new Uint8Array(bytes)
  if (kind === 4) changed.copyWithin(random(bytes.length), random(bytes.length))
  for (let times = 1 + random(3); times > 0; times -= 1) {
    const at = random(bytes.length)
    changed[at] = kind === 5 ? 0xff : kind < 8 ? (changed[at] ?? 0) ^ (1 << random(8)) : random(256)
  }
  return changed
}

function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
