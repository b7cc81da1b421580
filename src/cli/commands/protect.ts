/** `fairlead protect`: what changes only after a second person has approved. */
import type { Command } from 'commander'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { CHANGE_EXIT_CODES } from '../exit-code-meaning.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { neededReason } from '../needed-reason.ts'
import { exitCodeOf, proposedLine } from './describe-outcome.ts'

const TARGET = 'zone/NAME, load-balancer/NAME, pool/NAME, site/NAME, monitor/NAME or client-map/NAME'

export function addProtectCommand(program: Command, io: Io): void {
  const command = program
    .command('protect')
    .description(
      'Let something be changed only after a second person has approved; drains and overrides stay free',
    )
    .argument('<target>', TARGET)
    .option('--reason <text>', 'why, for whoever meets it later; needed')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions & { readonly reason?: string }>(
      io,
      async ({ options, connect, print, printJson }, target = '') => {
        const body = { reason: neededReason(options.reason) }
        const request = { method: 'PUT', path: `v1/${apiPath('protections', target)}`, body } as const
        const outcome = await connect().send(request, changeOutcomeSchema)
        io.setExitCode(exitCodeOf(outcome))
        if (options.json) printJson(outcome)
        else print([proposedLine(outcome) ?? `protected  ${target}`])
      },
    ),
  )
  addNotes(command, {
    examples: [
      {
        line: "fairlead protect zone/example.test --reason 'the shop'",
        meaning: 'with the load balancers in it',
      },
      { line: 'fairlead proposals list', meaning: 'the changes that wait' },
    ],
    exitCodes: CHANGE_EXIT_CODES,
  })
  addClear(command, io)
}

function addClear(protect: Command, io: Io): void {
  const command = protect
    .command('clear')
    .description('End a protection; this too needs the approval of a second person')
    .argument('<target>', TARGET)
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }, target = '') => {
      const request = { method: 'DELETE', path: `v1/${apiPath('protections', target)}` } as const
      const outcome = await connect().send(request, changeOutcomeSchema)
      io.setExitCode(exitCodeOf(outcome))
      if (options.json) printJson(outcome)
      else print([proposedLine(outcome) ?? `cleared    ${target}`])
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead protect clear zone/example.test', meaning: 'proposed, then approved' }],
    exitCodes: CHANGE_EXIT_CODES,
  })
}
