/** A bench: measures, prints one object, judges against its aims. It exits 0 when it measured, whatever it measured. */
export interface Aim {
  readonly metric: string
  readonly op: '<=' | '>=' | '=='
  readonly bound: number
}

export interface Bench {
  readonly name: string
  /** One line for `npm run bench -- --list`. */
  readonly summary: string
  readonly aims: readonly Aim[]
  /** `progress` writes a line to stderr. The metrics' names are part of the contract. */
  run(progress: (line: string) => void): Promise<Readonly<Record<string, number>>>
}
