/**
 * A nameserver without a DNS server: it decides as every nameserver does, and writes its plans into the database that PowerDNS
 * servers without an agent answer from. The only place here that constructs adapters.
 * What must stay true: it writes only while it has the lease, and takes it only when it is ready; what it does not write it knows
 * all the same, so that a taking-over costs no time.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { Logger } from 'pino'
import { CLOSED_VAULT } from '../../adapters/dnssec/key-vault.ts'
import { dnssecKeys } from '../../adapters/dnssec/dnssec-keys.ts'
import { PostgresZoneStorage } from '../../adapters/powerdns/postgres-zone-storage.ts'
import type { PostgresAddress } from '../../adapters/sql/postgres/postgres-address.ts'
import type { HealthTimes } from '../../core/health/verdict-book.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DnsServerStatus } from '../../ports/dns-server.ts'
import type { Feed } from '../../ports/feed.ts'
import type { FrameSource } from '../../ports/frames.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import type { Reporter } from '../../ports/report.ts'
import { FencedError, type ZoneStorage } from '../../ports/zone-storage.ts'
import { LeaseKeeper } from '../../readers/lease-keeper.ts'
import { NameserverAgent } from '../nameserver-agent.ts'
import { Publications } from '../publications.ts'
import { Publisher } from '../publisher.ts'
import { alarmOf, createReading, type Reading } from '../reading/context.ts'
import { tsigSecret } from '../tsig-secret.ts'
import { VerdictSaver } from '../verdict-saver.ts'
import { signingOf } from '../zone-signing.ts'
import { nativeStatus } from './native-status.ts'

export interface NativeOptions {
  /** As it stands among the nameservers; every publisher has its own. */
  readonly name: string
  readonly site: string
  /** Absolute; made if it is not there. */
  readonly dataDir: string
  readonly database: PostgresAddress
  readonly feed: Feed
  readonly frames: FrameSource
  readonly reporter: Reporter
  readonly clock: Clock
  readonly logger: Logger
  readonly vault?: KeyVault
  readonly times?: HealthTimes
}

export interface NativePublisher {
  /** Does not wait for the database. */
  start(): void
  /** Releases the lease. */
  stop(): Promise<void>
}

/** Of all publishers into one database. */
const LEASE = 'native'
/** A publisher that is silent for so long is taken over from. */
const LASTS_MS = 3_000
/** What another hand has changed in the tables is put right after so long. */
const RECONCILE_MS = 3_600_000

export async function createNative(options: NativeOptions): Promise<NativePublisher> {
  const { name, database, reporter, clock, logger } = options
  const onAlarm = alarmOf(options)
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const reading = await createReading(options, onAlarm)
  const tables = new PostgresZoneStorage({ address: database, clock })
  const holder = `${name} ${randomUUID()}`
  let fault: string | null = null
  const keeper = new LeaseKeeper({
    ...{ leases: tables.leases, name: LEASE, holder, lastsMs: LASTS_MS, clock },
    onFault: (error) => {
      fault = error instanceof Error ? error.message : String(error)
      onAlarm(`the database of native mode: ${fault}`)
      nameserver.report()
    },
    // Verdicts of one that hears no quorum hold: another may hear one.
    isFit: () => reading.reader.book.size === 0 || reading.reader.book.hasQuorumOfSites(clock.monotonicMs()),
    onAnswer: () => {
      fault = null
      const mayBeLost = tables.takeBreak()
      // Nothing waits any longer.
      if (keeper.isHeld) open({ tables, publisher, mayBeLost })
      nameserver.report()
    },
    onTaken: (lease) => {
      logger.info({ epoch: lease.epoch }, 'publishes into the database of native mode from now on')
      tables.hold(lease)
      publisher.rewrite()
      publisher.open()
      nameserver.report()
    },
    onLost: () => {
      tables.hold(null)
      publisher.pause()
      onAlarm('another control may publish into the database of native mode: this one stands by')
      nameserver.report()
    },
  })
  const storage = fencing(tables, (epoch) => {
    keeper.fenced({ epoch })
  })
  const publisher = new Publisher({
    ...{ storage, onAlarm, clock, logger },
    publications: new Publications({ readBack: UNSEEN, storage, reporter, clock, onAlarm }),
  })
  const nameserver = decidingOf(options, reading, {
    publisher,
    onAlarm,
    // Ready: the lease is what opens the publisher.
    open: () => {
      keeper.start()
    },
    status: () => {
      const { isHeld, seen } = keeper
      return nativeStatus({ place: database.place, holder, isHeld, lease: seen, fault })
    },
  })
  let cancel: () => void = () => undefined
  return {
    start: () => {
      nameserver.start(0)
      cancel = every(clock, () => {
        if (keeper.isHeld) open({ tables, publisher, mayBeLost: true })
      })
    },
    stop: async () => {
      cancel()
      await nameserver.stop()
      await keeper.stop()
      await tables.close()
    },
  }
}

