/** `fairlead delete`: one resource; refused while others refer to it. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { addNotes } from '../command-notes.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { addBreakGlassOption, breakGlassQuery, type BreakGlassOptions } from '../break-glass-option.ts'
import { exitCodeOf, proposedLine } from './describe-outcome.ts'
import { CHANGE_EXIT_CODES } from '../exit-code-meaning.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { parseKindWord, resourcePath } from '../resource-word.ts'

export function addDeleteCommand(program: Command, io: Io): void {
  const command = program
    .command('delete')
    .description('Delete one resource; refused, with the list, while others refer to it')
    .argument(
      '<kind>',
      'site, zone, monitor, pool, endpoint, client-map, load-balancer, override, drain, rule, protection or settings',
    )
    .argument(
      '<name>',
      "its name; POOL/NAME for an endpoint; 'settings' for the settings, which goes back to the defaults",
    )
  addBreakGlassOption(command)
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions & BreakGlassOptions>(
      io,
      async ({ options, connect, print, printJson }, kind = '', name = '') => {
        const words = parseKindWord(kind)
        if (typeof words === 'string') throw new CommandError(EXIT.badInput, `${words} cannot be deleted`)
        const outcome = await connect().send(
          { method: 'DELETE', path: resourcePath(words, name), query: breakGlassQuery(options) },
          changeOutcomeSchema,
        )
        io.setExitCode(exitCodeOf(outcome))
        const proposed = proposedLine(outcome)
        if (options.json) printJson(proposed === null ? { deleted: { kind: words.kind, name } } : outcome)
        else print([proposed ?? `deleted    ${words.word} ${name}`])
      },
    ),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead delete endpoint web/ams-1', meaning: 'one endpoint of the pool web' },
      { line: 'fairlead delete lb www.example.test', meaning: 'a load balancer' },
    ],
    exitCodes: CHANGE_EXIT_CODES,
  })
}
