/**
 * A few checkers and readers with a network between them that loses what a test tells it to lose. It keeps its own account of
 * what each reader has really heard, apart from the ledger, so that a test can count votes without asking the code under test.
 */
import type { EndpointKey } from '../../model/resource.ts'
import type { Frame } from '../frame.ts'
import type { RegisterState } from '../register.ts'
import { DEFAULT_TIMES, VerdictBook, type Transition } from '../verdict-book.ts'
import { intentOf } from './intent.ts'
import { DEFINITION, ReportingChecker } from './reporting-checker.ts'

export const ENDPOINTS: readonly EndpointKey[] = ['web/a', 'web/b']

export type Deed =
  | {
      readonly kind: 'report'
      readonly checker: number
      readonly endpoint: EndpointKey
      readonly state: RegisterState
    }
  | { readonly kind: 'heartbeat' | 'restart' | 'fence'; readonly checker: number }
  | { readonly kind: 'wait'; readonly ms: number }

/** What one reader has heard of one checker, as the checker was at that moment. */
interface Heard {
  readonly site: string
  readonly fenced: boolean
  readonly atMs: number
  readonly states: ReadonlyMap<EndpointKey, RegisterState>
}

export class Reader {
  readonly book = new VerdictBook()
  /** Of the configuration; none: whoever is heard votes. */
  readonly expectedSites: readonly string[]
  readonly transitions: Transition[] = []
  readonly heard = new Map<string, Heard>()

  constructor(expectedSites: readonly string[] = []) {
    this.expectedSites = expectedSites
  }

  /** How many sites vote so at `nowMs`, by this account: live within the lease, not fenced, majority of those who know. */
  votes(endpoint: EndpointKey, vote: 'up' | 'down', nowMs: number): number {
    const balance = new Map<string, number>()
    for (const { site, fenced, atMs, states } of this.heard.values()) {
      const state = states.get(endpoint) ?? 'unknown'
      if (fenced || nowMs - atMs > DEFAULT_TIMES.leaseMs || state === 'unknown') continue
      balance.set(site, (balance.get(site) ?? 0) + (state === 'down' ? -1 : 1))
    }
    return [...balance.values()].filter((value) => (vote === 'up' ? value > 0 : value < 0)).length
  }

  sites(): number {
    return new Set(Array.from(this.heard.values(), ({ site }) => site)).size
  }
}

export class SmallWorld {
  readonly checkers: readonly ReportingChecker[]
  readonly readers: readonly Reader[]
  nowMs: number
  /** Called with each transition of a reader, before anything else happens. */
  onTransition: (reader: Reader, transition: Transition) => void = () => undefined

  /** `sites`: the site of each checker. */
  constructor(sites: readonly string[], readers: readonly Reader[], startMs = 0) {
    this.checkers = sites.map((site, index) => new ReportingChecker(`${site}-${index}`, site))
    this.readers = readers
    this.nowMs = startMs
    for (const reader of readers)
      reader.book.define(
        intentOf(Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, DEFINITION])), {
          sites: reader.expectedSites,
        }),
        startMs,
      )
  }

  /** `reaches`: for each reader, whether what is sent now comes to it. */
  do(deed: Deed, reaches: readonly boolean[] = this.readers.map(() => true)): void {
    if (deed.kind === 'wait') {
      this.nowMs += deed.ms
      for (const reader of this.readers) this.#take(reader, reader.book.tick(this.nowMs))
      return
    }
    const checker = this.checkers[deed.checker % this.checkers.length]
    if (checker === undefined) return
    const frame = this.#perform(checker, deed)
    let gap = false
    for (const [index, reader] of this.readers.entries())
      if (reaches[index]) gap = this.#deliver(checker, frame, reader) || gap
    if (!gap) return
    const snapshot = checker.snapshot()
    for (const [index, reader] of this.readers.entries())
      if (reaches[index]) this.#deliver(checker, snapshot, reader)
  }

  /** Every second for so long: each of these checkers says something, all readers hear it and look at the time. */
  beat(ms: number, checkers: Iterable<number> = this.checkers.keys()): void {
    const speaking = [...checkers]
    for (let passed = 0; passed < ms; passed += 1_000) {
      for (const checker of speaking) this.do({ kind: 'heartbeat', checker })
      this.do({ kind: 'wait', ms: 1_000 })
    }
  }

  #perform(checker: ReportingChecker, deed: Exclude<Deed, { kind: 'wait' }>): Frame {
    if (deed.kind === 'report') return checker.report(deed.endpoint, deed.state)
    if (deed.kind === 'restart') return checker.restart()
    if (deed.kind === 'fence') checker.fenced = !checker.fenced
    return checker.heartbeat()
  }

  /** True when the reader found a gap. */
  #deliver(checker: ReportingChecker, frame: Frame, reader: Reader): boolean {
    const { site, fenced } = checker
    const states = new Map(ENDPOINTS.map((endpoint) => [endpoint, checker.state(endpoint)]))
    const before = reader.heard.get(checker.checker)
    // Told before, so that the account is right when the transitions come.
    reader.heard.set(checker.checker, { site, fenced, atMs: this.nowMs, states })
    const { outcome, transitions } = reader.book.hear(frame, this.nowMs)
    if (outcome.kind !== 'merged') {
      if (before === undefined) reader.heard.delete(checker.checker)
      else reader.heard.set(checker.checker, before)
    }
    this.#take(reader, transitions)
    return outcome.kind === 'gap'
  }

  #take(reader: Reader, transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      reader.transitions.push(transition)
      this.onTransition(reader, transition)
    }
  }
}
