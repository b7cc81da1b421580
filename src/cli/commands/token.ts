/** `fairlead token`: who may use the API. */
import type { Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { pageSchema } from '../../core/views/page.ts'
import { createdTokenSchema, tokenSchema } from '../../core/views/token.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { renderTable } from '../output/table.ts'

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess]

export function addTokenCommand(program: Command, io: Io): void {
  const token = program.command('token').description('List, create and revoke tokens of the API')
  addList(token, io)
  addCreate(token, io)
  addRevoke(token, io)
}

function addList(token: Command, io: Io): void {
  const command = token.command('list').description('Show the tokens; never the secrets')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const { items: tokens } = await connect().send({ path: 'v1/tokens' }, pageSchema(tokenSchema))
      const rows = tokens.map(({ id, name, createdAtMs }) => [id, name, new Date(createdAtMs).toISOString()])
      if (options.json) printJson(tokens)
      else print(renderTable(['ID', 'NAME', 'CREATED'], rows, { paint, none: 'no tokens' }))
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead token list', meaning: 'ids, names and when they were made' }],
    exitCodes: EXIT_CODES,
  })
}

function addCreate(token: Command, io: Io): void {
  const command = token
    .command('create')
    .description('Make a token and print it; it is shown only this once')
    .argument('<name>', 'who or what will use it: the author of the changes made with it')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, printJson }, name) => {
      const request = { method: 'POST', path: 'v1/tokens', body: { name } } as const
      const created = await connect().send(request, createdTokenSchema)
      if (options.json) {
        printJson(created)
        return
      }
      io.stderr.write(`token ${created.id} of '${created.name}': keep it now, it is shown only this once\n`)
      io.stdout.write(`${created.token}\n`)
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead token create deploy > deploy.token', meaning: 'stdout holds the token alone' },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addRevoke(token: Command, io: Io): void {
  const command = token
    .command('revoke')
    .description('Make a token invalid, at once')
    .argument('<id>', "as 'token list' shows it")
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }, id = '') => {
      await connect().run({ method: 'DELETE', path: `v1/${apiPath('tokens', id)}` })
      if (options.json) printJson({ revoked: id })
      else print([`revoked    token ${id}`])
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead token revoke 3f2a9c', meaning: "by the id that 'token list' shows" }],
    exitCodes: EXIT_CODES,
  })
}
