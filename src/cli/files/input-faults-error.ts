/** Files with mistakes: a failure of a command that knows every place. */
import { CommandError, EXIT } from '../../core/exit-code.ts'
import type { LocatedFault } from './source.ts'

export class InputFaultsError extends CommandError {
  /** In order of file, line and column; at least one. */
  readonly faults: readonly LocatedFault[]

  /** `others`: sentences about what stands in no file. */
  constructor(
    faults: readonly LocatedFault[],
    { others = [], ...options }: { readonly cause?: unknown; readonly others?: readonly string[] } = {},
  ) {
    const files = new Set(faults.map((fault) => fault.source.name)).size
    const message = `${plural(faults.length, 'fault')} in ${plural(files, 'file')}`
    super(EXIT.badInput, [message, ...others].join('\n'), options)
    this.name = 'InputFaultsError'
    this.faults = faults
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
