/** `fairlead compare`: what is different between two revisions, field by field. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { comparisonSchema } from '../../core/views/comparison.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { describeDifferences } from './describe-differences.ts'

export function addCompareCommand(program: Command, io: Io): void {
  const command = program
    .command('compare')
    .description('Show what is different between two revisions, field by field')
    .argument('<revision>', 'its number')
    .argument('[other]', 'the number of another one; the newest one if absent')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, paint, print, printJson }, from = '', to?: string) => {
      for (const number of to === undefined ? [from] : [from, to])
        if (!/^[1-9]\d{0,14}$/.test(number))
          throw new CommandError(EXIT.badInput, `'${number}' is no number of a revision`)
      const path = `v1/${apiPath('revisions', from, 'compare')}`
      const compared = await connect().send({ path, query: { to } }, comparisonSchema)
      if (options.json) printJson(compared)
      else if (compared.changes.length === 0)
        print([`revision ${compared.to} is the same as revision ${compared.from}`])
      else print(describeDifferences({ outcome: 'dry-run', revision: 0, changes: compared.changes }, paint))
      if (compared.changes.length > 0) io.setExitCode(EXIT.differs)
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead compare 41', meaning: 'what has changed since; exits 3 when something has' },
      { line: 'fairlead compare 41 44 --json', meaning: 'from the one to the other' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.differs, EXIT.unreachable, EXIT.fileAccess],
  })
}
