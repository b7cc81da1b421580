/** `run`: faults in a lab of their own. With --json stdout holds one object and nothing else. Exit code 1 where a bound was missed. */
import { CommandError, EXIT, type ExitCode } from '../../src/core/exit-code.ts'
import { allFaults } from '../matrix/all-faults.ts'
import type { Fault } from '../matrix/fault.ts'
import { runFault, type FaultResult } from '../matrix/run-fault.ts'
import { describeMachine } from './describe-machine.ts'
import { describeResult } from './describe-result.ts'
import type { LabOptions } from './parse-lab-options.ts'
import { withWorld } from './with-world.ts'

export async function labRun(names: readonly string[], options: LabOptions): Promise<ExitCode> {
  const known = await allFaults()
  if (options.list) {
    if (options.json) console.log(JSON.stringify(known.map(({ name, design }) => ({ name, design }))))
    else for (const { name, design } of known) console.log(`${name.padEnd(30)}${design}`)
    return EXIT.ok
  }
  if ((names.length === 0) !== options.all)
    throw new CommandError(EXIT.badInput, 'name faults, or say --all (--list names them)')
  const faults = options.all ? known : names.map((name) => faultNamed(known, name))
  const results: FaultResult[] = []
  const run = withWorld(options, async (world) => {
    for (const fault of faults) {
      const result = await runFault(fault, world)
      process.stderr.write(describeResult(result))
      results.push(result)
    }
  })
  // What was done is told, whatever ends the run.
  const failure = await run.then(
    () => null,
    (error: unknown) => ({ error }),
  )
  if (options.json && (failure === null || results.length > 0))
    console.log(JSON.stringify({ machine: describeMachine(), options, faults: results }))
  if (failure !== null) throw failure.error
  return results.every(({ passed }) => passed) ? EXIT.ok : EXIT.failure
}

export function faultNamed(known: readonly Fault[], name: string): Fault {
  const fault = known.find((one) => one.name === name)
  if (fault !== undefined) return fault
  throw new CommandError(
    EXIT.badInput,
    `there is no fault '${name}': ${known.map((one) => one.name).join(', ')}`,
  )
}
