/**
 * What this node says of itself, to every control.
 * What must stay true: reporting never waits and never fails; it is bounded by the size of the configuration; a control that
 * comes, or comes back, is told everything that holds now.
 */
import type { Logger } from 'pino'
import type { DecidedType } from '../../core/steering/decision.ts'
import type { Clock } from '../../ports/clock.ts'
import type {
  CheckerReport,
  CheckerReporter,
  NameserverReport,
  NodeEvent,
  NodeReport,
  PublishedAnswer,
  Reporter,
} from '../../ports/report.ts'
import type { Refusal } from '../../ports/refusals.ts'
import type { ControlAddress } from './feed-connection.ts'
import { ReportChannel } from './report-channel.ts'
import type { TrustHint } from './revocations.ts'
import type { TlsIdentity } from './tls-identity.ts'

export interface RemoteReporterOptions {
  readonly controls: readonly ControlAddress[]
  readonly tls: TlsIdentity
  readonly version: string
  readonly clock: Clock
  readonly logger: Logger
  readonly onTrust: (hint: TrustHint) => void
}

/** Answers in one report. */
const ANSWERS = 2_000
/** Characters of what others made up. */
const MAX_TEXT = 1_000

export class RemoteReporter implements Reporter, CheckerReporter {
  readonly #options: RemoteReporterOptions
  readonly #published = new Map<string, Map<DecidedType, PublishedAnswer>>()
  readonly #channels = new Map<string, ReportChannel>()
  #latest: NodeReport | null = null

  constructor(options: RemoteReporterOptions) {
    this.#options = options
    this.setControls(options.controls)
  }

  setControls(controls: readonly ControlAddress[]): void {
    const { tls, clock, logger, onTrust } = this.#options
    const wanted = new Map(controls.map((to) => [`${to.host} ${to.port}`, to]))
    for (const [place, channel] of this.#channels) {
      if (wanted.has(place)) continue
      channel.stop()
      this.#channels.delete(place)
    }
    for (const [place, to] of wanted) {
      if (this.#channels.has(place)) continue
      const channel = new ReportChannel({
        ...{ to, tls, clock, logger, onTrust },
        everything: () => this.#everything(),
      })
      this.#channels.set(place, channel)
    }
  }

  stop(): void {
    for (const channel of this.#channels.values()) channel.stop()
  }

  event(event: NodeEvent): void {
    if (event.kind === 'publication' || event.kind === 'alarm') this.#say({ kind: 'event', event })
  }

  published(answers: readonly PublishedAnswer[]): void {
    for (const answer of answers) {
      const byType = this.#published.get(answer.name) ?? new Map<DecidedType, PublishedAnswer>()
      this.#published.set(answer.name, byType.set(answer.type, answer))
    }
    for (const report of reportsOf(answers)) this.#say(report)
  }

  withdrawn(names: readonly string[]): void {
    for (const name of names) this.#published.delete(name)
    this.#say({ kind: 'withdrawn', names })
  }

  nameserver(report: NameserverReport): void {
    this.#latest = { kind: 'nameserver', report: { ...report, version: this.#options.version } }
    for (const channel of this.#channels.values()) channel.sayLatest(this.#latest)
  }

  checker(report: CheckerReport): void {
    this.#latest = { kind: 'checker', report }
    for (const channel of this.#channels.values()) channel.sayLatest(this.#latest)
  }

  refused({ who, from, reason, vouched }: Refusal): void {
    const [name, why] = [who.slice(0, MAX_TEXT), reason.slice(0, MAX_TEXT)]
    this.#say({ kind: 'refused', who: name, from, reason: why, ...(vouched && { vouched }) })
  }

  #say(report: NodeReport): void {
    for (const channel of this.#channels.values()) channel.say(report)
  }

  #everything(): NodeReport[] {
    const answers = [...this.#published.values()].flatMap((byType) => [...byType.values()])
    return [...reportsOf(answers), ...(this.#latest === null ? [] : [this.#latest])]
  }
}

function reportsOf(answers: readonly PublishedAnswer[]): NodeReport[] {
  const reports: NodeReport[] = []
  for (let at = 0; at < answers.length; at += ANSWERS)
    reports.push({ kind: 'published', answers: answers.slice(at, at + ANSWERS) })
  return reports
}
