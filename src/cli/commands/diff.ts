/** `fairlead diff`: what applying the files would change, field by field. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { checkFiles } from './check-files.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { describeDifferences } from './describe-differences.ts'
import { sendFiles } from './change-request.ts'
import { addFileOption } from './file-option.ts'

interface DiffOptions extends CommonOptions {
  readonly filename: string[]
  readonly prune?: boolean
}

export function addDiffCommand(program: Command, io: Io): void {
  const command = program
    .command('diff')
    .description('Show what applying the files would change, and the DNS answers that would change')
  addFileOption(command).option('--prune', 'also what would be deleted because it is not in the files')
  addConnectionOptions(addJsonOption(command)).action(
    runs<DiffOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const prune = options.prune === true
      const files = await checkFiles(options.filename, { io, connect }, { selfContained: prune })
      const outcome = await sendFiles(connect(), files, { dryRun: true, prune, force: true, message: '' })
      if (options.json) printJson(outcome)
      else print(describeDifferences(outcome, paint))
      if (outcome.changes.length > 0) io.setExitCode(EXIT.differs)
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead diff -f fairlead.yaml', meaning: 'exits 3 when something differs' },
      { line: 'fairlead diff -f config/ --prune', meaning: 'with what --prune would delete' },
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
