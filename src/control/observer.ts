/**
 * What control knows of the world beside the configuration: verdicts (its own, from the same frames that the nameservers
 * read), what the nameservers report, and the events that follow.
 * What must stay true: no verdict and no answer is decided on what is kept here; it is bounded by the size of the configuration and the
 * number of nodes.
 */
import type { ProbeOutput } from '../core/health/frame.ts'
import type { HealthAlarm } from '../core/health/health-alarm.ts'
import type { HealthTimes, Transition } from '../core/health/verdict-book.ts'
import type { Standing, Verdict } from '../core/health/verdict.ts'
import type { SteeringNote } from '../core/steering/state/steering-note.ts'
import type { SteeringStep } from '../core/steering/state/steering-state.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import type { DecidedType } from '../core/steering/decision.ts'
import type { SteeringView } from '../core/steering/steering-view.ts'
import type { Explanation } from '../core/views/explanation.ts'
import type { Clock } from '../ports/clock.ts'
import type { RecordedTransition } from '../ports/history.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type {
  CheckerReport,
  CheckerReporter,
  NameserverReport,
  NodeEvent,
  PublishedAnswer,
  Reporter,
} from '../ports/report.ts'
import type { SteeringKeeper } from '../readers/steering-keeper.ts'
import type { VerdictListener, VerdictReader } from '../readers/verdict-reader.ts'
import { describeNote } from './describe-note.ts'
import type { EventLog } from './event-log.ts'
import type { HistoryWriter } from './history-writer.ts'
import type { LatchKeeper } from './latch-keeper.ts'
import { NameserverAgreement } from './nameserver-agreement.ts'
import { nameserverKey } from './nameserver-key.ts'
import { NodeCertificates, type NodeCertificate } from './node-certificates.ts'
import { PublishedBook } from './published-book.ts'
import { REPORT_AGE } from './report-age.ts'
import { TrafficBook } from './traffic-book.ts'
import type { Metrics } from './metrics.ts'

export interface ObserverOptions {
  readonly clock: Clock
  readonly log: EventLog
  readonly metrics: Metrics
  readonly reader: VerdictReader
  readonly steering: SteeringKeeper
  readonly history: Pick<HistoryWriter, 'add'>
  /** Name of this control, in the history. */
  readonly name: string
  readonly times: HealthTimes
  /** Told what each nameserver has latched. */
  readonly latches: Pick<LatchKeeper, 'heard' | 'lone'>
}

export interface HeardNameserver {
  readonly report: NameserverReport
  /** Monotonic ms. */
  readonly heardAtMs: number
}

export interface HeardChecker {
  readonly report: CheckerReport
  /** Monotonic ms. */
  readonly heardAtMs: number
}

export type CheckedProbe = ProbeOutput & { readonly checker: string }

/** Of a publication of more names only so many are kept in the log. */
const MAX_OWNERS = 100
const MAX_REASONS = 3

/** What is told of certificates, from beside the reports. */
export interface CertificateObserver {
  certificateShown(certificate: NodeCertificate): void
  /** All serials that are revoked. */
  revoked(serials: Pick<ReadonlySet<string>, 'has'>): void
}

export class Observer implements Reporter, CheckerReporter, CertificateObserver, VerdictListener {
  readonly traffic = new TrafficBook()
  readonly certificates = new NodeCertificates()
  readonly agreement: NameserverAgreement
  readonly #options: ObserverOptions
  readonly #since = new Map<EndpointKey, number>()
  readonly #published = new PublishedBook((nameserver) => this.#isLive(nameserver))
  readonly #nameservers = new Map<string, HeardNameserver>()
  readonly #checkers = new Map<string, HeardChecker>()
  readonly #byWhenDown = new Set<string>()
  /** Balancers whose all-down mode is to be looked at again before anybody asks; 'all' after a new configuration. */
  #stale: Set<string> | 'all' = new Set()
  #plan: AnswerPlan | null = null

  constructor(options: ObserverOptions) {
    this.#options = options
    const { clock, times } = options
    this.agreement = new NameserverAgreement({
      ...{ clock, times },
      onAlarm: (message) => {
        this.onAlarm({ message })
      },
    })
  }

