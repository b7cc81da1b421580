/**
 * The object graph of what gives zones to secondaries: a second PowerDNS with the plain rendering of the zones that name some.
 * The only place here that constructs adapters.
 * What must stay true: nothing of it stands in the way of the answers: it has its own storage, its own server, its own failures.
 */
import type { Logger } from 'pino'
import { DnsClient } from '../../adapters/dns-client/dns-client.ts'
import { sendNotify } from '../../adapters/dns-client/notify.ts'
import { ControlSocket } from '../../adapters/powerdns/control-socket.ts'
import { renderConfig } from '../../adapters/powerdns/config.ts'
import { isLater } from '../../adapters/powerdns/serial.ts'
import { ServerFiles } from '../../adapters/powerdns/server-files.ts'
import { ServerProcess } from '../../adapters/powerdns/server-process.ts'
import { SqliteZoneStorage } from '../../adapters/powerdns/sqlite-zone-storage.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import type { SecondaryReport } from '../../ports/report.ts'
import type { TransferKey } from '../../ports/zone-storage.ts'
import { PlainRenderings } from '../plain-renderings.ts'
import { Publisher, type PlanSource } from '../publisher.ts'
import { reachable } from '../reachable.ts'
import { placeOf, Secondaries, type SecondaryServer } from './secondaries.ts'
import { Secondary } from './secondary.ts'
import { TransferPlan } from './transfer-plan.ts'

export interface TransfersOptions {
  /** Where secondaries transfer from, and where changes are announced from. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Absolute. */
  readonly dataDir: string
  readonly binary: string
  readonly leaveRunning: boolean
  readonly vault: KeyVault
  readonly clock: Clock
  readonly logger: Logger
  readonly onAlarm: (message: string) => void
}

export interface Transfers {
  /** Throws CommandError. */
  start(): Promise<void>
  stop(): Promise<void>
  replace(plan: PlanSource, configuration: Configuration): void
  /** These owner names may answer differently now. */
  touch(names: Iterable<string>): void
  /** Begins to write. */
  open(): void
  reports(): readonly SecondaryReport[]
}

export function createTransfers(options: TransfersOptions): Transfers {
  const { dataDir, vault, clock, logger } = options
  const onAlarm = (message: string) => {
    options.onAlarm(`transfers: ${message}`)
  }
  const files = new ServerFiles(dataDir, 'transfers')
  files.prepare()
  const storage = storageOf(files, clock, (setAside) => {
    onAlarm(`the database was damaged; it is kept as ${setAside}, and made anew`)
    publisher.rewrite()
    server.restart('its database was made anew').catch((error: unknown) => {
      logger.error({ err: error }, 'the PowerDNS of transfers could not be restarted')
    })
  })
  const control = new ControlSocket(files.socketPath)
  const primary = new DnsClient({ address: reachable(options.listen.host), port: options.listen.port })
  const server = serverOf(options, { files, control, primary, onAlarm })
  const secondaries: Secondaries = new Secondaries({
    make: (zone, at) =>
      makeSecondary(options, {
        ...{ zone, at, primary, control, storage, onAlarm, publisher },
        keyFor: ({ tsigKey }) => plan?.keyOf(tsigKey) ?? 'nothing is planned yet',
      }),
  })
  const publisher: Publisher = new Publisher({ storage, publications: secondaries, onAlarm, clock, logger })
  const renderings = new PlainRenderings()
  let plan: TransferPlan | null = null
  return {
    start: async () => {
      const { isNew, setAside } = await storage.open()
      if (setAside !== null) onAlarm(`the database was damaged; it is kept as ${setAside}, and made anew`)
      renderings.remember(await storage.plainRecords())
      await server.start({ fresh: isNew })
    },
    stop: async () => {
      secondaries.stop()
      await publisher.stop()
      await server.stop()
      await storage.close()
    },
    replace: (of, configuration) => {
      plan = new TransferPlan(of, { configuration, vault, renderings })
      secondaries.define(configuration)
      publisher.replace(plan)
    },
    touch: (names) => {
      publisher.touch(names)
    },
    open: () => {
      publisher.open()
    },
    reports: () => secondaries.reports(),
  }
}

function storageOf(
  files: ServerFiles,
  clock: Clock,
  onRebuilt: (setAside: string) => void,
): SqliteZoneStorage {
  return new SqliteZoneStorage({
    ...{ path: files.databasePath, luaDirectory: files.luaDirectory, mode: 0o600, clock, onRebuilt },
    whenDamaged: 'set-aside',
  })
}

function serverOf(
  { binary, leaveRunning, listen, clock, logger }: TransfersOptions,
  parts: {
    readonly files: ServerFiles
    readonly control: ControlSocket
    readonly primary: DnsClient
    readonly onAlarm: (message: string) => void
  },
): ServerProcess {
  const { files, control, primary, onAlarm } = parts
  const at = { addresses: [listen.host], port: listen.port }
  return new ServerProcess({
    ...{ binary, leaveRunning, files, control, clock, logger },
    listener: { onAlarm, onStatus: () => undefined, onRestarted: () => undefined },
    listen: at,
    config: renderConfig({
      ...{ ...at, databasePath: files.databasePath, socketDir: files.socketDir },
      ...{ receiverThreads: 1, transfers: true },
    }),
    dnsAnswers: async (timeoutMs) => {
      const outcome = await primary.query({ name: 'probe.invalid', type: 'SOA' }, { timeoutMs })
      return outcome.kind === 'reply'
    },
  })
}

function makeSecondary(
  { clock, listen }: TransfersOptions,
  about: {
    readonly zone: string
    readonly at: SecondaryServer
    readonly primary: DnsClient
    readonly control: ControlSocket
    readonly storage: SqliteZoneStorage
    readonly onAlarm: (message: string) => void
    readonly publisher: Pick<Publisher, 'rewrite'>
    /** In words why there is none. */
    readonly keyFor: (server: SecondaryServer) => TransferKey | string
  },
): Secondary {
  const { zone, at, primary, control, storage, onAlarm, publisher, keyFor } = about
  const from = isWildcard(listen.host) ? undefined : listen.host
  return new Secondary({
    ...{ zone, primary, isLater, clock, onAlarm, place: placeOf(at), secondary: new DnsClient(at) },
    notify: async () => {
      const key = keyFor(at)
      if (typeof key === 'string') throw new Error(key)
      await control.purge([`${zone}$`])
      await sendNotify({ zone, to: at, from, key, wallMs: clock.wallMs() })
    },
    overtake: (serial) => {
      storage.raiseSerial(zone, serial)
      publisher.rewrite()
    },
  })
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}
