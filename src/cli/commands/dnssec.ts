/** `fairlead dnssec`: keys and DS of a signed zone, and rollovers step by step. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { dnssecViewSchema, rollOutcomeSchema } from '../../core/views/dnssec.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { describeDnssec } from './describe-dnssec.ts'

interface RollOptions extends CommonOptions {
  readonly key?: string
  readonly cancel?: boolean
  readonly dsIsAtParent?: boolean
}

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]
const KEYS = ['csk', 'ksk', 'zsk']

export function addDnssecCommand(program: Command, io: Io): void {
  const command = program
    .command('dnssec')
    .description('Show the keys of a signed zone and its DS, and roll keys')
  addShow(command, io)
  addDs(command, io)
  addRoll(command, io)
}

function addShow(parent: Command, io: Io): void {
  const command = parent
    .command('show')
    .description('Keys, what the parent has, how far a rollover has come, and what to do next')
    .argument('<zone>', 'the zone')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }, zone = '') => {
      const path = `v1/${apiPath('zones', zone, 'dnssec')}`
      const view = await connect().send({ path, query: { parent: 'true' } }, dnssecViewSchema)
      if (options.json) printJson(view)
      else print(describeDnssec(view, { paint, nowMs: io.now() }))
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead dnssec show example.test', meaning: 'asks the parent as well' }],
    exitCodes: EXIT_CODES,
  })
}

function addDs(parent: Command, io: Io): void {
  const command = parent
    .command('ds')
    .description('The DS records for the parent, as lines of a zone file')
    .argument('<zone>', 'the zone')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }, zone = '') => {
      const view = await connect().send({ path: `v1/${apiPath('zones', zone, 'dnssec')}` }, dnssecViewSchema)
      if (options.json) printJson({ zone: view.zone, ds: view.ds })
      else print(view.ds)
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead dnssec ds example.test', meaning: 'give these to the parent, or to your registrar' },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addRoll(parent: Command, io: Io): void {
  const command = parent
    .command('roll')
    .description('Begin a rollover, or take its next step; refused where it would break the chain of trust')
    .argument('<zone>', 'the zone')
    .option('--key <key>', `which key: ${KEYS.join(', ')}; not needed where the zone has one`)
    .option('--cancel', 'go back to the keys before, while nothing depends on the new ones')
    .option('--ds-is-at-parent', "you have seen to the parent's DS: for zones without parentServers")
  addConnectionOptions(addJsonOption(command)).action(
    runs<RollOptions>(io, async ({ options, paint, connect, print, printJson }, zone = '') => {
      const { key, cancel, dsIsAtParent = false } = options
      if (key !== undefined && !KEYS.includes(key))
        throw new CommandError(EXIT.badInput, `--key: one of ${KEYS.join(', ')} is expected, not '${key}'`)
      const body = { ...(key && { key }), action: cancel ? 'cancel' : 'step', dsIsAtParent }
      const path = `v1/${apiPath('zones', zone, 'dnssec', 'roll')}`
      const outcome = await connect().send({ method: 'POST', path, body }, rollOutcomeSchema)
      if (options.json) printJson(outcome)
      else
        print([
          doneText(outcome, cancel === true),
          ...describeDnssec(outcome.dnssec, { paint, nowMs: io.now() }),
        ])
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead dnssec roll example.test', meaning: 'one step each time; it says what comes next' },
      { line: 'fairlead dnssec roll example.test --key zsk', meaning: 'of a zone with two keys' },
    ],
    exitCodes: EXIT_CODES,
  })
}

function doneText(
  { revision, done }: { readonly revision: number; readonly done: boolean },
  cancelled: boolean,
): string {
  if (cancelled) return `cancelled, revision ${revision}`
  return done ? `the rollover has ended, revision ${revision}` : `a step was taken, revision ${revision}`
}
