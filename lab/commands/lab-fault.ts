/** `fault NAME`: one fault in the lab that is up. Exit code 1 where its bound was missed. */
import { CommandError, EXIT, type ExitCode } from '../../src/core/exit-code.ts'
import { allFaults } from '../matrix/all-faults.ts'
import { describeResult } from './describe-result.ts'
import { faultNamed } from './lab-run.ts'
import type { LabOptions } from './parse-lab-options.ts'
import { upLab } from './up-lab.ts'

export async function labFault(
  [name = '', ...more]: readonly string[],
  { json }: LabOptions,
): Promise<ExitCode> {
  if (more.length > 0) throw new CommandError(EXIT.badInput, 'fault takes one name')
  const { name: known, design } = faultNamed(await allFaults(), name)
  process.stderr.write(`${known}: ${design}\n`)
  const result = await upLab.ask<'fault'>({ kind: 'fault', name: known })
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : describeResult(result))
  return result.passed ? EXIT.ok : EXIT.failure
}
