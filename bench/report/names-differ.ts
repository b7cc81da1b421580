/** Whether a fault matrix is one of the faults that there are: what is not in it cannot have failed. Pure. */
import type { FaultMatrix } from './results.ts'

/** One sentence for each; `known` are the names of lab/faults. */
export function namesDiffer({ faults }: Pick<FaultMatrix, 'faults'>, known: readonly string[]): string[] {
  const run = faults.map(({ name }) => name)
  return [
    ...known.filter((name) => !run.includes(name)).map((name) => `${name} was not run`),
    ...run.filter((name) => !known.includes(name)).map((name) => `${name} is no fault any more`),
    ...run
      .filter((name, index) => run.indexOf(name) !== index)
      .map((name) => `${name} was run more than once`),
  ]
}
