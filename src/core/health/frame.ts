/**
 * A frame: what one checker tells every reader. (incarnation, sequence) orders the frames of one checker; no decision compares
 * anything in a frame with a clock of the reader.
 */
import type { EndpointKey } from '../model/resource.ts'
import type { RegisterState } from './register.ts'

export interface Frame {
  readonly checker: string
  readonly site: string
  /** max(saved + 1, wall seconds) at the start of the checker process. */
  readonly incarnation: number
  /** 1 for the first frame of an incarnation, then one more for each. */
  readonly sequence: number
  /** Revision of the configuration that the registers were made under. */
  readonly revision: number
  readonly fenced: boolean
  /** Why, in words; only while fenced. */
  readonly fenceReason?: string
  /** Share of its own probes that the checker loses, 0 to 1. */
  readonly loss: number
  /** Monotonic ms of the checker, whole ones, when the frame was made: other checkers lay their probing grids by it, nothing else. */
  readonly gridMs?: number
  /** Changed registers; all of them when `snapshot`. */
  readonly registers: readonly ReportedRegister[]
  readonly snapshot: boolean
}

export interface ReportedRegister {
  readonly endpoint: EndpointKey
  readonly state: RegisterState
  readonly degraded: boolean
  /** Digest of what is checked and how; a vote under another definition does not count (invariant 13). */
  readonly definition: string
  /** The last probe of each monitor, for people; no decision reads it. */
  readonly output: readonly ProbeOutput[]
}

/** What one probe saw: shown by `explain`, never decided upon. */
export interface ProbeOutput {
  readonly monitor: string
  readonly outcome: 'success' | 'failure' | 'local-error'
  /** One line: 'HTTP 200', 'connection refused', 'certificate has expired'. */
  readonly detail: string
  readonly status?: number
  readonly phases: ProbePhases
  /** Wall clock of the checker, ms since the epoch, for people. */
  readonly atMs: number
}

/** Latency by phase in ms; a phase that was not reached is absent. */
export interface ProbePhases {
  readonly connectMs?: number
  readonly tlsMs?: number
  /** From the request sent to the first byte of the reply. */
  readonly firstByteMs?: number
  readonly totalMs: number
}
