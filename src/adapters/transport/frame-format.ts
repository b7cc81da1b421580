/**
 * The layout of a frame message, version 1; FrameEncoder and FrameDecoder are the two sides of it.
 *
 *   u8 version; u8 flags; text checker, site; varint incarnation, sequence, revision; f64 loss; [text fenceReason];
 *   [varint gridMs]
 *   names:   varint count, then for each: varint id, text endpoint, text definition
 *   states:  varint runs, then for each: varint first id, varint (count * 2 + any degraded), two bits a register, [a bit each]
 *   [outputs, for each register in the order of the states: see encode-outputs.ts]
 *
 * An endpoint and its definition are named once, with a number; after that a register is two bits. Measured for 100,000
 * endpoints at five sites: a second's share of 1,667 registers is 450 bytes (18 kbit/s in all), as JSON 165,294; one change is
 * 33 bytes against 239; a snapshot for those who know the numbers is 25 kB, a whole one 4.4 MB.
 * What must stay true: a snapshot holds every
 * number that is valid after it, so that numbers of endpoints that are gone can be given again.
 */
import type { RegisterState } from '../../core/health/register.ts'

export const FRAME_VERSION = 1

export const FLAG = { fenced: 1, snapshot: 2, reset: 4, reason: 8, outputs: 16, grid: 32 } as const
export const ALL_FLAGS = 63

/** Two bits each. */
export const STATES = ['unknown', 'up', 'suspect', 'down'] as const satisfies readonly RegisterState[]

/** More than this a decoder does not take, and an encoder does not make. */
export const LIMIT = {
  /** Endpoints of one checker. */
  endpoints: 262_144,
  nameBytes: 255,
  reasonBytes: 1_024,
  outputs: 64,
  detailBytes: 1_024,
} as const
