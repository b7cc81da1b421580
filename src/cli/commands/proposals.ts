/** `fairlead proposals`: change sets that wait for the approval of a second person. */
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { documentSchema } from '../../core/model/document.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import {
  proposalSchema,
  proposalSummarySchema,
  type ProposalSummaryView,
  type ProposalView,
} from '../../core/views/proposal.ts'
import { apiPath, type ApiClient } from '../api/api-client.ts'
import { listAll } from '../api/list-all.ts'
import { addNotes } from '../command-notes.ts'
import { addConnectionOptions, addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'
import { neededReason } from '../needed-reason.ts'
import type { Paint } from '../output/paint.ts'
import { printable } from '../output/printable.ts'
import { renderTable } from '../output/table.ts'
import { describeDifferences } from './describe-differences.ts'
import { describeOutcome } from './describe-outcome.ts'

const EXIT_CODES = [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied]
const ID = "as 'proposals list' shows it, or how it begins"

export function addProposalsCommand(program: Command, io: Io): void {
  const proposals = program
    .command('proposals')
    .description('List, show, approve and reject changes of what is protected')
  addList(proposals, io)
  addShow(proposals, io)
  addApprove(proposals, io)
  addReject(proposals, io)
}

/** The one whose id begins so; the control says it of an id that is none. */
async function wholeId(client: ApiClient, id: string): Promise<string> {
  const items = await listAll(client, 'v1/proposals', {
    schema: proposalSummarySchema,
    query: { state: 'all' },
  })
  const found = items.filter((one) => one.id.startsWith(id)).map((one) => one.id)
  if (found.length < 2 || found.includes(id)) return found.find((one) => one === id) ?? found[0] ?? id
  throw new CommandError(EXIT.badInput, `'${id}' begins ${found.length} proposals: ${found.join(', ')}`)
}

function addList(proposals: Command, io: Io): void {
  const command = proposals
    .command('list')
    .description('Show what waits for an approval, newest first; it expires after 30 days')
    .option('--all', 'what was decided, or has expired, as well')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions & { readonly all?: boolean }>(
      io,
      async ({ options, connect, paint, print, printJson }) => {
        const query = { state: options.all === true ? 'all' : 'open' }
        const items = await listAll(connect(), 'v1/proposals', { schema: proposalSummarySchema, query })
        const header = ['ID', 'TIME', 'AUTHOR', 'STATE', 'CHANGES', 'PROTECTED', 'MESSAGE']
        const none = options.all === true ? 'no proposals' : 'no open proposals'
        if (options.json) printJson(items)
        else print(renderTable(header, items.map(rowOf), { paint, none }))
      },
    ),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead proposals list', meaning: 'what waits for you' }],
    exitCodes: EXIT_CODES,
  })
}

function rowOf(proposal: ProposalSummaryView): string[] {
  const { id, atMs, author, state, changeCount, protections, message } = proposal
  const time = new Date(atMs).toISOString()
  return [id, time, author, state, String(changeCount), protections.join(', '), message]
}

function addShow(proposals: Command, io: Io): void {
  const command = proposals
    .command('show')
    .description('Show what a proposal would change, field by field')
    .argument('<id>', ID)
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, paint, print, printJson }, id = '') => {
      const client = connect()
      const path = `v1/${apiPath('proposals', await wholeId(client, id))}`
      const proposal = await client.send({ path }, proposalSchema)
      if (options.json) printJson(proposal)
      else print(describeProposal(proposal, paint))
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead proposals show 3f2a9c41', meaning: 'before it is approved' }],
    exitCodes: EXIT_CODES,
  })
}

function describeProposal(proposal: ProposalView, paint: Paint): string[] {
  const { author, from, message, protections, force, breakGlass, state, decision, changes } = proposal
  const { expiresAtMs } = proposal
  const until = expiresAtMs === undefined ? '' : `, expires ${new Date(expiresAtMs).toISOString()}`
  const end =
    decision === null
      ? `open${until}`
      : `${state} by ${printable(decision.by)}${decision.reason === '' ? '' : `: ${printable(decision.reason)}`}`
  return [
    `author     ${printable(author)} from ${printable(from)}`,
    `message    ${message === '' ? '-' : printable(message)}`,
    `protected  ${protections.join(', ')}`,
    ...(force
      ? ['forced     load balancers may be left without an eligible endpoint, a signing may end under a DS']
      : []),
    ...(breakGlass === null ? [] : [`breaks the glass: ${printable(breakGlass)}`]),
    `state      ${end}`,
    ...describeDifferences({ outcome: 'dry-run', revision: 0, changes }, paint),
  ]
}

function addApprove(proposals: Command, io: Io): void {
  const command = proposals
    .command('approve')
    .description('Commit what somebody else has proposed')
    .argument('<id>', ID)
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions>(io, async ({ options, connect, paint, print, printJson }, id = '') => {
      const client = connect()
      const path = `v1/${apiPath('proposals', await wholeId(client, id), 'approve')}`
      const outcome = await client.send({ method: 'POST', path }, changeOutcomeSchema)
      if (options.json) printJson(outcome)
      else print(describeOutcome(outcome, documentSchema.parse({}), { paint, dryRun: false }))
    }),
  )
  addNotes(command, {
    examples: [{ line: 'fairlead proposals approve 3f2a9c41', meaning: 'it becomes a revision, at once' }],
    exitCodes: EXIT_CODES,
  })
}

function addReject(proposals: Command, io: Io): void {
  const command = proposals
    .command('reject')
    .description('Turn a proposal down, or take your own one back')
    .argument('<id>', ID)
    .option('--reason <text>', 'why, for its author; needed')
  addConnectionOptions(addJsonOption(command)).action(
    runs<CommonOptions & { readonly reason?: string }>(
      io,
      async ({ options, connect, print, printJson }, id = '') => {
        const body = { reason: neededReason(options.reason) }
        const client = connect()
        const path = `v1/${apiPath('proposals', await wholeId(client, id), 'reject')}`
        const proposal = await client.send({ method: 'POST', path, body }, proposalSchema)
        if (options.json) printJson(proposal)
        else print([`rejected   proposal ${proposal.id} of ${printable(proposal.author)}`])
      },
    ),
  )
  addNotes(command, {
    examples: [
      { line: "fairlead proposals reject 3f2a9c41 --reason 'wrong zone'", meaning: 'nothing changes' },
    ],
    exitCodes: EXIT_CODES,
  })
}
