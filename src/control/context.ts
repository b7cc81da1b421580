/**
 * The object graph of a control: store, configuration, observer, API. The only place here that constructs adapters.
 * What must stay true: nothing is served before the configuration is loaded; `stop` ends every stream and takes a bounded time.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { BuiltConsole } from '../adapters/console-files/built-console.ts'
import { ParentZoneClient } from '../adapters/dns-client/parent-zone.ts'
import { dnssecKeys } from '../adapters/dnssec/dnssec-keys.ts'
import { CLOSED_VAULT } from '../adapters/dnssec/key-vault.ts'
import { LocationFiles } from '../adapters/geoip/location-files.ts'
import { openStore } from '../adapters/sql/open-store.ts'
import type { StoreAddress } from '../adapters/sql/store-address.ts'
import { steeringFile } from '../adapters/steering-file/steering-file.ts'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import type { LoginRules } from '../core/access/login-rules.ts'
import { DEFAULT_TIMES, type HealthTimes, type SavedVerdict } from '../core/health/verdict-book.ts'
import type { Document } from '../core/model/document.ts'
import type { Clock } from '../ports/clock.ts'
import type { Feed } from '../ports/feed.ts'
import type { FrameSource } from '../ports/frames.ts'
import type { OnRefused } from '../ports/refusals.ts'
import type { CheckerReporter, Reporter } from '../ports/report.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import type { Store } from '../ports/store.ts'
import { loadSteering } from '../readers/load-steering.ts'
import type { SteeringKeeper } from '../readers/steering-keeper.ts'
import { VerdictReader } from '../readers/verdict-reader.ts'
import type { ApiParts } from './api-parts.ts'
import { applyDocument, type AppliedDocument } from './apply-document.ts'
import { ConfigurationService } from './configuration-service.ts'
import { deferredFrames } from './deferred-frames.ts'
import { KeyMaker } from './dnssec/key-maker.ts'
import { laggingNameservers } from './dnssec/lagging-nameservers.ts'
import { RolloverService } from './dnssec/rollover-service.ts'
import { emptiedBy } from './drain-gate.ts'
import { EventLog } from './event-log.ts'
import { EventStreams } from './event-stream.ts'
import { HistoryWriter } from './history-writer.ts'
import { LatchKeeper } from './latch-keeper.ts'
import { isBeyondLoopback, Listener, type ServerCertificate } from './listener.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { Observer, type CertificateObserver } from './observer.ts'
import { createPeople } from './people/context.ts'
import { entryOf } from './people/proposal-entry.ts'
import { buildServer, type ServerTimes } from './server.ts'
import { StoreFollower } from './store-follower.ts'
import { Upkeep } from './upkeep.ts'
import { createTrust, type TrustChoice } from './trust/context.ts'
import type { TrustService } from './trust/trust-service.ts'

export interface ControlOptions {
  /** Exists already; holds the token file, and the store unless `storePath` says otherwise. */
  readonly dataDir: string
  /** Of a store that other controls use too: their changes are followed, and tokens are named after this one. */
  readonly shared?: { readonly store: StoreAddress; readonly name: string }
  /** Where the configuration is published; one of its own if absent. */
  readonly feed?: LocalFeed
  readonly listen: { readonly host: string; readonly port: number }
  readonly frames: FrameSource
  readonly clock: Clock
  readonly logger: Logger
  readonly version: string
  /** Verdicts of an earlier run: shown until a quorum says otherwise. */
  readonly saved?: readonly SavedVerdict[]
  readonly times?: HealthTimes
  readonly server?: Partial<ServerTimes>
  /** Transitions are kept so long; 30 if absent. */
  readonly historyDays?: number
  /** Databases of locations (MMDB), for `explain`: absolute paths. */
  readonly geoipDatabases?: readonly string[]
  /** Keeps the private keys of signed zones; without it no zone can be signed. */
  readonly vault?: KeyVault
  /** What the API shows beyond loopback. */
  readonly certificate?: ServerCertificate | undefined
  /** Absent: nobody logs in by an identity provider. */
  readonly loginRules?: LoginRules | undefined
  /** Absent: no node can join. */
  readonly trust?: TrustChoice
  readonly onRefused?: OnRefused
}

