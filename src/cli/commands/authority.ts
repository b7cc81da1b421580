/** `fairlead authority`: the authorities of the cluster, and the steps by which one takes the place of another. */
import type { Command } from 'commander'
import { z } from 'zod'
import { EXIT } from '../../core/exit-code.ts'
import { authorityViewSchema, type AuthorityView } from '../../core/views/authority.ts'
import type { ApiRequest } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import {
  addConnectionOptions,
  addJsonOption,
  runs,
  type CommonOptions,
  type Invocation,
} from '../invocation.ts'
import type { Io } from '../io.ts'
import type { Paint } from '../output/paint.ts'
import { renderTable } from '../output/table.ts'
import { ownAuthority, type OwnAuthorityOptions } from './own-authority.ts'

interface StepOptions extends CommonOptions {
  readonly force?: string
}

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess]
const replySchema = z.object({ items: z.array(authorityViewSchema) })
/** In text; --json has all of them. */
const MAX_NAMES = 10

export function addAuthorityCommand(program: Command, io: Io): void {
  const command = program
    .command('authority')
    .description("Show the cluster's authority, and put another one in its place: rotate, promote, retire")
  addShow(command, io)
  addRotate(command, io)
  addStep(command, io, {
    action: 'promote',
    description: 'Let the next authority sign from now on; refused while somebody does not have it yet',
    example: 'every process renews its certificate within a minute',
  })
  addStep(command, io, {
    action: 'retire',
    description:
      'Believe the authority before no more, and delete its key; refused while somebody has a certificate of it',
    example: 'the end of a rotation',
  })
  addStep(command, io, {
    action: 'abandon',
    description: 'Drop the next authority, which has signed nothing yet',
    example: 'begin anew with another one',
  })
}

function addShow(parent: Command, io: Io): void {
  const command = parent
    .command('show')
    .description('Authorities, their states, and whom the next step waits for')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, paint, connect, print, printJson }) => {
      const { items } = await connect().send({ path: 'v1/authorities' }, replySchema)
      if (options.json) printJson(items)
      else print(describe(items, paint))
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead authority show', meaning: 'how far a rotation has come' }],
    exitCodes: EXIT_CODES,
  })
}

function addRotate(parent: Command, io: Io): void {
  const command = parent
    .command('rotate')
    .description('Begin a rotation: another authority, which everybody is told to believe before it signs')
    .option('--ca-certificate <path>', 'PEM certificate of an authority of your own; without it one is made')
    .option('--ca-key <path>', 'PEM key of that authority; it is sealed in the store')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions & OwnAuthorityOptions>(io, async (invocation) => {
      const { options } = invocation
      const body = ownAuthority(options, io) ?? {}
      await send(invocation, { method: 'POST', path: 'v1/authorities', body })
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead authority rotate', meaning: "then 'fairlead authority show', and promote" },
      {
        line: 'fairlead authority rotate --ca-certificate ca.pem --ca-key ca.key',
        meaning: 'one that you made yourself',
      },
    ],
    exitCodes: EXIT_CODES,
  })
}

function addStep(
  parent: Command,
  io: Io,
  about: {
    readonly action: 'promote' | 'retire' | 'abandon'
    readonly description: string
    readonly example: string
  },
): void {
  const { action, description, example } = about
  const command = parent.command(action).description(description)
  // Nobody waits for the end of what has signed nothing.
  if (action !== 'abandon')
    command.option(
      '--force <reason>',
      'though somebody is not ready, who has to join again then; kept in the audit log',
    )
  addConnectionOptions(addJsonOption(command)).action(
    runs<StepOptions>(io, async (invocation) => {
      const { force } = invocation.options
      const body = { action, ...(force !== undefined && { force }) }
      await send(invocation, { method: 'POST', path: 'v1/authorities/steps', body })
    }),
  )
  addNotes(command, {
    examples: [{ line: `fairlead authority ${action}`, meaning: example }],
    exitCodes: EXIT_CODES,
  })
}

async function send(
  { options, paint, connect, print, printJson }: Invocation<CommonOptions>,
  request: ApiRequest,
): Promise<void> {
  const { items } = await connect().send(request, replySchema)
  if (options.json) printJson(items)
  else print(describe(items, paint))
}

function describe(items: readonly AuthorityView[], paint: Paint): string[] {
  const rows = items.map(({ fingerprint, state, certificates, notAfterMs }) => [
    ...[fingerprint, state, String(certificates), new Date(notAfterMs).toISOString()],
  ])
  const table = renderTable(['AUTHORITY', 'STATE', 'CERTIFICATES', 'UNTIL'], rows, {
    ...{ paint, none: 'no authority' },
  })
  return [...table, ...items.flatMap(nextOf)]
}

/** What comes next, and whom that waits for. */
function nextOf({ state, heldBy, unknownTo }: AuthorityView): string[] {
  if (state === 'current') return []
  const waits = state === 'next' ? unknownTo : heldBy
  const step = state === 'next' ? 'promote' : 'retire'
  if (waits.length === 0) return [`next       fairlead authority ${step}`]
  const why = state === 'next' ? 'do not have the next one yet' : 'have a certificate of the retiring one'
  const more = waits.length > MAX_NAMES ? `, and ${waits.length - MAX_NAMES} more` : ''
  return [`waits for  ${waits.slice(0, MAX_NAMES).join(', ')}${more}, which ${why}: then ${step}`]
}
