/** A bench: measures, prints one object, judges against its aims. It exits 0 when it measured, whatever it measured. */
export interface Aim {
  readonly metric: string
  readonly op: '<=' | '>=' | '=='
  readonly bound: number
}

/** What the command line asks for; a bench that knows an option says so in its summary. */
export interface BenchOptions {
  /** Of each kind of death. */
  readonly kills?: number
  /** Seconds between two probes. */
  readonly interval?: number
  readonly seed?: number
}

export interface BenchExtras {
  readonly options: BenchOptions
  readonly keep: (kept: KeptResults) => void
}

/** What stands beside the metrics in a result. */
export interface KeptResults {
  /** Single measurements, for plots. */
  readonly details: object
  /** Of the programs that it was compared with. */
  readonly versions: Readonly<Record<string, string>>
}

export interface Bench {
  readonly name: string
  /** One line for `npm run bench -- --list`. */
  readonly summary: string
  readonly aims: readonly Aim[]
  /** `progress` writes a line to stderr. The metrics' names are part of the contract. */
  run(progress: (line: string) => void, extras: BenchExtras): Promise<Readonly<Record<string, number>>>
}
