/** `fairlead token`: who may use the API, and for what. */
import type { Command } from 'commander'
import { describeScope } from '../../core/access/denied-changes.ts'
import { EXIT } from '../../core/exit-code.ts'
import { pageSchema } from '../../core/views/page.ts'
import { createdTokenSchema, tokenSchema, type CreatedToken, type Token } from '../../core/views/token.ts'
import { apiPath } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import {
  addConnectionOptions,
  addJsonOption,
  runs,
  type CommonOptions,
  type Invocation,
} from '../invocation.ts'
import type { Io } from '../io.ts'
import { renderTable } from '../output/table.ts'
import { parseDuration } from '../parse-duration.ts'

interface CreateOptions extends CommonOptions {
  readonly role: string
  readonly zone: string[]
  readonly pool: string[]
  readonly expires?: string
}

interface RotateOptions extends CommonOptions {
  readonly grace?: string
  readonly expires?: string
}

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]

export function addTokenCommand(program: Command, io: Io): void {
  const token = program
    .command('token')
    .description('List, create, rotate and revoke tokens of the API; for admins')
  addList(token, io)
  addCreate(token, io)
  addRotate(token, io)
  addRevoke(token, io)
}

function addList(token: Command, io: Io): void {
  const command = token.command('list').description('Show the tokens; never the secrets')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const { items: tokens } = await connect().send({ path: 'v1/tokens' }, pageSchema(tokenSchema))
      const header = ['ID', 'NAME', 'ROLE', 'SCOPE', 'CREATED', 'EXPIRES']
      if (options.json) printJson(tokens)
      else
        print(
          renderTable(
            header,
            tokens.map((one) => rowOf(one, io.now())),
            { paint, none: 'no tokens' },
          ),
        )
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead token list', meaning: 'ids, names, what they may do, and until when' }],
    exitCodes: EXIT_CODES,
  })
}

function rowOf({ id, name, role, scope, createdAtMs, expiresAtMs }: Token, nowMs: number): string[] {
  const end = expiresAtMs === null ? 'never' : new Date(expiresAtMs).toISOString()
  const isOver = expiresAtMs !== null && expiresAtMs <= nowMs
  return [
    ...[id, name, role, scope === undefined ? 'everything' : describeScope(scope)],
    ...[new Date(createdAtMs).toISOString(), isOver ? `expired ${end}` : end],
  ]
}

function addCreate(token: Command, io: Io): void {
  const collect = (value: string, all: readonly string[]) => [...all, value]
  const command = token
    .command('create')
    .description('Make a token and print it; it is shown only this once')
    .argument('<name>', 'who or what will use it: the author of the changes made with it')
    .option(
      '--role <role>',
      'viewer, operator (overrides, drains), editor (configuration) or admin (tokens, rules)',
      'viewer',
    )
    .option('--zone <name>', 'only for this zone; * stands for any characters; may be repeated', collect, [])
    .option('--pool <name>', 'only for this pool; as --zone', collect, [])
    .option('--expires <duration>', 'good for so long, such as 12h or 90d; without it until it is revoked')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CreateOptions>(io, async (invocation, name) => {
      const { role, zone: zones, pool: pools, expires } = invocation.options
      const body = {
        ...{ name, role },
        ...(zones.length + pools.length > 0 && { scope: { zones, pools } }),
        ...expiryOf(expires, io.now()),
      }
      const request = { method: 'POST', path: 'v1/tokens', body } as const
      show(invocation, await invocation.connect().send(request, createdTokenSchema))
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead token create deploy --role editor --expires 90d > deploy.token',
        meaning: 'stdout holds the token alone',
      },
      {
        line: "fairlead token create team-shop --role editor --zone '*.shop.test' --pool 'shop-*'",
        meaning: 'for the zones and pools of one team',
      },
      {
        line: 'fairlead token create on-call --role operator',
        meaning: 'overrides, drains and failbacks, no configuration',
      },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addRotate(token: Command, io: Io): void {
  const command = token
    .command('rotate')
    .description('Make a new token for the same name, role and scope, and end the old one')
    .argument('<id>', "as 'token list' shows it")
    .option('--grace <duration>', 'the old one is good for so long, such as 1h; without it it ends at once')
    .option('--expires <duration>', 'the new one is good for so long; without it as long as the old one was')
  addConnectionOptions(addJsonOption(command)).action(
    runs<RotateOptions>(io, async (invocation, id = '') => {
      const { grace, expires } = invocation.options
      const body = {
        ...(grace !== undefined && { graceSec: parseDuration(grace, '--grace') / 1_000 }),
        ...expiryOf(expires, io.now()),
      }
      const request = { method: 'POST', path: `v1/${apiPath('tokens', id, 'rotate')}`, body } as const
      show(invocation, await invocation.connect().send(request, createdTokenSchema))
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead token rotate 3f2a9c --grace 1h > deploy.token',
        meaning: 'the old one works for another hour',
      },
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

function expiryOf(expires: string | undefined, nowMs: number): { readonly expiresAtMs?: number } {
  return expires === undefined ? {} : { expiresAtMs: nowMs + parseDuration(expires, '--expires') }
}

function show({ io, options, printJson }: Invocation<CommonOptions>, created: CreatedToken): void {
  if (options.json) {
    printJson(created)
    return
  }
  const { id, name, role, token } = created
  io.stderr.write(`token ${id} of '${name}' (${role}): keep it now, it is shown only this once\n`)
  io.stdout.write(`${token}\n`)
}
