/** One moment by both clocks of a reader: what people set goes by the wall, what is measured by the other one. */
export interface Now {
  /** Milliseconds since the epoch; may jump. */
  readonly wallMs: number
  /** Never goes back; says nothing to another run. */
  readonly monotonicMs: number
}
