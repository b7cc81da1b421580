/** `fairlead join-token`: lets one node join, once. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { createdJoinTokenSchema } from '../../core/views/trust.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { parseDuration } from '../parse-duration.ts'

interface JoinTokenOptions extends CommonOptions {
  readonly role: string
  readonly site?: string
  readonly name: string
  readonly address?: string[]
  readonly expires: string
}

const ROLES = ['checker', 'nameserver', 'control']
const collect = (value: string, values: string[] | undefined): string[] => [...(values ?? []), value]

export function addJoinTokenCommand(program: Command, io: Io): void {
  const command = program
    .command('join-token')
    .description('Make a token by which one node joins the cluster, once, and print it')
    .requiredOption('--role <role>', 'checker, nameserver or control: its certificate will say so')
    .option('--site <site>', 'of a checker or a nameserver: its certificate will say so')
    .requiredOption('--name <name>', 'of the node: its certificate will say so')
    .option('--address <name|ip>', 'of a control: where its API is served; repeat it for several', collect)
    .option('--expires <time>', 'how long it can be used', '1h')
  addConnectionOptions(addJsonOption(command)).action(
    runs<JoinTokenOptions>(io, async ({ options, connect, printJson }) => {
      const { role, site, name, address: addresses = [] } = options
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
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}
