/**
 * The agent of a nameserver: computes every verdict itself, plans the answers that follow, and keeps the PowerDNS beside it
 * answering them.
 * What must stay true: from a frame to the write there is no timer; nothing is published before it is ready (readiness.ts);
 * the death of this process changes no answer.
 */
import type { Logger } from 'pino'
import type { HealthAlarm } from '../core/health/health-alarm.ts'
import type { SavedVerdict, Transition } from '../core/health/verdict-book.ts'
import { settingsOf, type Configuration } from '../core/model/configuration.ts'
import { VerdictDigest } from '../core/health/verdict-digest.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import { answeringTiers } from '../core/steering/state/answering-tiers.ts'
import { isLatching } from '../core/steering/state/latches.ts'
import type { SteeringNote } from '../core/steering/state/steering-note.ts'
import type { SteeringStep } from '../core/steering/state/steering-state.ts'
import type { Clock } from '../ports/clock.ts'
import type { DnsServerProcess } from '../ports/dns-server.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type { Reporter } from '../ports/report.ts'
import type { ZoneSigning } from '../ports/zone-storage.ts'
import type { SteeringKeeper } from '../readers/steering-keeper.ts'
import type { VerdictListener, VerdictReader } from '../readers/verdict-reader.ts'
import type { Publisher, PlanSource } from './publisher.ts'
import type { ReadBack } from './read-back.ts'
import { isReady } from './readiness.ts'
import type { Front } from './front/context.ts'
import type { TrafficMeter } from './traffic-meter.ts'
import type { Transfers } from './transfers/context.ts'
import type { SecretOf, UpdateTargets } from './updates/update-targets.ts'
import type { VerdictSaver } from './verdict-saver.ts'

export interface NameserverAgentOptions {
  readonly name: string
  readonly site: string
  readonly dns: { readonly address: string; readonly port: number }
  readonly reader: VerdictReader
  readonly steering: SteeringKeeper
  readonly publisher: Pick<Publisher, 'open' | 'replace' | 'stop' | 'touch'>
  /** Gives zones to secondaries; null: this nameserver does not. */
  readonly transfers: Transfers | null
  readonly traffic: Pick<TrafficMeter, 'latest' | 'start' | 'stop'>
  /** Publishes load balancers into zones of others; null: this nameserver does not. */
  readonly updates: UpdateTargets | null
  readonly tsigSecret: SecretOf
  /** The dnsdist before the server; null: there is none. */
  readonly front: Pick<Front, 'define' | 'status'> | null
  readonly readBack: Pick<ReadBack, 'failingForMs' | 'stop'>
  readonly saver: VerdictSaver
  readonly server: Pick<DnsServerProcess, 'status'>
  readonly reporter: Reporter
  readonly clock: Clock
  /** There is a database of locations, for rules by country and the like. */
  readonly hasLocations: boolean
  /** How a zone is to be signed, with the keys in a configuration. */
  readonly signingOf: (zone: string, configuration: Configuration) => ZoneSigning
  readonly logger: Logger
  /** In words, for the log and for control. */
  readonly onAlarm: (message: string) => void
}

const REPORT_MS = 1_000
const READINESS_MS = 20

export class NameserverAgent implements VerdictListener {
  readonly #options: NameserverAgentOptions
  readonly #timers = new Map<string, () => void>()
  readonly #digest = new VerdictDigest()
  #plan: AnswerPlan | null = null
  #configuration: Configuration | null = null
  /** Names of the load balancers that latch. */
  #latching: ReadonlySet<string> = new Set()
  #configuredAtMs = 0
  #ready = false
  #zonesFound = 0

  constructor(options: NameserverAgentOptions) {
    this.#options = options
  }

