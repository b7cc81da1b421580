/** `fairlead up`: everything in one process, with a view of it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { EXIT } from '../../core/exit-code.ts'
import { OF_CLIENTS } from '../exit-code-meaning.ts'
import { statusSchema } from '../../core/views/status.ts'
import type { Up } from '../../up/up.ts'
import { ApiClient } from '../api/api-client.ts'
import { addNotes } from '../command-notes.ts'
import { runs, type Invocation } from '../invocation.ts'
import type { Io } from '../io.ts'
import { printEvents } from '../live-view/print-events.ts'
import { runLiveView } from '../live-view/run-live-view.ts'
import { onFirstInterrupt } from '../on-first-interrupt.ts'
import { VERSION } from '../version.ts'
import { defaultLogFile, parseUpFlags, readStartDocument, type UpFlags } from './up-options.ts'

const collect = (value: string, values: string[] | undefined): string[] => [...(values ?? []), value]

export function addUpCommand(program: Command, io: Io): void {
  const command = program
    .command('up')
    .description('Run control, checker and nameserver in one process, with the embedded store')
    .argument(
      '[file]',
      'configuration to start with; applied again when the file has changed, and deletes nothing',
    )
    .option('--data-dir <path>', 'where all state is kept (FAIRLEAD_DATA_DIR; default: .fairlead here)')
    .option('--name <name>', 'name of this node (default: the name of the host)')
    .option('--site <site>', 'site that the checker votes for', 'local')
    .option('--api <address:port>', 'where the API listens; port 0: any free one', '127.0.0.1:5380')
    .option('--dns-address <ip>', 'where DNS is served; repeat it for several (default: 127.0.0.1)', collect)
    .option('--dns-port <port>', 'port of DNS', '5300')
    .optionsGroup('PowerDNS options:')
    .option('--powerdns <path>', 'the pdns_server to start (default: found on the PATH)')
    .option('--leave-powerdns', 'leave PowerDNS answering when Fairlead stops; the next start adopts it')
    .option('--attach-database <path>', 'SQLite database of a PowerDNS that you run yourself')
    .option('--attach-socket <path>', 'control socket of that PowerDNS')
    .option(
      '--geoip-database <path>',
      'database of locations (MMDB), for rules by country, ASN and the like; repeat it for several',
      collect,
    )
    .option('--front <dnsdist>', 'serve DNS through dnsdist, with PowerDNS behind it')
    .option('--backend <address:port>', 'where PowerDNS listens then (default: 127.0.0.1:5302)')
    .option('--updates', 'publish load balancers into zones of others that name targets (RFC 2136)')
    .option('--transfers <address:port>', 'where secondaries that zones name transfer from')
    .option(
      '--dnssec-key-file <path>',
      'key-encryption key of signed zones (default: dnssec.key in the data directory, made at the first start)',
    )
    .optionsGroup('Output options:')
    .option('--no-view', 'lines instead of the live view, on a terminal too')
    .option('--hint <text>', 'a line to show below the view; repeat it for several', collect)
    .addOption(
      new Option('--log-level <level>', 'how much to log')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .option(
      '--log-file <path>',
      'log there (default: stderr, or fairlead.log in the data directory under the view)',
    )
    .action(
      runs<UpFlags>(io, async (invocation, file?: string) => {
        await runUp(invocation, file)
      }),
    )
  addNotes(command, {
    examples: [
      { line: 'fairlead up fairlead.yaml', meaning: 'start with a file; Ctrl-C ends everything' },
      {
        line: 'fairlead up --data-dir /var/lib/fairlead --dns-address 192.0.2.53 --dns-port 53',
        meaning: 'serve',
      },
    ],
    exitCodes: Object.values(EXIT).filter((code) => !OF_CLIENTS.has(code)),
  })
}

async function runUp({ io, options }: Invocation<UpFlags>, file: string | undefined): Promise<void> {
  const interrupted = new AbortController()
  const forget = onFirstInterrupt(io, () => {
    interrupted.abort()
  })
  try {
    const parsed = parseUpFlags(options, io)
    const document = await readStartDocument(file, io)
    const withView = io.stdout.isTerminal && options.view
    const inView = withView ? defaultLogFile(parsed.dataDir) : null
    const logFile = options.logFile === undefined ? inView : resolve(io.workingDirectory, options.logFile)
    const { openLog } = await import('./open-log.ts')
    const logger = openLog(logFile, options.logLevel)
    const { startUp } = await import('../../up/up.ts')
    const notifySocket = io.environment['NOTIFY_SOCKET']
    const up = await startUp({ ...parsed, document, version: VERSION, logger, notifySocket })
    try {
      await show(up, { io, logFile, hints: options.hint ?? [], withView, signal: interrupted.signal })
    } finally {
      io.stderr.write('stopping\n')
      await up.stop()
    }
  } finally {
    forget()
  }
}

interface ShowOptions {
  readonly io: Io
  readonly logFile: string | null
  /** What the caller of `fairlead up` has to say. */
  readonly hints: readonly string[]
  readonly withView: boolean
  readonly signal: AbortSignal
}

async function show(up: Up, options: ShowOptions): Promise<void> {
  const { io, signal } = options
  const token = readFileSync(up.tokenFile, 'utf8').trim()
  const client = new ApiClient({
    url: new URL(`${up.url}/`),
    token,
    source: 'fairlead up',
    warning: null,
    authorities: null,
  })
  const log = options.logFile === null ? '' : `, log ${options.logFile}`
  const place = `API ${up.url}, token in ${up.tokenFile}${log}`
  const hints = [place, await digLine(up, client), ...options.hints]
  if (options.withView) {
    await runLiveView({ client, io, hints, signal })
    return
  }
  io.stdout.write(`${up.applied}\n${hints.join('\n')}\n`)
  await printEvents({ client, io, json: false, signal })
}

/** A question that can be asked as it stands: for the first load balancer that is a name of its own. */
async function digLine({ dns }: Up, client: ApiClient): Promise<string> {
  const status = await client.send({ path: 'v1/status' }, statusSchema)
  const name = status.loadBalancers.map((one) => one.name).find((one) => !one.startsWith('*'))
  return `ask it: dig @${dns.address} -p ${dns.port} ${name ?? 'NAME'}`
}
