/** `fairlead explain`: the answer for a name, and the whole trace of how it came about. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { explanationSchema } from '../../core/views/explanation.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { parseDuration } from '../parse-duration.ts'
import { describeExplanation } from './describe-explanation.ts'

interface ExplainOptions extends CommonOptions {
  readonly type: string
  readonly client?: string
  readonly at?: string
}

const TYPES = ['A', 'AAAA', 'CNAME', 'NS', 'TXT', 'MX', 'SRV', 'CAA', 'DS', 'HTTPS', 'SVCB']

export function addExplainCommand(program: Command, io: Io): void {
  // choices() first, for help and completion; the parser after it accepts any case.
  const type = new Option('--type <type>', 'record type').choices(TYPES).default('A').argParser(parseType)
  const command = program
    .command('explain')
    .description('Show what is answered for a name, and why: health, votes, probes, policy, publication')
    .argument('<name>', 'the DNS name that a client asks for')
    .addOption(type)
    .option('--client <ip>', 'address of the client that asks')
    .option(
      '--at <time>',
      'as it was then: a time such as 2026-11-26T20:15:00Z, or how long ago, such as 15m',
    )
  addConnectionOptions(addJsonOption(command)).action(
    runs<ExplainOptions>(io, async ({ options, paint, connect, print, printJson }, name) => {
      const at = options.at === undefined ? undefined : momentOf(options.at, io.now())
      const query = { name, type: options.type, client: options.client, at }
      const explanation = await connect().send({ path: 'v1/explain', query }, explanationSchema)
      if (options.json) printJson(explanation)
      else print(describeExplanation(explanation, paint, io.now()))
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead explain www.example.test', meaning: 'the A answer' },
      {
        line: 'fairlead explain www.example.test --type AAAA --client 2001:db8::1',
        meaning: 'as that client sees it',
      },
      { line: 'fairlead explain www.example.test --at 15m', meaning: 'as it was a quarter of an hour ago' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}

function parseType(text: string): string {
  const type = text.toUpperCase()
  if (TYPES.includes(type)) return type
  throw new InvalidArgumentError(`Allowed choices are ${TYPES.join(', ')}.`)
}

/** RFC 3339. What is neither a time nor a time span is refused by control, which says how a time is written. */
function momentOf(text: string, nowMs: number): string {
  if (!/^(?:\d+[smhd])+$/.test(text)) return text
  return new Date(nowMs - parseDuration(text, '--at')).toISOString()
}
