/**
 * Watches whether the nameservers agree (core/health/agreement.ts), from their reports.
 * What must stay true: a difference is seen to begin and to end by the report that says so; what stays as it is is looked at once a
 * second, since that costs as much as there are nameservers; told once.
 */
import { AGREED, isDisagreement, nextAgreement, type Agreement } from '../core/health/agreement.ts'
import type { HealthTimes } from '../core/health/verdict-book.ts'
import type { Clock } from '../ports/clock.ts'
import type { NameserverReport } from '../ports/report.ts'
import { REPORT_AGE } from './report-age.ts'
import { shownNameservers } from './shown-nameservers.ts'

interface Heard {
  readonly report: NameserverReport
  /** Monotonic ms. */
  readonly heardAtMs: number
}

export interface NameserverAgreementOptions {
  readonly clock: Clock
  readonly times: HealthTimes
  readonly onAlarm: (message: string) => void
}

const LOOK_MS = 1_000

export class NameserverAgreement {
  readonly #options: NameserverAgreementOptions
  #agreement: Agreement = AGREED
  #told = false
  /** Monotonic ms. */
  #lookedAtMs = -Infinity
  /** By site and name. */
  #shown: ReadonlyMap<string, string> = new Map()

  constructor(options: NameserverAgreementOptions) {
    this.#options = options
  }

  get current(): Agreement {
    return this.#agreement
  }

  /** They differ for longer than verdicts may take to become the same. */
  get isBroken(): boolean {
    const { clock, times } = this.#options
    return isDisagreement(this.#agreement, times, clock.monotonicMs())
  }

  /** In words, with the names on each side. */
  get text(): string {
    const sides = this.#agreement.groups
      .map((keys) => keys.map((key) => this.#shown.get(key) ?? key).join(', '))
      .join(' against ')
    return `nameservers come to different verdicts: ${sides}; compare what they hear of the checkers (fairlead get checkers, their logs)`
  }

  /** After a report of a nameserver, and the one before it. */
  isDue(before: NameserverReport | undefined, report: NameserverReport): boolean {
    const isAsBefore =
      before?.ready === report.ready &&
      before.revision === report.revision &&
      before.verdictDigest === report.verdictDigest
    return !isAsBefore || this.#options.clock.monotonicMs() - this.#lookedAtMs >= LOOK_MS
  }

  /** By site and name. */
  look(nameservers: ReadonlyMap<string, Heard>): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#lookedAtMs = nowMs
    const reports = Array.from(nameservers).flatMap(([nameserver, { report, heardAtMs }]) => {
      const { revision, ready, verdictDigest: digest } = report
      const isComparable = ready && digest !== undefined && nowMs - heardAtMs <= REPORT_AGE.comparableMs
      return isComparable ? [{ nameserver, revision, digest }] : []
    })
    this.#agreement = nextAgreement(this.#agreement, reports, nowMs)
    const { isBroken } = this
    if (isBroken) this.#shown = shownNameservers(nameservers)
    if (isBroken && !this.#told) this.#options.onAlarm(this.text)
    this.#told = isBroken
  }
}
