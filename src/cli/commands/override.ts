/** `fairlead override`: force an endpoint up or down, beside its verdict. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addBreakGlassOption, breakGlassQuery, type BreakGlassOptions } from '../break-glass-option.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { neededReason } from '../needed-reason.ts'
import { parseDuration } from '../parse-duration.ts'

interface OverrideOptions extends CommonOptions, BreakGlassOptions {
  readonly reason?: string
  readonly for?: string
}

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]

export function addOverrideCommand(program: Command, io: Io): void {
  const command = program
    .command('override')
    .description('Force an endpoint up or down; the verdict stays what it is, and is shown beside it')
    .argument('<endpoint>', 'POOL/NAME')
    .argument('<state>', 'up or down')
    .option('--reason <text>', 'why, for whoever finds it later; needed')
    .option('--for <duration>', 'it ends by itself after so long, such as 2h; without it when it is cleared')
  addBreakGlassOption(command)
  addConnectionOptions(addJsonOption(command)).action(
    runs<OverrideOptions>(io, async ({ options, connect, print, printJson }, endpoint = '', word = '') => {
      if (word !== 'up' && word !== 'down')
        throw new CommandError(EXIT.badInput, `an endpoint is forced 'up' or 'down', not '${word}'`)
      const reason = neededReason(options.reason)
      const expiry =
        options.for === undefined ? {} : { expiresAtMs: io.now() + parseDuration(options.for, '--for') }
      const body = { state: `forced-${word}`, reason, ...expiry }
      const path = `v1/${apiPath('overrides', endpoint)}`
      const request = { method: 'PUT', path, query: breakGlassQuery(options), body } as const
      const outcome = await connect().send(request, changeOutcomeSchema)
      if (options.json) printJson(outcome)
      else print([`forced ${word.padEnd(4)} ${endpoint} ${endText(expiry.expiresAtMs)}`])
    }),
  )
  addNotes(command, {
    examples: [
      { line: "fairlead override web/ams-1 down --reason 'disk'", meaning: 'until it is cleared' },
      { line: "fairlead override web/ams-1 up --reason 'probe is wrong' --for 2h", meaning: 'for two hours' },
      { line: 'fairlead get overrides', meaning: 'what is forced, by whom, until when' },
    ],
    exitCodes: EXIT_CODES,
  })
  addClear(command, io)
}

function addClear(override: Command, io: Io): void {
  const command = override
    .command('clear')
    .description('End an override: the verdict decides again')
    .argument('<endpoint>', 'POOL/NAME')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }, endpoint = '') => {
      await connect().run({ method: 'DELETE', path: `v1/${apiPath('overrides', endpoint)}` })
      if (options.json) printJson({ cleared: endpoint })
      else print([`cleared     ${endpoint}`])
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead override clear web/ams-1', meaning: 'at once' }],
    exitCodes: EXIT_CODES,
  })
}

function endText(expiresAtMs: number | undefined): string {
  return expiresAtMs === undefined ? 'until it is cleared' : `until ${new Date(expiresAtMs).toISOString()}`
}
