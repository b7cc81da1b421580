/** `fairlead join`: the certificate of this node, for a token. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { reasonOf } from '../api/reason-of.ts'
import { addNotes } from '../command-notes.ts'
import { addJsonOption, runs, type CommonOptions } from '../invocation.ts'
import type { Io } from '../io.ts'

const NODES_PORT = 5_381
const VARIABLE = 'FAIRLEAD_JOIN_TOKEN'

interface JoinCommandOptions extends CommonOptions {
  readonly dataDir: string
  readonly force?: boolean
}

export function addJoinCommand(program: Command, io: Io): void {
  const command = program
    .command('join')
    .description('Get the certificate of this node from a control, for a join token')
    .argument(
      '<url>',
      `where the control serves nodes: https://HOST:PORT, port ${NODES_PORT} if it is left out`,
    )
    .option(
      '--token <token>',
      `what join-token printed; others on this machine can see it, so prefer ${VARIABLE}`,
    )
    .option('--token-file <path>', 'file that holds it')
    .requiredOption(
      '--data-dir <path>',
      'data directory of the checker, nameserver or control: it is written there',
    )
    .option('--force', 'in the place of a certificate that is there already')
  addJsonOption(command).action(
    runs<JoinCommandOptions>(io, async ({ options, print, printJson }, url = '') => {
      const control = parseControl(url)
      const token = tokenOf(options, io)
      const dataDir = resolve(io.workingDirectory, options.dataDir)
      const { joinCluster } = await import('../../adapters/transport/join-cluster.ts')
      const joined = await joinCluster({ dataDir, control, token, force: options.force === true })
      if (options.json) printJson(joined)
      else
        print([
          `joined     as ${joined.identity}, until ${joined.until}`,
          `written    ${joined.certificateFile}, ${joined.caFile}`,
        ])
    }),
  )
  addNotes(command, {
    examples: [
      {
        line: 'fairlead join https://control-1.example.net:5381 --token-file join.token --data-dir /var/lib/fairlead-checker',
        meaning: 'then start the checker with the same data directory',
      },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.badInput, EXIT.unreachable, EXIT.fileAccess, EXIT.alreadyRunning],
  })
}

function parseControl(text: string): { host: string; port: number } {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw new CommandError(EXIT.badInput, `'${text}' is no control: https://HOST:PORT is expected`)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: portOf(text, url) }
}

/** URL leaves out 443, which has to be meant when it is written. */
function portOf(text: string, { port }: URL): number {
  if (port !== '') return Number(port)
  return /:443\/?$/.test(text) ? 443 : NODES_PORT
}

function tokenOf(options: JoinCommandOptions, io: Io): string {
  if (options.token !== undefined) return options.token
  const variable = io.environment[VARIABLE]
  if (options.tokenFile === undefined && variable !== undefined && variable !== '') return variable
  if (options.tokenFile === undefined)
    throw new CommandError(EXIT.badInput, `a join token is needed: give --token-file, ${VARIABLE} or --token`)
  try {
    return readFileSync(resolve(io.workingDirectory, options.tokenFile), 'utf8')
  } catch (cause) {
    throw new CommandError(EXIT.fileAccess, `cannot read ${options.tokenFile}: ${reasonOf(cause)}`, { cause })
  }
}
