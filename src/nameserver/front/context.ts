/**
 * The object graph of the dnsdist before a nameserver's PowerDNS: the only place here that constructs adapters.
 * What must stay true: its death or Fairlead's changes no answer of the other; a change is in its table and out of its cache before
 * it counts as published.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { DnsClient } from '../../adapters/dns-client/dns-client.ts'
import { FRONT_SOURCE, renderFront, type FrontSettings } from '../../adapters/dnsdist/config.ts'
import { DnsdistConsole } from '../../adapters/dnsdist/console.ts'
import { frontSecrets } from '../../adapters/dnsdist/front-secrets.ts'
import { frontTraffic } from '../../adapters/dnsdist/statistics.ts'
import { steeringEntry, type SteeringEntry } from '../../adapters/dnsdist/steering-entry.ts'
import { SteeringTable, type AnswerCount } from '../../adapters/dnsdist/steering-table.ts'
import { ServerFiles, type ServerKind } from '../../adapters/powerdns/server-files.ts'
import { ServerProcess } from '../../adapters/powerdns/server-process.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DnsServerStatus } from '../../ports/dns-server.ts'
import type { BalancerTraffic, TrafficReport } from '../../ports/report.ts'
import type { FrontChoice } from './front-choice.ts'
import { FrontFeed } from './front-feed.ts'

export interface FrontOptions {
  readonly choice: FrontChoice
  /** Where DNS is served. */
  readonly listening: { readonly addresses: readonly string[]; readonly port: number }
  /** Asks there. */
  readonly client: DnsClient
  /** Absolute. */
  readonly dataDir: string
  /** It answers on after `stop`. */
  readonly leaveRunning: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly onAlarm: (message: string) => void
  readonly onStatus: () => void
  /** It was started again: its cache is empty. */
  readonly onRestarted: () => void
}

export interface Front {
  /** Throws CommandError. */
  start(): Promise<void>
  stop(): Promise<void>
  readonly feed: FrontFeed<SteeringEntry>
  define(configuration: Configuration): void
  /** Takes these names out of its cache; one that ends in '$' means all below it too. */
  expunge(names: readonly string[]): Promise<void>
  /** Whether the PowerDNS behind it answers: told, it does not have to find out. */
  backend(isUp: boolean): void
  status(): DnsServerStatus
  /** What was asked, and how often each value was answered with. Rejects when dnsdist does not say. */
  traffic(): Promise<TrafficReport>
}

const DNSDIST: ServerKind = {
  name: 'dnsdist',
  configFile: 'dnsdist.conf',
  logFile: 'dnsdist.log',
  argumentsFor: (configDir) => [`--config=${configDir}/dnsdist.conf`, '--supervised', '--disable-syslog'],
  packages: 'package dnsdist',
}
const METRICS_TIMEOUT_MS = 2_000
/** Names of one command of the console. */
const NAMES_A_COMMAND = 500

export function createFront(options: FrontOptions): Front {
  const { dataDir, choice, clock, logger } = options
  const settings = frontSettings(options)
  const console = new DnsdistConsole(settings.console)
  const table = new SteeringTable(tableDirectory(dataDir))
  let configuration: Configuration | null = null
  let started = false
  let isServed = true
  let status: DnsServerStatus = {
    state: 'attached',
    pid: null,
    restarts: 0,
    version: null,
    detail: 'attached',
  }
  const server = choice.kind === 'attach' ? null : serverOf(options, { settings, console })
  const feed = new FrontFeed<SteeringEntry>({
    isBalancer: (name) => configuration?.loadBalancer.has(name) ?? false,
    isSigned: (zone) => configuration?.zone.get(zone)?.dnssec !== undefined,
    ...{ entryOf: steeringEntry, isKept: ({ kind }) => kind === 'count', unkept: { kind: 'pass' }, clock },
    ...{ isServed: () => isServed, onAlarm: options.onAlarm },
    set: (changes, trust) => {
      table.set(changes, trust)
    },
  })
  return {
    start: async () => {
      table.open()
      if (server !== null) await server.start({ fresh: false })
      started = true
    },
    stop: async () => {
      feed.stop()
      console.close()
      await server?.stop()
      table.close()
    },
    feed,
    define: (next) => {
      configuration = next
    },
    expunge: async (names) => {
      for (let from = 0; from < names.length; from += NAMES_A_COMMAND) {
        const some = names.slice(from, from + NAMES_A_COMMAND)
        const reply = await console.run(`fairleadExpunge('${some.map(checked).join(' ')}')`)
        if (reply.trim() !== 'ok') throw new Error(`dnsdist answered an expunge with '${reply.trim()}'`)
      }
      if (choice.kind === 'attach') status = { ...status, detail: 'its console answers' }
    },
    backend: (isUp) => {
      isServed = isUp
      if (!isUp) feed.keepAgain()
      if (!started) return
      console.run(`fairleadBackend(${String(isUp)})`).catch((error: unknown) => {
        logger.warn({ err: error }, 'dnsdist could not be told of its backend')
      })
    },
    status: () => server?.status() ?? status,
    traffic: async () => {
      const totals = frontTraffic(await statsOf(settings.metrics), clock.monotonicMs())
      return {
        ...totals,
        answers: table
          .counts()
          .filter(({ queries }) => queries > 0)
          .map(trafficOf),
      }
    },
  }
}

