/**
 * A lease: which of several processes does a piece of work that must be single.
 * What must stay true: each taking-over raises the epoch, and a released lease keeps it, so that no epoch ever comes again.
 */
export interface Lease {
  readonly name: string
  /** Unique to one run of one process; '' when it was released. */
  readonly holder: string
  readonly epoch: number
  /** Raised by the holder again and again; what stands still is silent. */
  readonly beat: number
  /** After so long a silence others may take it. */
  readonly lastsMs: number
}
