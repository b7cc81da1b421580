/** One input text and where it came from. */
import type { Fault } from '../../core/model/fault.ts'

export interface Source {
  /** As it is shown: the path that was given, or '<stdin>'. */
  readonly name: string
  readonly text: string
}

/** A fault with its place in a file. Line and column count from 1; columns count UTF-16 units. */
export interface LocatedFault extends Fault {
  readonly source: Source
  readonly line: number
  readonly column: number
}