export interface Control {
  /** Loads the configuration, makes the token file, listens. Throws CommandError when the port is taken. */
  start(): Promise<void>
  /** Ends streams and requests, within about five seconds, and closes the store. Safe to call twice. */
  stop(): Promise<void>
  /** Valid once started. */
  readonly url: string
  readonly feed: Feed
  readonly reporter: Reporter & CheckerReporter & CertificateObserver
  /** What nodes catch up from. */
  readonly history: Pick<Store, 'revision' | 'revisionsAfter'>
  readonly trust: TrustService
  /** Into the audit log: somebody was turned away, here or at a node. */
  readonly auditRefusal: OnRefused
  /** Looks for what other controls have committed. Throws what the store throws. */
  refresh(): Promise<void>
  /** Makes everything in the document so; deletes nothing else. Throws CommandError with every fault. */
  applyDocument(
    document: Document,
    about: { readonly author: string; readonly message: string },
  ): Promise<AppliedDocument>
}

const HISTORY_DAYS = 30
/** What a client of the event stream may leave unread. */
const MAX_UNREAD_BYTES = 4 * 1_024 * 1_024

/** Opens the store. Throws what opening a database throws. */
export async function createControl(options: ControlOptions): Promise<Control> {
  const { dataDir, clock, logger, shared } = options
  const store = await openStore(shared?.store ?? { kind: 'sqlite', path: join(dataDir, 'control.sqlite') })
  const { feed = new LocalFeed(loggingTo(logger)), saved = [], times = DEFAULT_TIMES } = options
  const [log, metrics] = [new EventLog(clock), createMetrics()]
  const [frames, signing] = [deferredFrames(options.frames), signingOf(options)]
  const reader = new VerdictReader({ feed, frames, clock, times, saved, keepsOutput: true })
  const steering = await steeringOf(options, reader, log)
  const service = serviceOf(options, { store, feed, log, steering, ...signing })
  const latches = new LatchKeeper({ service, clock, logger })
  const upkeep = upkeepOf(options, store, service)
  const history = historyOf(options, { store, log, metrics, upkeep })
  const observer = new Observer({
    ...{ clock, log, metrics, reader, steering, latches, history },
    ...{ name: shared?.name ?? 'control', times },
  })
  const about = { ...options, owner: shared?.name, store, service, url: () => listener.url }
  const { people, ...access } = createPeople(about)
  const trust = createTrust(options.trust, { store, clock, logger })
  const follower = new StoreFollower({
    ...{ clock, logger, onHint: store.onHint },
    look: async () => {
      // A token that was revoked ends also while a change takes long.
      await Promise.all([service.refresh(), people.tokens.refresh()])
    },
  })
  const locations = locationsOf(options, log)
  const streams = new EventStreams({ log, clock, maxBufferedBytes: MAX_UNREAD_BYTES })
  const parts: ApiParts = {
    ...{ ...people, ...trust.parts },
    ...{ service, store, observer, steering, latches, metrics, streams, console: new BuiltConsole() },
    ...{ rollovers: rolloversOf({ service, ...signing, clock }, observer), dnssecKeys, vault: signing.vault },
    ...{ locate: locations.locate, historyDays: options.historyDays ?? HISTORY_DAYS },
  }
  const listener = await listenerOf(options, parts)
  let stopping: Promise<void> | null = null
  return {
    start: async () => {
      await locations.start()
      await service.load()
      observer.start()
      upkeep.start()
      history.start()
      await access.start()
      await trust.start()
      if (shared !== undefined) follower.start()
      await listener.listen(options.listen)
    },
    stop: () =>
      (stopping ??= (async () => {
        await locations.stop()
        await follower.stop()
        await trust.stop()
        await upkeep.stop()
        await latches.stop()
        await listener.close()
        await parts.denials.stop()
        observer.stop()
        await steering.stop()
        await history.stop()
        await store.close()
      })()),
    get url() {
      return listener.url
    },
    ...{ feed, reporter: observer, history: store, trust: trust.parts.trust },
    auditRefusal: access.auditRefusal,
    refresh: () => service.refresh(),
    applyDocument: (document, about) => applyDocument(service, document, about),
  }
}

