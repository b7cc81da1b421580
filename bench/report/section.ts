/** A part of docs/results.md, and the files beside it that it shows. */
export interface Section {
  /** Markdown that begins with a heading of the second level. */
  readonly text: string
  /** By name, in docs/results. */
  readonly files: Readonly<Record<string, string>>
}
