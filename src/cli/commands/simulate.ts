/** `fairlead simulate`: how answers would change by a draft or by faults, without touching anything. */
import { Option, type Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { changesOfDocument } from '../../core/model/document.ts'
import { simulationSchema } from '../../core/views/simulation.ts'
import { RefusedError } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { loadFiles } from '../files/load-files.ts'
import {
  addConnectionOptions,
  addJsonOption,
  runs,
  type CommonOptions,
  type Invocation,
} from '../invocation.ts'
import type { Io } from '../io.ts'
import { placedFaults } from './change-request.ts'
import { readClients } from './client-list.ts'
import { describeSimulation } from './describe-simulation.ts'

interface SimulateOptions extends CommonOptions {
  readonly filename?: string[]
  readonly fail?: string[]
  readonly clients?: string[]
  readonly name?: string[]
}

export function addSimulateCommand(program: Command, io: Io): void {
  const command = program
    .command('simulate')
    .description('Show how answers would change by a draft or by faults, without touching anything')
    .option('-f, --filename <path>', "a draft: a file, a folder, or '-'; repeat it for several", collect)
    .addOption(
      new Option(
        '--fail <list>',
        "what goes down: 'pool/endpoint', 'pool/NAME', 'site/NAME', with commas",
      ).argParser(collectList),
    )
    .addOption(
      new Option(
        '--clients <list>',
        "addresses with commas, or '@FILE' with one a line; the shares are taken over them (default: a sample of all IPv4)",
      ).argParser(collectList),
    )
    .option('--name <name>', 'a load balancer to show, changed or not; repeat it for several', collect)
  addConnectionOptions(addJsonOption(command)).action(runs<SimulateOptions>(io, run))
  addNotes(command, {
    examples: [
      { line: 'fairlead simulate --fail site/ams', meaning: 'what a lost site would change' },
      {
        line: 'fairlead simulate -f draft.yaml --clients 192.0.2.7,2001:db8::7',
        meaning: 'what a draft would change, and for these clients',
      },
      {
        line: 'fairlead simulate --name www.example.test --fail web/one --clients @clients.txt',
        meaning: 'one load balancer, for the clients of a file',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.denied],
  })
}

async function run({
  io,
  options,
  paint,
  connect,
  print,
  printJson,
}: Invocation<SimulateOptions>): Promise<void> {
  const { filename = [], fail = [], clients = [], name } = options
  const files = filename.length === 0 ? null : await loadFiles(filename, io, { selfContained: false })
  const changes = files === null ? [] : changesOfDocument(files.document)
  const body = { changes, fail, clients: await readClients(clients, io), ...(name && { names: name }) }
  const simulation = await connect()
    .send({ method: 'POST', path: 'v1/simulate', body }, simulationSchema)
    .catch((error: unknown) => {
      throw files !== null && error instanceof RefusedError ? placedFaults(error, changes, files) : error
    })
  if (options.json) printJson(simulation)
  else print(describeSimulation(simulation, paint))
}

function collect(item: string, items: string[] | undefined): string[] {
  return [...(items ?? []), item]
}

function collectList(text: string, items: string[] | undefined): string[] {
  const given = text.split(',').map((item) => item.trim())
  return [...(items ?? []), ...given.filter((item) => item !== '')]
}
