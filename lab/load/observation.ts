/** One question of a client and what came of it, as the resolver process prints it: one JSON object a line. */
export interface Observation {
  readonly nameserver: string
  readonly transport: 'udp' | 'tcp'
  /** Of the address that was asked. */
  readonly family: 4 | 6
  readonly type: 'A' | 'AAAA'
  /** On the machine's monotonic clock. */
  readonly askedMs: number
  readonly tookMs: number
  /** null: nothing came within the time-out, or nothing usable. */
  readonly rcode: string | null
  /** The addresses, sorted. */
  readonly values: readonly string[]
}

export interface Asked {
  readonly nameserver: string
  readonly v4: string
  readonly v6: string
  readonly port: number
}