async function statsOf({ host, port, password }: FrontSettings['metrics']): Promise<string> {
  const response = await fetch(`http://${host}:${port}/jsonstat?command=stats`, {
    headers: { authorization: `Basic ${Buffer.from(`fairlead:${password}`).toString('base64')}` },
    signal: AbortSignal.timeout(METRICS_TIMEOUT_MS),
  })
  if (response.status !== 200) throw new Error(`dnsdist answers HTTP ${response.status} for its statistics`)
  return response.text()
}

function trafficOf({ name, type, queries, values }: AnswerCount): BalancerTraffic {
  return {
    ...{ name, type, queries },
    ...(values && { values: Array.from(values, ([value, answers]) => ({ value, answers })) }),
  }
}

function serverOf(
  options: FrontOptions,
  { settings, console }: { readonly settings: FrontSettings; readonly console: DnsdistConsole },
): ServerProcess {
  const { dataDir, choice, clock, logger, client, listening, leaveRunning } = options
  const files = new ServerFiles(dataDir, 'front', DNSDIST)
  return new ServerProcess({
    ...{ files, clock, logger, leaveRunning, binary: choice.binary ?? 'dnsdist' },
    ...{ config: renderFront(settings), listen: listening },
    control: {
      answers: (timeoutMs) => console.answers(timeoutMs),
      version: async () => (await console.run('showVersion()')).trim().replace(/^dnsdist /, ''),
    },
    dnsAnswers: async (timeoutMs) =>
      (await client.query({ name: 'probe.invalid', type: 'SOA' }, { timeoutMs })).kind === 'reply',
    listener: { onAlarm: options.onAlarm, onStatus: options.onStatus, onRestarted: options.onRestarted },
  })
}

/** What PowerDNS is told of it. */
export function proxiedFrom({ backend }: FrontChoice): readonly string[] {
  return [backend.host.includes(':') ? FRONT_SOURCE[6] : FRONT_SOURCE[4]]
}

/** The same for the same data directory, so that a dnsdist that runs is taken over. Throws CommandError. */
export function frontSettings({
  dataDir,
  choice,
  listening,
  onAlarm,
}: Pick<FrontOptions, 'dataDir' | 'choice' | 'listening' | 'onAlarm'>): FrontSettings {
  const secrets = frontSecrets(join(dataDir, 'front'), onAlarm)
  return {
    ...{ addresses: listening.addresses, port: listening.port },
    ...{ backend: choice.backend, neighbours: choice.neighbours, encrypted: choice.encrypted },
    clientQueriesPerSec: choice.clientQueriesPerSec,
    unknownNamesPerSec: choice.unknownNamesPerSec,
    tableDirectory: `${tableDirectory(dataDir)}/`,
    console: { host: '127.0.0.1', port: choice.backend.port + 1, key: secrets.consoleKey },
    metrics: { host: '127.0.0.1', port: choice.backend.port + 2, password: secrets.metricsPassword },
  }
}

function tableDirectory(dataDir: string): string {
  return join(dataDir, 'front', 'table')
}

/** As Lua's string: names hold nothing that could end it. */
function checked(name: string): string {
  if (!/^[a-z0-9_*.-]{1,253}\$?$/.test(name)) throw new TypeError('an expunge is for DNS names')
  return name
}