async function listenerOf(options: ControlOptions, parts: ApiParts): Promise<Listener> {
  const { logger, version, server: times, listen, certificate = null, clock } = options
  const https = isBeyondLoopback(listen.host) ? certificate?.options : undefined
  const server = await buildServer({ logger, version, https, ...(times && { times }) }, () => parts)
  const logged: OnRefused = ({ who, from, reason }) => {
    logger.warn({ who, from }, `refused: ${reason}`)
  }
  const { onRefused = logged } = options
  return new Listener({ server, streams: parts.streams, clock, certificate, onRefused })
}

/** What makes keys and asks after them. */
function signingOf({ vault = CLOSED_VAULT, clock }: ControlOptions) {
  const parent = new ParentZoneClient()
  return { maker: new KeyMaker({ vault, dnssecKeys, parent, clock }), parent, dnssecKeys, vault }
}

function rolloversOf(
  options: Omit<ConstructorParameters<typeof RolloverService>[0], 'lagging'>,
  observer: Observer,
): RolloverService {
  return new RolloverService({
    ...options,
    lagging: (revision) => laggingNameservers(observer, revision),
  })
}

function upkeepOf(
  { shared, clock, logger }: ControlOptions,
  { leases, proposals }: Pick<Store, 'leases' | 'proposals'>,
  service: ConfigurationService,
): Upkeep {
  const lease = shared === undefined ? null : { leases, holder: `${shared.name} ${randomUUID()}` }
  return new Upkeep({ service, proposals, lease, clock, logger })
}

/** Written as transitions come; never waited for. */
function historyOf(
  { clock, logger, historyDays = HISTORY_DAYS }: ControlOptions,
  parts: {
    readonly store: Store
    readonly log: EventLog
    readonly metrics: Metrics
    readonly upkeep: Upkeep
  },
): HistoryWriter {
  const { store, log, metrics, upkeep } = parts
  return new HistoryWriter({
    ...{ history: store.history, clock, logger, keepDays: historyDays },
    isOurs: () => upkeep.isOurs,
    onAlarm: (message) => {
      log.append({ kind: 'alarm', atMs: clock.wallMs(), source: 'history', message })
    },
    onLost: (count) => {
      metrics.historyLost.inc(count)
    },
  })
}

/** For `explain`, which says what the nameservers answer to whom. */
function locationsOf({ geoipDatabases = [], clock }: ControlOptions, log: EventLog): LocationFiles {
  return new LocationFiles({
    ...{ paths: geoipDatabases, clock, keeps: true },
    onAlarm: (message) => {
      log.append({ kind: 'alarm', atMs: clock.wallMs(), source: 'control', message })
    },
  })
}

/** As the last run left it. */
function steeringOf(
  { dataDir, clock, logger }: ControlOptions,
  { book }: VerdictReader,
  log: EventLog,
): Promise<SteeringKeeper> {
  const onAlarm = (message: string) => {
    log.append({ kind: 'alarm', atMs: clock.wallMs(), source: 'control', message })
  }
  const path = join(dataDir, 'control-steering.json')
  const storage = steeringFile({ path, clock, logger, onDamaged: onAlarm })
  return loadSteering({ storage, book, clock, onAlarm })
}

function serviceOf(
  { clock }: ControlOptions,
  parts: {
    readonly store: Store
    readonly feed: LocalFeed
    readonly log: EventLog
    readonly steering: SteeringKeeper
    readonly maker: KeyMaker
  },
): ConfigurationService {
  const { store, feed, log, steering, maker } = parts
  return new ConfigurationService({
    store,
    clock,
    publish: (snapshot) => {
      feed.publish(snapshot)
    },
    emptiedBy: (before, plan) => emptiedBy(before, plan, { ...steering.view, wallMs: clock.wallMs() }),
    complete: (plan, change) => maker.complete(plan, change),
    propose: (proposal, actor) => {
      const entry = entryOf(proposal, { atMs: proposal.atMs, actor, action: 'propose' })
      return store.proposals.add(proposal, entry)
    },
    onRevision: ({ number, author, atMs, message }) => {
      log.append({ kind: 'revision', atMs, revision: number, author, message })
    },
  })
}

function loggingTo(logger: Logger): (error: unknown) => void {
  return (error) => {
    logger.error({ err: error }, 'a reader of the configuration failed')
  }
}
