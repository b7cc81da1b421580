/** `fairlead rollback`: the configuration as it was at an earlier revision, as a new one. */
import type { Command } from 'commander'
import { documentSchema } from '../../core/model/document.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addBreakGlassOption, breakGlassQuery, type BreakGlassOptions } from '../break-glass-option.ts'
import { CHANGE_EXIT_CODES } from '../exit-code-meaning.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { parseRevision } from '../parse-revision.ts'
import { describeOutcome, exitCodeOf } from './describe-outcome.ts'

interface RollbackOptions extends CommonOptions, BreakGlassOptions {
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly message?: string
}

export function addRollbackCommand(program: Command, io: Io): void {
  const command = program
    .command('rollback')
    .description(
      'Make the configuration what it was at a revision; overrides, drains and keys stay as they are',
    )
    .argument('<revision>', 'its number')
    .option('--dry-run', 'show what would change, and the answers that would change, and change nothing')
    .option('--force', 'also a drain that leaves a load balancer without any eligible endpoint')
    .option('-m, --message <text>', 'why, for the history')
  addBreakGlassOption(command)
  addConnectionOptions(addJsonOption(command)).action(
    runs<RollbackOptions>(io, async ({ options, paint, connect, print, printJson }, revision = '') => {
      const { message } = options
      const dryRun = options.dryRun === true
      const query = new URLSearchParams({
        ...{ dryRun: String(dryRun), force: String(options.force === true) },
        ...(message !== undefined && { message }),
        ...breakGlassQuery(options),
      })
      const path = `v1/${apiPath('revisions', parseRevision(revision), 'rollback')}?${query.toString()}`
      const outcome = await connect().send({ method: 'POST', path }, changeOutcomeSchema)
      io.setExitCode(exitCodeOf(outcome))
      if (options.json) printJson(outcome)
      else if (outcome.changes.length === 0)
        print([`nothing to change: all is as it was at revision ${revision}`])
      else print(describeOutcome(outcome, documentSchema.parse({}), { paint, dryRun }))
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead rollback 41 --dry-run', meaning: 'what has changed since revision 41, taken back' },
      { line: "fairlead rollback 41 -m 'the new pool is wrong'", meaning: 'becomes a new revision' },
    ],
    exitCodes: CHANGE_EXIT_CODES,
  })
}
