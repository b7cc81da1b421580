/** `fairlead get`: resources as they are kept, and what runs. A list is a table; one resource is YAML. */
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import type { Pool } from '../../core/model/pool.ts'
import { revisionSchema } from '../../core/views/change-set.ts'
import { operationsSchema } from '../../core/views/operations.ts'
import { verdictDetailSchema, verdictSummarySchema } from '../../core/views/health.ts'
import { apiPath, type ApiClient } from '../api/api-client.ts'
import { listAll } from '../api/list-all.ts'
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
import { parseRevision } from '../parse-revision.ts'
import { KIND_WORDS, parseKindWord, resourcePath, type KindWords } from '../resource-word.ts'
import { describeVerdict, NODE_VIEWS, verdictsTable } from './describe-health.ts'
import { drainsTable, overridesTable } from './operations-table.ts'
import { GET_TABLES } from './get-table.ts'

interface GetOptions extends CommonOptions {
  readonly limit: string
}

const OTHER_KINDS = ['revisions', 'verdicts', 'checkers', 'nameservers']

export function addGetCommand(program: Command, io: Io): void {
  const command = program
    .command('get')
    .description('Show resources, revisions, checkers or nameservers')
    .argument('<kind>', `${KIND_WORDS.map(({ plural }) => plural).join(', ')}, ${OTHER_KINDS.join(', ')}`)
    .argument('[name]', 'one of them; for endpoints POOL or POOL/NAME; for revisions a number')
    .option('--limit <number>', 'at most so many revisions', '20')
  addConnectionOptions(addJsonOption(command)).action(
    runs<GetOptions>(io, async (invocation, kind = '', name?: string) => {
      const words = parseKindWord(kind, OTHER_KINDS)
      if (words === 'revisions')
        return name === undefined ? getRevisions(invocation) : getRevision(invocation, name)
      if (words === 'verdicts') return getVerdicts(invocation, name)
      if (typeof words === 'string') return getNodes(invocation, words, name)
      if (words.kind === 'endpoint' && !name?.includes('/')) return getEndpoints(invocation, name)
      if (name === undefined && (words.kind === 'override' || words.kind === 'drain'))
        return getOperations(invocation, words.kind)
      return getResources(invocation, words, name)
    }),
  )
  addNotes(command, {
    examples: [
      { line: 'fairlead get pools', meaning: 'a table' },
      { line: 'fairlead get endpoints web', meaning: 'those of one pool' },
      { line: 'fairlead get lb www.example.test', meaning: 'one load balancer as YAML' },
      { line: 'fairlead get revisions --limit 5', meaning: 'the last changes: who, when, why' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}

async function getResources(
  invocation: Invocation<GetOptions>,
  words: KindWords,
  name: string | undefined,
): Promise<void> {
  const { options, paint, print, printJson } = invocation
  const { schema, header, row } = GET_TABLES[words.kind]
  const client = invocation.connect()
  if (name !== undefined || words.kind === 'settings') {
    showOne(invocation, await client.send({ path: resourcePath(words, name ?? '') }, schema))
    return
  }
  const specs = await listAll(client, `v1/${words.plural}`, { schema })
  if (options.json) printJson(specs)
  else print(renderTable(header, specs.map(row), { paint, none: `no ${words.plural}` }))
}

/** With what is left of their time, which the resources alone do not tell. */
async function getOperations(invocation: Invocation<GetOptions>, kind: 'override' | 'drain'): Promise<void> {
  const { io, options, paint, print, printJson } = invocation
  const { overrides, drains } = await invocation.connect().send({ path: 'v1/operations' }, operationsSchema)
  const nowMs = io.now()
  if (options.json) printJson(kind === 'override' ? overrides : drains)
  else
    print(kind === 'override' ? overridesTable(overrides, paint, nowMs) : drainsTable(drains, paint, nowMs))
}

function showOne({ io, options, printJson }: Invocation<GetOptions>, value: unknown): void {
  if (options.json) printJson(value)
  else io.stdout.write(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }))
}

async function getEndpoints(invocation: Invocation<GetOptions>, pool: string | undefined): Promise<void> {
  const pools = await poolsFrom(invocation.connect(), pool)
  const endpoints = pools.flatMap((one) => one.endpoints.map((endpoint) => ({ pool: one.name, ...endpoint })))
  if (invocation.options.json) {
    invocation.printJson(endpoints)
    return
  }
  const { header, row } = GET_TABLES.endpoint
  const rows = endpoints.map(({ pool: name, ...endpoint }) => [name, ...row(endpoint)])
  invocation.print(renderTable(['POOL', ...header], rows, { paint: invocation.paint, none: 'no endpoints' }))
}

async function poolsFrom(client: ApiClient, name: string | undefined): Promise<Pool[]> {
  const schema = GET_TABLES.pool.schema
  const pools =
    name === undefined
      ? await listAll(client, 'v1/pools', { schema })
      : [await client.send({ path: `v1/${apiPath('pools', name)}` }, schema)]
  return pools as Pool[]
}

async function getRevisions({
  connect,
  options,
  paint,
  print,
  printJson,
}: Invocation<GetOptions>): Promise<void> {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1)
    throw new CommandError(EXIT.badInput, `--limit takes a whole number above 0, not '${options.limit}'`)
  const revisions = await listAll(connect(), 'v1/revisions', { schema: revisionSchema, limit })
  const rows = revisions.map(({ number, atMs, author, changes, message }) => [
    String(number),
    new Date(atMs).toISOString(),
    author,
    String(changes.length),
    message,
  ])
  const header = ['REVISION', 'TIME', 'AUTHOR', 'CHANGES', 'MESSAGE']
  if (options.json) printJson(revisions)
  else print(renderTable(header, rows, { paint, none: 'no revisions' }))
}

async function getRevision(invocation: Invocation<GetOptions>, number: string): Promise<void> {
  showOne(
    invocation,
    await invocation
      .connect()
      .send({ path: `v1/${apiPath('revisions', parseRevision(number))}` }, revisionSchema),
  )
}

async function getNodes(
  invocation: Invocation<GetOptions>,
  plural: string,
  name: string | undefined,
): Promise<void> {
  const { paint, connect } = invocation
  const view = NODE_VIEWS[plural] ?? NODE_VIEWS['checkers']
  if (view === undefined) return
  const { items } = await connect().send({ path: `v1/${plural}` }, view.schema)
  const nodes = items.filter((one) => name === undefined || view.nameOf(one) === name)
  if (name !== undefined && nodes.length === 0)
    throw new CommandError(EXIT.badInput, `there is no ${plural.slice(0, -1)} '${name}'`)
  if (invocation.options.json) invocation.printJson(name === undefined ? nodes : nodes[0])
  else invocation.print(view.table(nodes, paint))
}

async function getVerdicts(invocation: Invocation<GetOptions>, name: string | undefined): Promise<void> {
  const { connect, options, paint, print, printJson, io } = invocation
  const [pool = '', endpoint, ...more] = (name ?? '').split('/')
  if (more.length > 0)
    throw new CommandError(
      EXIT.badInput,
      `a verdict is named POOL/ENDPOINT, such as web/ams-1, not '${name ?? ''}'`,
    )
  if (endpoint !== undefined) {
    const path = `v1/${apiPath('verdicts', pool, endpoint)}`
    const detail = await connect().send({ path }, verdictDetailSchema)
    if (options.json) printJson(detail)
    else print(describeVerdict(detail, paint))
    return
  }
  const query = pool === '' ? {} : { pool }
  const verdicts = await listAll(connect(), 'v1/verdicts', { schema: verdictSummarySchema, query })
  if (options.json) printJson(verdicts)
  else print(verdictsTable(verdicts, paint, io.now()))
}