  start(): void {
    this.#options.steering.start((step) => {
      this.#onStep(step)
    })
    this.#options.reader.start(this)
  }

  stop(): void {
    this.#options.reader.stop()
  }

  // What the reader says

  onConfiguration({ configuration, revision }: ConfigurationSnapshot): void {
    this.#plan = null
    this.#stale = 'all'
    this.#options.metrics.revision.set(revision)
    if (revision > 0) this.#tell(this.#options.steering.define(configuration))
    for (const key of this.#since.keys()) if (!configuration.endpoint.has(key)) this.#since.delete(key)
    this.#published.keep((name) => configuration.loadBalancer.has(name))
  }

  onTransitions(transitions: readonly Transition[]): void {
    const { clock, log, metrics } = this.#options
    const atMs = clock.wallMs()
    const recorded: RecordedTransition[] = []
    for (const { endpoint, from, to } of transitions) {
      const reason = this.#reasonFor(endpoint, to)
      recorded.push({
        ...{ endpoint, atMs, control: this.#options.name, from: from.state, to: to.state, reason },
        ...{ degraded: to.degraded, rule: to.rule, quorum: to.quorum, votes: to.votes, lastUp: to.lastUp },
      })
      if (from.state !== to.state) this.#since.set(endpoint, atMs)
      metrics.transitions.inc({ to: to.state })
      log.append({
        kind: 'transition',
        atMs,
        endpoint,
        from: from.state,
        to: to.state,
        degraded: to.degraded,
        rule: to.rule,
        reason,
      })
    }
    this.#options.history.add(recorded)
    this.#onStep(this.#options.steering.onTransitions(transitions))
  }

  #onStep({ balancers, notes }: SteeringStep): void {
    if (this.#stale !== 'all') for (const name of balancers) this.#stale.add(name)
    this.#tell(notes)
  }

  #tell(notes: readonly SteeringNote[]): void {
    const { clock, log } = this.#options
    const atMs = clock.wallMs()
    for (const note of notes) {
      const message = describeNote(note)
      if (note.kind === 'held') log.append({ kind: 'alarm', atMs, source: 'withdrawal budget', message })
      else log.append({ kind: 'steering', atMs, loadBalancer: note.loadBalancer, message })
    }
  }

  onAlarm({ message }: Pick<HealthAlarm, 'message'>): void {
    const { clock, log } = this.#options
    log.append({ kind: 'alarm', atMs: clock.wallMs(), source: 'health plane', message })
  }

  // What nameservers say

  event(event: NodeEvent): void {
    const { log, metrics } = this.#options
    if (event.kind !== 'publication') {
      log.append(event)
      return
    }
    metrics.publications.inc()
    if (event.readBackMs !== null) metrics.publicationSeconds.observe(event.readBackMs / 1_000)
    log.append({ ...event, owners: event.owners.slice(0, MAX_OWNERS) })
  }

  published(answers: readonly PublishedAnswer[], by = ''): void {
    this.#published.published(answers, by)
  }

  withdrawn(names: readonly string[], by = ''): void {
    this.#published.withdrawn(names, by)
  }

  /** By site and name; '': the one within this process. */
  #isLive(nameserver: string): boolean {
    const heard = this.#nameservers.get(nameserver)
    return (
      nameserver === '' ||
      (heard !== undefined && heard.heardAtMs + REPORT_AGE.liveMs > this.#options.clock.monotonicMs())
    )
  }

  nameserver(report: NameserverReport): void {
    const key = nameserverKey(report)
    this.#options.latches.heard(key, report.latches ?? [])
    const before = this.#nameservers.get(key)?.report
    this.#nameservers.set(key, { report, heardAtMs: this.#options.clock.monotonicMs() })
    this.traffic.heard(report, this.#options.clock.monotonicMs())
    if (this.agreement.isDue(before, report)) this.agreement.look(this.#nameservers)
  }

  /** By which certificate a node, or this control, has come. */
  certificateShown(certificate: NodeCertificate): void {
    this.certificates.shown(certificate)
  }

  /** A nameserver that was revoked is taken away: nothing is expected of it any more. */
  revoked(serials: Pick<ReadonlySet<string>, 'has'>): void {
    for (const identity of this.certificates.revoked(serials))
      if (identity.role === 'nameserver') this.#forget(nameserverKey(identity))
  }

  #forget(nameserver: string): void {
    this.#nameservers.delete(nameserver)
    this.traffic.forget(nameserver)
    this.#published.forget(nameserver)
    this.agreement.look(this.#nameservers)
  }

  checker(report: CheckerReport): void {
    this.#checkers.set(report.name, { report, heardAtMs: this.#options.clock.monotonicMs() })
  }

  // What others ask

  get reader(): VerdictReader {
    return this.#options.reader
  }

  get steering(): SteeringKeeper {
    return this.#options.steering
  }

  get log(): EventLog {
    return this.#options.log
  }

  get clock(): Clock {
    return this.#options.clock
  }

  /** Throws before the first configuration. */
  get snapshot(): ConfigurationSnapshot {
    const { snapshot } = this.#options.reader
    if (snapshot === null) throw new Error('no configuration has been published yet')
    return snapshot
  }

  get plan(): AnswerPlan {
    this.#plan ??= new AnswerPlan(this.snapshot.configuration)
    return this.#plan
  }

  /** By site and name. */
  get nameservers(): ReadonlyMap<string, HeardNameserver> {
    return this.#nameservers
  }

  /** What some nameservers have latched and most have not. */
  get loneLatches(): ReturnType<LatchKeeper['lone']> {
    return this.#options.latches.lone()
  }

  get checkers(): ReadonlyMap<string, HeardChecker> {
    return this.#checkers
  }

  /** With the votes behind it. */
  readonly verdict = (endpoint: EndpointKey): Verdict | undefined =>
    this.#options.reader.book.verdict(endpoint)

  /** Without them, for whoever asks about many. */
  readonly standing = (endpoint: EndpointKey): Standing | undefined =>
    this.#options.reader.book.standing(endpoint)

  /** What the answers of this moment are decided by. */
  get view(): SteeringView {
    return this.#options.steering.view
  }

  /** Wall ms of the last change of state, as far as this process saw it. */
  readonly sinceMs = (endpoint: EndpointKey): number | null => this.#since.get(endpoint) ?? null

  readonly publishedAnswer = (name: string, type: DecidedType): PublishedAnswer | null =>
    this.#published.answer(name, type)

  readonly publication = (name: string, type: DecidedType): Explanation['publication'] => {
    const answer = this.publishedAnswer(name, type)
    if (answer === null) return null
    const { serial, values, writtenAtMs, readBackAtMs } = answer
    return { serial, values: [...values], writtenAtMs, readBackAtMs }
  }

  /** The last probe of each monitor by each checker. */
  readonly probes = (endpoint: EndpointKey): readonly CheckedProbe[] => {
    const probes: CheckedProbe[] = []
    for (const view of this.#options.reader.book.ledger.checkers())
      for (const output of view.registers.get(endpoint)?.output ?? [])
        probes.push({ checker: view.checker, ...output })
    return probes
  }

  /** Names of the balancers that answer by their all-down mode, sorted. */
  balancersByWhenDown(): readonly string[] {
    const { loadBalancer } = this.snapshot.configuration
    if (this.#stale === 'all') this.#byWhenDown.clear()
    for (const name of this.#stale === 'all' ? loadBalancer.keys() : this.#stale) {
      const balancer = loadBalancer.get(name)
      const decisions = balancer === undefined ? [] : this.plan.decisions(balancer, this.view)
      if (decisions.some(({ rule }) => rule === 'when-down')) this.#byWhenDown.add(name)
      else this.#byWhenDown.delete(name)
    }
    this.#stale = new Set()
    return [...this.#byWhenDown].sort()
  }

  #reasonFor(endpoint: EndpointKey, verdict: Verdict): string {
    const telling = verdict.state === 'down' ? 'failure' : 'success'
    const probes = this.probes(endpoint).filter((probe) => probe.outcome === telling)
    const reasons = new Set(
      probes.map((probe) => `${probe.monitor}: ${probe.detail} (seen by ${probe.checker})`),
    )
    if (reasons.size === 0) return verdict.rule
    const listed = [...reasons].slice(0, MAX_REASONS).join('; ')
    return reasons.size > MAX_REASONS ? `${listed}; and ${reasons.size - MAX_REASONS} more` : listed
  }
}
