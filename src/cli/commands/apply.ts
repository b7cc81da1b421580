/** `fairlead apply`: make the configuration as the files say, in one revision or not at all. */
import type { Command } from 'commander'
import { addNotes } from '../command-notes.ts'
import { addBreakGlassOption, breakGlassQuery, type BreakGlassOptions } from '../break-glass-option.ts'
import { CHANGE_EXIT_CODES } from '../exit-code-meaning.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { sendFiles } from './change-request.ts'
import { checkFiles } from './check-files.ts'
import { describeOutcome, exitCodeOf } from './describe-outcome.ts'
import { addFileOption } from './file-option.ts'

interface ApplyOptions extends CommonOptions, BreakGlassOptions {
  readonly filename: string[]
  readonly prune?: boolean
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly message: string
}

export function addApplyCommand(program: Command, io: Io): void {
  const command = program
    .command('apply')
    .description('Make the configuration as the files say: in one revision, or not at all')
  addFileOption(command)
    .option('--prune', 'delete what is not in the files')
    .option('--dry-run', 'show what would change, and the answers that would change, and change nothing')
    .option('--force', 'also a drain that leaves a load balancer without any eligible endpoint')
    .option('-m, --message <text>', 'why, for the history', '')
  addBreakGlassOption(command)
  addConnectionOptions(addJsonOption(command)).action(
    runs<ApplyOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const files = await checkFiles(
        options.filename,
        { io, connect },
        { selfContained: options.prune === true },
      )
      const dryRun = options.dryRun === true
      const { message, prune, force } = options
      const about = { dryRun, prune: prune === true, force: force === true, message }
      const request = { ...about, query: breakGlassQuery(options) }
      const outcome = await sendFiles(connect(), files, request)
      io.setExitCode(exitCodeOf(outcome))
      if (options.json) printJson(outcome)
      else print(describeOutcome(outcome, files.document, { paint, dryRun }))
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead apply -f fairlead.yaml', meaning: 'applying twice changes nothing and says so' },
      {
        line: 'fairlead apply -f config/ --prune --dry-run',
        meaning: 'see what the folder would make of it all',
      },
      { line: 'fairlead export | fairlead apply -f -', meaning: 'from stdin' },
    ],
    exitCodes: CHANGE_EXIT_CODES,
  })
}
