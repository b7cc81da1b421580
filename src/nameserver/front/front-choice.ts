/** What a nameserver is told of the dnsdist before its PowerDNS. */
export interface FrontChoice {
  /** supervise: it is started and kept running; attach: the operator runs it, with what `fairlead dnsdist-config` prints. */
  readonly kind: 'supervise' | 'attach'
  /** Path or name of dnsdist. */
  readonly binary?: string | undefined
  /** Where PowerDNS listens behind it. */
  readonly backend: FrontPlace
  /** Where PowerDNS of other sites listen: asked when the own one is gone, in this order. */
  readonly neighbours: readonly FrontPlace[]
  readonly encrypted?:
    | {
        /** Absolute. */
        readonly certificateFile: string
        readonly keyFile: string
        readonly tlsPort?: number | undefined
        readonly httpsPort?: number | undefined
      }
    | undefined
  readonly clientQueriesPerSec: number
  readonly unknownNamesPerSec: number
}

export interface FrontPlace {
  /** An IP address. */
  readonly host: string
  readonly port: number
}
