/** `fairlead join-token`: lets one node join, once; lists such tokens, and takes one back. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { pageSchema } from '../../core/views/page.ts'
import { createdJoinTokenSchema, joinTokenViewSchema } from '../../core/views/trust.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { renderTable } from '../output/table.ts'
import { parseDuration } from '../parse-duration.ts'

interface JoinTokenOptions extends CommonOptions {
  readonly role?: string
  readonly site?: string
  readonly name?: string
  readonly address?: string[]
  readonly expires: string
}

const ROLES = ['checker', 'nameserver', 'control']
const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]
const collect = (value: string, values: string[] | undefined): string[] => [...(values ?? []), value]

export function addJoinTokenCommand(program: Command, io: Io): void {
  const command = program
    .command('join-token')
    .description('Make a token by which one node joins the cluster, once, and print it')
    // Those of list and revoke are their own: nothing is required of them.
    .enablePositionalOptions()
    .option('--role <role>', 'checker, nameserver or control: its certificate will say so')
    .option('--site <site>', 'of a checker or a nameserver: its certificate will say so')
    .option('--name <name>', 'of the node: its certificate will say so')
    .option('--address <name|ip>', 'of a control: where its API is served; repeat it for several', collect)
    .option('--expires <time>', 'how long it can be used', '1h')
  addConnectionOptions(addJsonOption(command)).action(
    runs<JoinTokenOptions>(io, async ({ options, connect, printJson }) => {
      const { role = '', site, name, address: addresses = [] } = options
      if (name === undefined) throw new CommandError(EXIT.badInput, '--name is expected: that of the node')
      if (!ROLES.includes(role))
        throw new CommandError(EXIT.badInput, `--role: '${role}' is none of ${ROLES.join(', ')}`)
      const expiresSec = parseDuration(options.expires, '--expires') / 1_000
      const body = { role, site, name, addresses, expiresSec }
      const request = { method: 'POST', path: 'v1/join-tokens', body } as const
      const created = await connect().send(request, createdJoinTokenSchema)
      if (options.json) {
        printJson(created)
        return
      }
      const until = new Date(created.expiresAtMs).toISOString()
      io.stderr.write(
        `for ${created.identity}, once, until ${until}; on that machine: fairlead join https://CONTROL:5381 --token-file FILE --data-dir DIR\n`,
      )
      io.stdout.write(`${created.token}\n`)
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead join-token --role checker --site ams --name ams-1 > join.token',
        meaning: 'stdout holds the token alone',
      },
    ],
    exitCodes: EXIT_CODES,
  })
  addList(command, io)
  addRevoke(command, io)
}

function addList(joinToken: Command, io: Io): void {
  const command = joinToken
    .command('list')
    .description('Show the join tokens, newest first; never the secrets')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const { items } = await connect().send({ path: 'v1/join-tokens' }, pageSchema(joinTokenViewSchema))
      const rows = items.map(({ id, identity, createdAtMs, expiresAtMs, state }) => [
        ...[id, identity, new Date(createdAtMs).toISOString(), new Date(expiresAtMs).toISOString(), state],
      ])
      const header = ['ID', 'IDENTITY', 'CREATED', 'EXPIRES', 'STATE']
      if (options.json) printJson(items)
      else print(renderTable(header, rows, { paint, none: 'no join tokens' }))
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead join-token list', meaning: 'which of them somebody could still join by' }],
    exitCodes: EXIT_CODES,
  })
}

function addRevoke(joinToken: Command, io: Io): void {
  const command = joinToken
    .command('revoke')
    .description('End a join token before its time: nobody joins by it any more')
    .argument('<id>', "as 'join-token list' shows it")
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, print, printJson }, id = '') => {
      await connect().run({ method: 'DELETE', path: `v1/${apiPath('join-tokens', id)}` })
      if (options.json) printJson({ revoked: id })
      else print([`revoked    join token ${id}`])
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead join-token revoke 0c2f4a52-7c1e-4f0e-9f7c-3f6d0c1b2a11',
        meaning: "by the id that 'join-token list' shows",
      },
    ],
    exitCodes: EXIT_CODES,
  })
}
