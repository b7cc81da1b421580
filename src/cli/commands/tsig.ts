/** `fairlead tsig`: keys that are shared with DNS servers of others. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { pageSchema } from '../../core/views/page.ts'
import { createdTsigKeySchema, tsigKeyViewSchema } from '../../core/views/tsig-key.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { renderTable } from '../output/table.ts'

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]

interface AddOptions extends CommonOptions {
  readonly algorithm?: string
  readonly secretStdin?: boolean
}

export function addTsigCommand(program: Command, io: Io): void {
  const tsig = program
    .command('tsig')
    .description('Keys that are shared with DNS servers of others (RFC 8945)')
  addAdd(tsig, io)
  addList(tsig, io)
  addRemove(tsig, io)
}

function addAdd(tsig: Command, io: Io): void {
  const command = tsig
    .command('add')
    .description('Make a key and print it as named.conf has it; it is shown only this once')
    .argument('<name>', 'its name: the same at the other server')
    .option('--algorithm <algorithm>', 'hmac-sha256, hmac-sha384 or hmac-sha512', 'hmac-sha256')
    .option('--secret-stdin', 'keep the secret that the other server has already: base64 on standard input')
  addConnectionOptions(addJsonOption(command)).action(
    runs<AddOptions>(io, async ({ options, connect, print, printJson }, name = '') => {
      const secret = options.secretStdin === true ? (await textOf(io.stdin)).trim() : undefined
      if (secret === '')
        throw new CommandError(EXIT.badInput, '--secret-stdin: there is nothing on standard input')
      const body = { name, algorithm: options.algorithm, ...(secret !== undefined && { secret }) }
      const created = await connect().send(
        { method: 'POST', path: 'v1/tsig-keys', body },
        createdTsigKeySchema,
      )
      if (options.json) printJson(created)
      else
        print([
          `key "${created.name}" {`,
          `  algorithm ${created.algorithm};`,
          `  secret "${created.secret}";`,
          '};',
        ])
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead tsig add transfer.example.net > transfer.key',
        meaning: 'for an `include` in named.conf',
      },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addList(tsig: Command, io: Io): void {
  const command = tsig
    .command('list')
    .description('Show the keys and the zones that name them; never the secrets')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const { items } = await connect().send({ path: 'v1/tsig-keys' }, pageSchema(tsigKeyViewSchema))
      const rows = items.map((key) => [
        key.name,
        key.algorithm,
        new Date(key.createdAtMs).toISOString(),
        key.zones.join(' '),
      ])
      if (options.json) printJson(items)
      else
        print(renderTable(['NAME', 'ALGORITHM', 'CREATED', 'ZONES'], rows, { paint, none: 'no TSIG keys' }))
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead tsig list', meaning: 'and which zones use which' }],
    exitCodes: EXIT_CODES,
  })
}

function addRemove(tsig: Command, io: Io): void {
  const command = tsig
    .command('remove')
    .description('Forget a key that no zone names any more')
    .argument('<name>', 'the key')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }, name = '') => {
      const request = { method: 'DELETE', path: `v1/${apiPath('tsig-keys', name)}` } as const
      const outcome = await connect().send(request, changeOutcomeSchema)
      if (options.json) printJson(outcome)
      else print([`removed    TSIG key ${name}, revision ${outcome.revision}`])
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead tsig remove transfer.example.net', meaning: 'it is refused while a zone names it' },
    ],
    exitCodes: EXIT_CODES,
  })
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
