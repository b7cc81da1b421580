/** The object graph of the nameserver: the only place here that constructs adapters. */
import type { Logger } from 'pino'
import { dnssecKeys } from '../adapters/dnssec/dnssec-keys.ts'
import { CLOSED_VAULT } from '../adapters/dnssec/key-vault.ts'
import { LocationFiles } from '../adapters/geoip/location-files.ts'
import { HeapTrimmer } from '../adapters/heap/heap-trimmer.ts'
import { tuneHeap } from '../adapters/heap/tune-heap.ts'
import type { ControlSocket } from '../adapters/powerdns/control-socket.ts'
import type { HealthTimes } from '../core/health/verdict-book.ts'
import type { Clock } from '../ports/clock.ts'
import type { Feed } from '../ports/feed.ts'
import type { FrameSource } from '../ports/frames.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { Reporter } from '../ports/report.ts'
import type { FrontChoice } from './front/front-choice.ts'
import { NameserverAgent } from './nameserver-agent.ts'
import type { Listening, PowerdnsChoice } from './powerdns/context.ts'
import { Publications } from './publications.ts'
import { Publisher } from './publisher.ts'
import { ReadBack } from './read-back.ts'
import { alarmOf, createReading } from './reading/context.ts'
import { reachable } from './reachable.ts'
import { createServing } from './serving/context.ts'
import { TrafficMeter } from './traffic-meter.ts'
import { tsigSecret } from './tsig-secret.ts'
import { VerdictSaver } from './verdict-saver.ts'
import { signingOf } from './zone-signing.ts'

export interface NameserverContextOptions {
  readonly name: string
  readonly site: string
  /** Absolute. */
  readonly dataDir: string
  readonly feed: Feed
  readonly frames: FrameSource
  readonly reporter: Reporter
  readonly clock: Clock
  readonly logger: Logger
  readonly times?: HealthTimes
  readonly dns: { readonly addresses?: readonly string[]; readonly port: number }
  readonly powerdns: PowerdnsChoice
  /** Databases of locations (MMDB): absolute paths. */
  readonly geoipDatabases?: readonly string[]
  /** A dnsdist before PowerDNS. */
  readonly front?: FrontChoice | undefined
  /** Where secondaries transfer from; absent: this nameserver sends no zones. */
  readonly transfers?: { readonly host: string; readonly port: number } | undefined
  /** Publish load balancers into zones of others that name targets (RFC 2136). */
  readonly updates?: boolean | undefined
  /** Opens the keys of signed zones; without it none can be written. */
  readonly vault?: KeyVault
}

export interface Nameserver {
  /** Resolves once PowerDNS answers (what it answers may come a moment later). Throws CommandError. */
  start(): Promise<void>
  /** Waits for a start under way, saves the verdicts, ends PowerDNS unless it is to answer on. Safe to call twice. */
  stop(): Promise<void>
  /** Where DNS is served; `address` is the first one, or loopback for a wildcard. */
  readonly dns: { readonly address: string; readonly port: number }
}

export function createNameserver(options: NameserverContextOptions): Nameserver {
  tuneHeap()
  const trimmer = new HeapTrimmer({ clock: options.clock })
  const { addresses = ['127.0.0.1'], port } = options.dns
  const dns = { address: reachable(addresses[0] ?? '127.0.0.1'), port }
  let parts: Parts | null = null
  let starting: Promise<void> = Promise.resolve()
  return {
    dns,
    start: () => {
      trimmer.start()
      starting = (async () => {
        parts = await build(options, { addresses, ...dns })
        await parts.run()
      })()
      return starting
    },
    stop: async () => {
      trimmer.stop()
      // What is still starting would go on after the stop. Whoever asked for the start is told of its failure.
      await starting.catch(() => undefined)
      const stopping = parts
      parts = null
      await stopping?.stop()
    },
  }
}

interface Parts {
  run(): Promise<void>
  stop(): Promise<void>
}

async function build(options: NameserverContextOptions, listening: Listening): Promise<Parts> {
  const { name, site, reporter, clock, logger, geoipDatabases = [], vault = CLOSED_VAULT } = options
  const onAlarm = alarmOf(options)
  const tellRebuilt = (setAside: string) => {
    onAlarm(`PowerDNS's database was damaged; it is kept as ${setAside}, and all answers are written anew`)
  }
  const serving = createServing(options, listening, {
    ...{ onAlarm, vault },
    onRebuilt: (setAside) => {
      tellRebuilt(setAside)
      publisher.rewrite()
    },
    onStatus: () => {
      nameserver.report()
    },
    onRestarted: () => {
      publications.readAllBack()
    },
  })
  const { control, storage, server, front, transfers, updates } = serving
  const { verdictFile, reader, steering } = await createReading(options, onAlarm)
  const readBack = new ReadBack({ server: serving.asked, rounds: serving.rounds, clock, logger })
  const publications = new Publications({ readBack, storage, reporter, clock, onAlarm })
  const publisher = new Publisher({
    ...{ storage, onAlarm, clock, logger },
    publications: {
      committed: (change, result, about) => {
        front?.feed.committed(change, result)
        publications.committed(change, result, about)
      },
    },
  })
  const saver = new VerdictSaver({
    ...{ storage: verdictFile, clock, logger, onAlarm },
    read: (endpoints) => nameserver.savedVerdicts(endpoints),
  })
  const nameserver: NameserverAgent = new NameserverAgent({
    ...{ name, site, reader, steering, publisher, readBack, saver, server, reporter },
    ...{
      transfers,
      front,
      updates: updates?.targets ?? null,
      clock,
      logger,
      onAlarm,
      hasLocations: geoipDatabases.length > 0,
    },
    traffic: new TrafficMeter({ clock, logger, read: serving.traffic }),
    tsigSecret: (key, configuration) => tsigSecret(key, configuration, vault),
    signingOf: (zone, configuration) => signingOf(zone, configuration, { vault, dnssecKeys }),
    dns: { address: listening.address, port: listening.port },
  })
  const locations = locationsOf(options, control, onAlarm)
  return {
    run: async () => {
      await locations.start()
      const { setAside, isNew } = await storage.open()
      if (setAside !== null) tellRebuilt(setAside)
      await serving.start({ fresh: isNew })
      nameserver.start((await storage.zones()).length)
    },
    stop: async () => {
      await locations.stop()
      await nameserver.stop()
      await serving.stop()
      await storage.close()
    },
  }
}

/** Read by PowerDNS; it opens them again without a restart (measured on 4.7.3). */
function locationsOf(
  { geoipDatabases = [], clock }: NameserverContextOptions,
  control: ControlSocket,
  onAlarm: (message: string) => void,
): LocationFiles {
  return new LocationFiles({
    ...{ paths: geoipDatabases, clock, onAlarm, keeps: false },
    onChanged: async () => {
      const reply = await control.command('reload')
      if (!/^ok$/i.test(reply)) throw new Error(`PowerDNS answered a reload with '${reply}'`)
    },
  })
}