  /** The server answers already; its storage holds so many zones of an earlier run. */
  start(zonesFound: number): void {
    this.#zonesFound = zonesFound
    this.#options.steering.start((step) => {
      this.#onStep(step)
    })
    this.#options.reader.start(this)
    this.#reportLater()
    this.#options.traffic.start()
  }

  /** Saves the verdicts; writes that are under way are finished. The server is ended by its owner. */
  async stop(): Promise<void> {
    const { reader, publisher, readBack, saver, steering } = this.#options
    for (const cancel of this.#timers.values()) cancel()
    this.#options.traffic.stop()
    reader.stop()
    await publisher.stop()
    readBack.stop()
    await steering.stop()
    await saver.stop()
  }

  onConfiguration(snapshot: ConfigurationSnapshot): void {
    // Nothing was ever committed: that is no reason to take away what an earlier run published.
    if (snapshot.revision === 0) {
      this.report()
      return
    }
    if (this.#plan === null) this.#configuredAtMs = this.#options.clock.monotonicMs()
    const { configuration } = snapshot
    const plan = new AnswerPlan(configuration)
    const { steering } = this.#options
    const { view } = steering
    this.#tell(steering.define(configuration))
    const source: PlanSource = {
      trust: settingsOf(configuration).clientSubnet.trust,
      zones: () => plan.zones(view),
      signing: (zone) => this.#options.signingOf(zone, configuration),
      owner: (name) => {
        const balancer = configuration.loadBalancer.get(name)
        const zone = balancer && configuration.zone.get(balancer.zone)
        return balancer && zone ? { zone, records: plan.ownerRecords(balancer, view) } : null
      },
    }
    this.#plan = plan
    this.#digest.replace(this.#options.reader.book.standings())
    if (settingsOf(configuration).geoip.enabled && !this.#options.hasLocations)
      this.#options.onAlarm(
        'settings.geoip.enabled is true, but this nameserver has no --geoip-database: rules by location match nobody here',
      )
    this.#configuration = configuration
    this.#latching = new Set(
      [...configuration.loadBalancer.values()].flatMap(({ name, policy }) =>
        isLatching(policy) ? [name] : [],
      ),
    )
    this.#options.front?.define(configuration)
    this.#options.publisher.replace(source)
    this.#options.transfers?.replace(source, configuration)
    this.#options.updates?.replace(source, configuration, this.#options.tsigSecret)
    this.#lookWhetherReady()
    this.#observe(this.#latching)
    this.#options.saver.changed('all')
    this.report()
  }

  onTransitions(transitions: readonly Transition[]): void {
    for (const { endpoint, to } of transitions) this.#digest.set(endpoint, to)
    this.#onStep(this.#options.steering.onTransitions(transitions))
    this.#lookWhetherReady()
    this.#options.saver.changed(transitions.map(({ endpoint }) => endpoint))
  }

  #onStep({ balancers, notes }: SteeringStep): void {
    this.#options.publisher.touch(balancers)
    this.#options.transfers?.touch(balancers)
    this.#options.updates?.touch(balancers)
    this.#observe(balancers)
    this.#tell(notes)
  }

  /** Sees which tiers answer: what latches stays on them. That changes no answer, for they answer already. */
  #observe(names: Iterable<string>): void {
    if (!this.#ready || this.#plan === null) return
    const { steering } = this.#options
    let isNews = false
    for (const name of names) {
      const balancer = this.#latching.has(name) ? this.#configuration?.loadBalancer.get(name) : undefined
      if (balancer === undefined) continue
      const notes = steering.observe(name, answeringTiers(this.#plan.decisions(balancer, steering.view)))
      isNews ||= notes.length > 0
      this.#tell(notes)
    }
    if (isNews) this.report()
  }

  #tell(notes: readonly SteeringNote[]): void {
    for (const note of notes)
      this.#options.logger.info({ steering: note }, 'answers stay or go beside a verdict')
  }

  onAlarm({ message }: HealthAlarm): void {
    this.#options.onAlarm(message)
  }

  report(): void {
    const {
      name,
      site,
      dns,
      reader,
      readBack,
      server,
      reporter,
      steering,
      transfers,
      front,
      updates,
      traffic,
    } = this.#options
    reporter.nameserver({
      name,
      site,
      revision: reader.snapshot?.revision ?? 0,
      ready: this.#ready,
      verdictDigest: this.#digest.text,
      dnsServer: { ...server.status(), ...dns },
      unpublishedForMs: readBack.failingForMs(),
      latches: steering.state.latches.save(),
      heldEndpoints: steering.state.budget.held,
      ...(front && { front: front.status() }),
      ...(traffic.latest && { traffic: traffic.latest }),
      ...((transfers ?? updates) && {
        secondaries: [...(transfers?.reports() ?? []), ...(updates?.reports() ?? [])],
      }),
      heldZones: (reader.snapshot?.revision ?? 0) === 0 ? this.#zonesFound : 0,
    })
  }

  /** What is to be on disk. */
  savedVerdicts(endpoints: ReadonlySet<EndpointKey> | 'all'): Iterable<SavedVerdict> {
    const { book } = this.#options.reader
    return endpoints === 'all' ? book.save() : book.saveOf(endpoints)
  }

  #lookWhetherReady(): void {
    if (this.#ready || this.#plan === null) return
    const { reader, clock, publisher, transfers, updates } = this.#options
    const nowMs = clock.monotonicMs()
    if (isReady({ book: reader.book, nowMs, configuredAtMs: this.#configuredAtMs })) {
      this.#ready = true
      publisher.open()
      transfers?.open()
      updates?.open()
      this.#observe(this.#latching)
      this.report()
      return
    }
    this.#after('readiness', READINESS_MS, () => {
      this.#lookWhetherReady()
    })
  }

  #reportLater(): void {
    this.#after('report', REPORT_MS, () => {
      this.report()
      this.#reportLater()
    })
  }

  #after(name: string, delayMs: number, callback: () => void): void {
    this.#timers.get(name)?.()
    this.#timers.set(name, this.#options.clock.after(delayMs, callback))
  }
}
