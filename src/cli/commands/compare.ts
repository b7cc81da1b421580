/** `fairlead compare`: what is different between two revisions, field by field. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { comparisonSchema } from '../../core/views/comparison.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { parseRevision } from '../parse-revision.ts'
import { describeDifferences } from './describe-differences.ts'

export function addCompareCommand(program: Command, io: Io): void {
  const command = program
    .command('compare')
    .description('Show what is different between two revisions, field by field')
    .argument('<revision>', 'its number')
    .argument('[other]', 'the number of another one; the newest one if absent')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, paint, print, printJson }, from = '', to?: string) => {
      const path = `v1/${apiPath('revisions', parseRevision(from), 'compare')}`
      const compared = await connect().send(
        { path, query: { to: to === undefined ? to : parseRevision(to) } },
        comparisonSchema,
      )
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
    exitCodes: [
      EXIT.ok,
      EXIT.failure,
      EXIT.badInput,
      EXIT.differs,
      EXIT.unreachable,
      EXIT.fileAccess,
      EXIT.denied,
    ],
  })
}
