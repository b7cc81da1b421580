/** `fairlead drain`: take an endpoint, the endpoints of a pool, or a whole site out of the answers, gently. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { operationsSchema } from '../../core/views/operations.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addBreakGlassOption, breakGlassQuery, type BreakGlassOptions } from '../break-glass-option.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { neededReason } from '../needed-reason.ts'
import { parseDuration } from '../parse-duration.ts'
import { drainSentence } from './operations-table.ts'

interface DrainOptions extends CommonOptions, BreakGlassOptions {
  readonly reason?: string
  readonly in?: string
  readonly over?: string
  readonly for?: string
  readonly force?: boolean
}

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]
const TARGET = 'site/NAME, pool/NAME or endpoint/POOL/NAME'

export function addDrainCommand(program: Command, io: Io): void {
  const command = program
    .command('drain')
    .description('Take an endpoint, the endpoints of a pool or a whole site out of the answers, gently')
    .argument('<target>', TARGET)
    .option('--reason <text>', 'why, for whoever finds it later; needed')
    .option(
      '--in <duration>',
      'begin after so long, such as 1h; answers are held for a short time until then',
    )
    .option('--over <duration>', 'the weights shrink over so long, such as 5m; without it all at once')
    .option('--for <duration>', 'it ends by itself so long after its begin; without it when it is cancelled')
    .option('--force', 'also where it leaves a load balancer without any eligible endpoint')
  addBreakGlassOption(command)
  addConnectionOptions(addJsonOption(command)).action(
    runs<DrainOptions>(io, async ({ options, connect, print, printJson }, target = '') => {
      const client = connect()
      const request = {
        method: 'PUT',
        path: `v1/${apiPath('drains', target)}`,
        query: { ...(options.force === true && { force: 'true' }), ...breakGlassQuery(options) },
        body: bodyOf(options, io.now()),
      } as const
      const outcome = await client.send(request, changeOutcomeSchema)
      if (options.json) {
        printJson(outcome)
        return
      }
      const { drains } = await client.send({ path: 'v1/operations' }, operationsSchema)
      const drain = drains.find((one) => one.target === target)
      print([drain === undefined ? `drained    ${target}` : `draining   ${drainSentence(drain, io.now())}`])
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: "fairlead drain site/ams --over 5m --reason 'power work'",
        meaning: 'now, within five minutes',
      },
      {
        line: "fairlead drain pool/web --in 1h --for 3h --reason 'upgrade'",
        meaning: 'in an hour; back three hours after that',
      },
      { line: 'fairlead get drains', meaning: 'how far they are, and what resolvers may still hold' },
    ],
    exitCodes: EXIT_CODES,
  })
  addCancel(command, io)
}

/** Times of the begin and the end, where the options name them; without them control begins now. */
function bodyOf({ reason, over, ...options }: DrainOptions, nowMs: number): object {
  const startAtMs = nowMs + (options.in === undefined ? 0 : parseDuration(options.in, '--in'))
  return {
    reason: neededReason(reason),
    ...(options.in !== undefined && { startAtMs }),
    ...(over !== undefined && { drainSec: parseDuration(over, '--over') / 1_000 }),
    ...(options.for !== undefined && { expiresAtMs: startAtMs + parseDuration(options.for, '--for') }),
  }
}

function addCancel(drain: Command, io: Io): void {
  const command = drain
    .command('cancel')
    .description('End a drain, or take back one that is planned: what it is about is answered with again')
    .argument('<target>', TARGET)
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }, target = '') => {
      await connect().run({ method: 'DELETE', path: `v1/${apiPath('drains', target)}` })
      if (options.json) printJson({ cancelled: target })
      else print([`cancelled  ${target}`])
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead drain cancel site/ams', meaning: 'at once; a pool with rampSec ramps up' }],
    exitCodes: EXIT_CODES,
  })
}