/** What is in the tables is not taken for known where it may be lost, or be changed by another hand. */
function open({
  tables,
  publisher,
  mayBeLost,
}: {
  readonly tables: PostgresZoneStorage
  readonly publisher: Publisher
  readonly mayBeLost: boolean
}): void {
  if (mayBeLost) {
    tables.forget()
    publisher.rewrite()
  }
  publisher.open()
}

/** The result ends it. */
function every(clock: Clock, work: () => void): () => void {
  let cancel: () => void = () => undefined
  const wait = () => {
    cancel = clock.after(RECONCILE_MS, () => {
      work()
      wait()
    })
  }
  wait()
  return () => {
    cancel()
  }
}

/** What decides, as in every nameserver: it has no server, and writes through the publisher once that is opened. */
function decidingOf(
  options: NativeOptions,
  { reader, steering, verdictFile }: Reading,
  parts: {
    readonly publisher: Publisher
    readonly onAlarm: (message: string) => void
    readonly open: () => void
    readonly status: () => DnsServerStatus
  },
): NameserverAgent {
  const { name, site, database, reporter, clock, logger, vault = CLOSED_VAULT } = options
  const { publisher, onAlarm, open, status } = parts
  const saver = new VerdictSaver({
    ...{ storage: verdictFile, clock, logger, onAlarm },
    read: (endpoints) => nameserver.savedVerdicts(endpoints),
  })
  const [first = { host: '', port: 0 }] = database.hosts
  const nameserver: NameserverAgent = new NameserverAgent({
    ...{ name, site, reader, steering, readBack: UNSEEN, saver, reporter, clock, logger, onAlarm },
    ...{ transfers: null, updates: null, front: null, hasLocations: true, server: { status } },
    publisher: {
      replace: (plan) => {
        publisher.replace(plan)
      },
      touch: (names) => {
        publisher.touch(names)
      },
      stop: () => publisher.stop(),
      open,
    },
    traffic: { latest: null, start: () => undefined, stop: () => undefined },
    tsigSecret: (key, configuration) => tsigSecret(key, configuration, vault),
    signingOf: (zone, configuration) => signingOf(zone, configuration, { vault, dnssecKeys }),
    dns: { address: first.host, port: first.port },
  })
  return nameserver
}

/** Nobody here can ask the servers: what was written counts as published, and is never said to have been read back. */
const UNSEEN = {
  publish: ({ onTakenOver }: { readonly onTakenOver: () => void }) => {
    onTakenOver()
    return Promise.resolve()
  },
  failingForMs: () => null,
  stop: () => undefined,
}

/** Tells of a write that the database refused, because its lease was another's. */
function fencing(tables: PostgresZoneStorage, onFenced: (epoch: number) => void): ZoneStorage {
  return {
    zones: () => tables.zones(),
    serial: (zone) => tables.serial(zone),
    raiseSerial: (zone, above) => {
      tables.raiseSerial(zone, above)
    },
    write: async (change) => {
      const { epoch } = tables
      try {
        return await tables.write(change)
      } catch (error) {
        if (error instanceof FencedError && epoch !== null) onFenced(epoch)
        throw error
      }
    },
    close: () => tables.close(),
  }
}
