/**
 * All DNS servers of a nameserver: PowerDNS, the dnsdist before it, the one that gives zones to secondaries. The only place here
 * that constructs adapters.
 * What must stay true: they start from the inside to the outside, and stop in reverse.
 */
import { DnsClient } from '../../adapters/dns-client/dns-client.ts'
import type { ControlSocket } from '../../adapters/powerdns/control-socket.ts'
import { PowerDnsServer } from '../../adapters/powerdns/powerdns-server.ts'
import type { SqliteZoneStorage } from '../../adapters/powerdns/sqlite-zone-storage.ts'
import type { DnsServer, DnsServerProcess } from '../../ports/dns-server.ts'
import { powerDnsTraffic } from '../../adapters/powerdns/statistics.ts'
import type { TrafficReport } from '../../ports/report.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import { createFront, proxiedFrom, type Front } from '../front/context.ts'
import type { FrontChoice } from '../front/front-choice.ts'
import { FrontedServer } from '../front/fronted-server.ts'
import { createDnsSide, type DnsSideOptions, type Listening } from '../powerdns/context.ts'
import { FRONTED_ROUNDS_MS, ROUNDS_MS } from '../read-back.ts'
import { reachable } from '../reachable.ts'
import { createUpdates, type Updates } from '../updates/context.ts'
import { createTransfers, type Transfers } from '../transfers/context.ts'

export interface ServingOptions extends Omit<DnsSideOptions, 'proxiedFrom'> {
  readonly front?: FrontChoice | undefined
  readonly transfers?: { readonly host: string; readonly port: number } | undefined
  readonly updates?: boolean | undefined
}

export interface ServingHooks {
  readonly vault: KeyVault
  readonly onAlarm: (message: string) => void
  readonly onStatus: () => void
  /** What it answers is to be read back. */
  readonly onRestarted: () => void
  /** A damaged database was set aside there: everything is to be written anew. */
  readonly onRebuilt: (setAside: string) => void
}

export interface Serving {
  readonly control: ControlSocket
  readonly storage: SqliteZoneStorage
  readonly server: DnsServerProcess
  readonly front: Front | null
  readonly transfers: Transfers | null
  readonly updates: Updates | null
  /** What was asked of it and answered: where clients ask. */
  readonly traffic: () => Promise<TrafficReport>
  /** Purged, and asked as clients ask. */
  readonly asked: DnsServer
  /** When it is asked after a write. */
  readonly rounds: readonly number[]
  /** Throws CommandError. */
  start(options: { readonly fresh: boolean }): Promise<void>
  stop(): Promise<void>
}

export function createServing(options: ServingOptions, listening: Listening, hooks: ServingHooks): Serving {
  const { onAlarm, onStatus, onRestarted, onRebuilt, vault } = hooks
  const { control, client, storage, server } = createDnsSide(
    dnsSideOptions(options),
    behind(options, listening),
    {
      onRebuilt,
      listener: {
        ...{ onAlarm, onRestarted },
        onStatus: () => {
          front?.backend(server.status().state !== 'down')
          onStatus()
        },
      },
    },
  )
  const front = frontOf(options, listening, { onAlarm, onStatus, onRestarted })
  const transfers = transfersOf(options, { vault, onAlarm })
  const updates = options.updates ? createUpdates({ ...options, onAlarm }) : null
  return {
    ...{ control, storage, server, front, transfers, updates },
    traffic: () => front?.traffic() ?? powerDnsTraffic(control, options.clock.monotonicMs()),
    rounds: front === null ? ROUNDS_MS : FRONTED_ROUNDS_MS,
    asked: askedOf(options, { control, client, front }, listening),
    start: async ({ fresh }) => {
      await server.start({ fresh })
      await front?.start()
      await transfers?.start()
      await updates?.start()
    },
    stop: async () => {
      await updates?.stop()
      await transfers?.stop()
      await front?.stop()
      await server.stop()
    },
  }
}

function dnsSideOptions(options: ServingOptions) {
  const { front } = options
  return { ...options, ...(front && { proxiedFrom: proxiedFrom(front) }) }
}

/** Where PowerDNS itself listens. */
function behind({ front }: ServingOptions, listening: Listening): Listening {
  if (front === undefined) return listening
  const { host, port } = front.backend
  return { addresses: [host], address: reachable(host), port }
}

function frontOf(
  { front, powerdns, dataDir, clock, logger }: ServingOptions,
  listening: Listening,
  hooks: Pick<Parameters<typeof createFront>[0], 'onAlarm' | 'onStatus' | 'onRestarted'>,
): Front | null {
  if (front === undefined) return null
  const leaveRunning = powerdns.kind === 'supervise' && powerdns.leaveRunning
  const client = new DnsClient({ address: listening.address, port: listening.port })
  return createFront({
    ...{ choice: front, listening, client, dataDir, leaveRunning, clock, logger },
    ...hooks,
  })
}

/** What is purged, and asked as clients ask it. */
function askedOf(
  options: ServingOptions,
  { control, client, front }: { control: ControlSocket; client: DnsClient; front: Front | null },
  { address, port }: Listening,
): DnsServer {
  if (front === null) return new PowerDnsServer(control, client)
  const asked = new PowerDnsServer(control, new DnsClient({ address, port }))
  return new FrontedServer({
    behind: asked,
    expunge: (names) => front.expunge(names),
    hasNeighbours: (options.front?.neighbours.length ?? 0) > 0,
  })
}

function transfersOf(
  { transfers, dataDir, powerdns, clock, logger }: ServingOptions,
  { vault, onAlarm }: { readonly vault: KeyVault; readonly onAlarm: (message: string) => void },
): Transfers | null {
  if (transfers === undefined) return null
  const { binary = 'pdns_server', leaveRunning = false } = powerdns.kind === 'supervise' ? powerdns : {}
  return createTransfers({
    ...{ listen: transfers, dataDir, binary, leaveRunning, vault, clock, logger, onAlarm },
  })
}
