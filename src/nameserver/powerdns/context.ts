/** The PowerDNS of a nameserver with its storage: the only place here that constructs adapters. */
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { DnsClient } from '../../adapters/dns-client/dns-client.ts'
import { AttachedServer } from '../../adapters/powerdns/attached-server.ts'
import { renderConfig } from '../../adapters/powerdns/config.ts'
import { ControlSocket } from '../../adapters/powerdns/control-socket.ts'
import { ServerFiles } from '../../adapters/powerdns/server-files.ts'
import { ServerProcess } from '../../adapters/powerdns/server-process.ts'
import { SqliteZoneStorage } from '../../adapters/powerdns/sqlite-zone-storage.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DnsServerListener, DnsServerProcess } from '../../ports/dns-server.ts'

export type PowerdnsChoice =
  | {
      readonly kind: 'supervise'
      /** Path or name of pdns_server; looked for in /usr/sbin, /usr/bin, /sbin and /bin when it is a name. */
      readonly binary?: string
      /** PowerDNS answers on after `stop`. */
      readonly leaveRunning: boolean
      /** PowerDNS's own HTTP API on loopback: only a bench wants it, to measure itself against it. */
      readonly httpApi?: { readonly port: number; readonly key: string }
    }
  /** An operator's own PowerDNS, configured with `powerdnsAttachSnippet`. */
  | { readonly kind: 'attach'; readonly databasePath: string; readonly controlSocketPath: string }

export interface Listening {
  readonly addresses: readonly string[]
  readonly address: string
  readonly port: number
}

export interface DnsSideOptions {
  /** Absolute. */
  readonly dataDir: string
  readonly powerdns: PowerdnsChoice
  readonly geoipDatabases?: readonly string[]
  /** Whoever asks from here says for whom (PROXY protocol). */
  readonly proxiedFrom?: readonly string[] | undefined
  readonly clock: Clock
  readonly logger: Logger
}

export interface DnsSide {
  readonly control: ControlSocket
  readonly client: DnsClient
  readonly storage: SqliteZoneStorage
  readonly server: DnsServerProcess
}

const MAX_RECEIVER_THREADS = 8

/** `onRebuilt`: a damaged database was set aside there, and everything is to be written anew. Throws CommandError. */
export function createDnsSide(
  options: DnsSideOptions,
  listening: Listening,
  hooks: { readonly listener: DnsServerListener; readonly onRebuilt: (setAside: string) => void },
): DnsSide {
  const { dataDir, powerdns, logger } = options
  const files = new ServerFiles(dataDir)
  files.prepare()
  const attached = powerdns.kind === 'attach' ? powerdns : null
  const control = new ControlSocket(attached?.controlSocketPath ?? files.socketPath)
  const client = new DnsClient({ address: listening.address, port: listening.port })
  const server = serverOf(options, { ...{ listening, control, client, files }, listener: hooks.listener })
  const storage = storageOf(options, files, (setAside) => {
    hooks.onRebuilt(setAside)
    server.restart('its database was made anew').catch((error: unknown) => {
      logger.error({ err: error }, 'PowerDNS could not be restarted')
    })
  })
  return { control, client, storage, server }
}

function storageOf(
  { powerdns, clock }: DnsSideOptions,
  files: ServerFiles,
  onRebuilt: (setAside: string) => void,
): SqliteZoneStorage {
  if (powerdns.kind === 'supervise')
    return new SqliteZoneStorage({
      ...{ path: files.databasePath, luaDirectory: files.luaDirectory, mode: 0o600, clock, onRebuilt },
      whenDamaged: 'set-aside',
    })
  // Both users write to an attached PowerDNS's database, and a damaged one is its operator's to look at.
  return new SqliteZoneStorage({
    ...{ path: powerdns.databasePath, mode: 0o660, whenDamaged: 'throw', clock, onRebuilt },
    luaDirectory: join(dirname(powerdns.databasePath), 'fairlead-lua'),
  })
}

function serverOf(
  options: DnsSideOptions,
  parts: {
    readonly listening: Listening
    readonly control: ControlSocket
    readonly client: DnsClient
    readonly listener: DnsServerListener
    readonly files: ServerFiles
  },
): DnsServerProcess {
  const { powerdns, clock, logger, geoipDatabases = [] } = options
  const { listening, control, client, listener, files } = parts
  if (powerdns.kind === 'attach') return new AttachedServer({ control, listener, clock })
  const { binary = 'pdns_server', leaveRunning, httpApi } = powerdns
  return new ServerProcess({
    ...{ binary, leaveRunning, files, control, listener, clock, logger },
    listen: listening,
    config: renderConfig({
      ...{ addresses: listening.addresses, port: listening.port, databasePath: files.databasePath },
      socketDir: files.socketDir,
      receiverThreads: Math.min(MAX_RECEIVER_THREADS, availableParallelism()),
      ...(geoipDatabases.length > 0 && { geoipDatabases }),
      ...(httpApi && { httpApi }),
      ...(options.proxiedFrom && { proxiedFrom: options.proxiedFrom }),
    }),
    // Any reply will do, REFUSED too: the question is whether somebody is there.
    dnsAnswers: async (timeoutMs) => {
      const outcome = await client.query({ name: 'probe.invalid', type: 'SOA' }, { timeoutMs })
      return outcome.kind === 'reply'
    },
  })
}
