/**
 * All verdicts of one reader, kept current from frames and from time passing (SPEC.md, B1 to B28).
 * What must stay true: an event costs what it touches, not what there is; the same frames at the same times give every
 * reader the same verdicts; a site that falls silent never makes the quorum smaller, or the one that is left after a cut
 * would decide alone; an endpoint that left the configuration leaves the book. What is kept for each endpoint is small and
 * flat; who voted what is put together when somebody asks.
 */
import type { EndpointKey } from '../model/resource.ts'
import { BallotBox } from './ballot-box.ts'
import { DefinitionGuard } from './definition-guard.ts'
import type { Frame } from './frame.ts'
import { definitionAlarm, outlierAlarm, type HealthAlarm } from './health-alarm.ts'
import type { HealthIntent, JudgedEndpoint } from './health-intent.ts'
import { LOOK_MS, nextOutliers, NO_OUTLIERS } from './outlier.ts'
import { RegisterLedger, type CheckerView, type MergeOutcome } from './register-ledger.ts'
import { RollCall, type RollTimes } from './roll-call.ts'
import { decideStanding, findingOf, UNDECIDED, type Standing, type Verdict } from './verdict.ts'

export interface HealthTimes extends RollTimes {
  /** So long after a lost quorum came back no up ends. */
  readonly settleMs: number
}

/** Defaults of the design: lease 3.5 s, settle 10 s, gone 60 s. */
export const DEFAULT_TIMES: HealthTimes = { leaseMs: 3_500, settleMs: 10_000, goneMs: 60_000 }

export interface Transition {
  readonly endpoint: EndpointKey
  readonly from: Standing
  readonly to: Verdict
}

/** What a verdict must survive a restart with. */
export interface SavedVerdict {
  readonly endpoint: EndpointKey
  readonly state: 'up' | 'down'
  readonly degraded: boolean
  readonly lastUp: number
  /** What was probed, and how, when a quorum last decided: so that a new definition is on trial over a restart too. */
  readonly target?: string | undefined
  readonly checks?: string | undefined
}

export interface VerdictBookOptions {
  readonly times?: HealthTimes
  /** Keep what the probes said, to show it; nobody decides on it, and it weighs more than everything else. */
  readonly keepsOutput?: boolean
}

type Basis = Pick<JudgedEndpoint, 'target' | 'checks'>

export class VerdictBook {
  readonly ledger: RegisterLedger
  readonly times: HealthTimes
  readonly #roll: RollCall
  readonly #box: BallotBox
  /** What is kept of the verdict on each endpoint, by its number; none for what is only heard of. */
  readonly #standings: (Standing | undefined)[] = []
  #intent: HealthIntent = { endpoints: new Map(), topology: new Map() }
  /** By number: what the endpoint is judged by now, and what a quorum last judged it by. */
  #judged: readonly (JudgedEndpoint | undefined)[] = []
  readonly #decidedBy: (Basis | undefined)[] = []
  readonly #guard = new DefinitionGuard()
  #outliers = NO_OUTLIERS
  /** Monotonic ms. */
  #lookedAtMs = -Infinity
  /** Verdicts of an earlier run, until the first configuration says which of their endpoints there still are. */
  #saved = new Map<EndpointKey, SavedVerdict>()
  readonly #settling = new Set<number>()
  #tick = 0

  constructor({ times = DEFAULT_TIMES, keepsOutput = true }: VerdictBookOptions = {}) {
    this.times = times
    this.ledger = new RegisterLedger({ keepsOutput })
    this.#roll = new RollCall(times, this.ledger)
    this.#box = new BallotBox(this.ledger, this.#roll)
  }

  /** How many endpoints are judged. */
  get size(): number {
    return this.#intent.endpoints.size
  }

  /** Takes over the verdicts of an earlier run; they hold until a quorum says otherwise. Call before `define`. */
  restore(saved: Iterable<SavedVerdict>): void {
    this.#saved = new Map(Array.from(saved, (verdict) => [verdict.endpoint, verdict]))
    for (const verdict of this.#saved.values()) this.#tick = Math.max(this.#tick, verdict.lastUp)
  }

  /** What to keep for the next run. Verdicts that wait for their first configuration are kept too, not lost. */
  *save(): Generator<SavedVerdict> {
    yield* this.#saved.values()
    for (const number of this.#standings.keys()) {
      const saved = this.#savedAt(number)
      if (saved !== null) yield saved
    }
  }

  /** The same of these endpoints, as far as there is anything to keep. */
  saveOf(endpoints: Iterable<EndpointKey>): SavedVerdict[] {
    return Array.from(endpoints, (endpoint) => this.ledger.index.numberOf(endpoint)).flatMap(
      (number) => (number === undefined ? null : this.#savedAt(number)) ?? [],
    )
  }

  /** A new revision. Old verdicts stand until votes under the new definitions change them. */
  define(intent: HealthIntent, nowMs: number): Transition[] {
    for (const endpoint of this.#intent.endpoints.keys())
      if (!intent.endpoints.has(endpoint)) this.#remove(endpoint)
    this.#intent = intent
    const judged: (JudgedEndpoint | undefined)[] = []
    for (const [endpoint, basis] of intent.endpoints) {
      const number = this.ledger.index.intern(endpoint)
      judged[number] = basis
      this.#restore(number, endpoint)
      this.#watch(number, basis, nowMs)
    }
    this.#judged = judged
    this.#saved.clear()
    this.#forgetUnnamed(intent.topology, nowMs)
    this.ledger.compact((number) => this.#standings[number] !== undefined, intent.endpoints.size)
    this.#roll.expect(intent.topology)
    this.#roll.refresh(nowMs)
    this.#box.judge(intent)
    this.#box.arrange()
    return this.#evaluate('all', nowMs)
  }

  /** Merges one frame and judges what it touched. */
  hear(
    frame: Frame,
    nowMs: number,
  ): { readonly outcome: MergeOutcome; readonly transitions: readonly Transition[] } {
    const outcome = this.ledger.merge(frame, nowMs)
    if (outcome.kind !== 'merged') return { outcome, transitions: [] }
    const touched = this.#rollChanged(nowMs) ? 'all' : outcome.changed
    return { outcome, transitions: this.#evaluate(touched, nowMs) }
  }

  /** Judges what only time changes: leases that ran out, sites gone, settling that ended. Call about once a second. */
  tick(nowMs: number): Transition[] {
    this.#guard.tick(nowMs)
    if (nowMs - this.#lookedAtMs >= LOOK_MS) this.#lookForOutliers(nowMs)
    return this.#evaluate(this.#rollChanged(nowMs) ? 'all' : [...this.#settling], nowMs)
  }

  /** With its evidence, put together now; undefined for an endpoint that is not judged. */
  verdict(endpoint: EndpointKey): Verdict | undefined {
    const number = this.ledger.index.numberOf(endpoint)
    const standing = number === undefined ? undefined : this.#standings[number]
    return number === undefined || standing === undefined ? undefined : this.#withVotes(number, standing)
  }

  /** Without the evidence: cheap enough for everybody's every question. */
  standing(endpoint: EndpointKey): Standing | undefined {
    const number = this.ledger.index.numberOf(endpoint)
    return number === undefined ? undefined : this.#standings[number]
  }

  *standings(): Generator<[EndpointKey, Standing]> {
    for (const [number, standing] of this.#standings.entries())
      if (standing !== undefined) yield [this.ledger.index.keyOf(number), standing]
  }

  definition(endpoint: EndpointKey): string | undefined {
    return this.#intent.endpoints.get(endpoint)?.definition
  }

  isLive(view: CheckerView, nowMs: number): boolean {
    return this.#roll.isLive(view, nowMs)
  }

  /** What is wrong with the health plane itself, as far as this reader sees. */
  alarms(): readonly HealthAlarm[] {
    return [...this.#guard.alarms().map(definitionAlarm), ...this.#outliers.confirmed.map(outlierAlarm)]
  }

  /** True once q sites are live, for every endpoint: the reader may publish (or 10 s have passed). */
  hasQuorumOfSites(nowMs: number): boolean {
    const live = new Set<string>()
    for (const view of this.ledger.checkers()) if (this.isLive(view, nowMs)) live.add(view.site)
    return this.#box.hasQuorumAmong(live)
  }

  /** Who was taken out of the topology, and is gone: until then its last word stands, as that of any that fell silent. */
  #forgetUnnamed(topology: HealthIntent['topology'], nowMs: number): void {
    if (topology.size === 0) return
    const named = new Set([...topology.values()].flat().map(({ name }) => name))
    const { goneMs } = this.times
    for (const { checker, heardAtMs } of [...this.ledger.checkers()])
      if (!named.has(checker) && nowMs - heardAtMs > goneMs) this.ledger.forget(checker)
  }

  #savedAt(number: number): SavedVerdict | null {
    const standing = this.#standings[number]
    if (standing === undefined || standing.state === 'unknown') return null
    const { state, degraded, lastUp } = standing
    const { target, checks } = this.#decidedBy[number] ?? {}
    return { endpoint: this.ledger.index.keyOf(number), state, degraded, lastUp, target, checks }
  }

  #remove(endpoint: EndpointKey): void {
    const number = this.ledger.index.numberOf(endpoint)
    if (number === undefined) return
    this.#standings[number] = undefined
    this.#decidedBy[number] = undefined
    this.#settling.delete(number)
    this.#guard.forget(number)
  }

  #restore(number: number, endpoint: EndpointKey): void {
    if (this.#standings[number] !== undefined) return
    const saved = this.#saved.get(endpoint)
    if (saved === undefined) {
      this.#standings[number] = UNDECIDED
      return
    }
    const { state, degraded, lastUp, target, checks } = saved
    this.#standings[number] = { ...UNDECIDED, state, degraded, lastUp, rule: 'hold-no-quorum' }
    if (target !== undefined && checks !== undefined) this.#decidedBy[number] = { target, checks }
  }

  /** An up that was decided by other checks of the same target has them on trial. */
  #watch(number: number, { target, checks, monitors }: JudgedEndpoint, nowMs: number): void {
    const basis = this.#decidedBy[number]
    const isSameTarget = basis?.target === target
    if (isSameTarget && this.#guard.labelOf(number) === checks) return
    const isNew = this.#standings[number]?.state === 'up' && isSameTarget && basis.checks !== checks
    if (isNew) this.#guard.watch(number, { label: checks, name: monitors }, nowMs)
    else this.#guard.forget(number)
  }

  #lookForOutliers(nowMs: number): void {
    this.#lookedAtMs = nowMs
    this.#outliers = nextOutliers(this.#outliers, this.#box.agreements(this.#standings))
  }

  /** Looks who is there; true when that is new, and every verdict has to be looked at. */
  #rollChanged(nowMs: number): boolean {
    const change = this.#roll.refresh(nowMs)
    if (change === 'sites') this.#box.arrange()
    return change !== 'none'
  }

  #withVotes(number: number, standing: Standing): Verdict {
    return { ...standing, quorum: this.#box.quorumOf(number), votes: this.#box.votesOn(number) }
  }

  #evaluate(numbers: readonly number[] | 'all', nowMs: number): Transition[] {
    const transitions: Transition[] = []
    const tick = this.#tick + 1
    const count = numbers === 'all' ? this.#standings.length : numbers.length
    for (let at = 0; at < count; at += 1)
      this.#evaluateOne(numbers === 'all' ? at : (numbers[at] ?? 0), { nowMs, tick, transitions })
    for (const number of this.#guard.takeReleased()) this.#evaluateOne(number, { nowMs, tick, transitions })
    return transitions
  }

  #evaluateOne(
    number: number,
    { nowMs, tick, transitions }: { nowMs: number; tick: number; transitions: Transition[] },
  ): void {
    const from = this.#standings[number]
    if (from === undefined) return
    const tally = this.#box.tallyOf(number)
    const quorum = this.#box.quorumOf(number)
    const isGuarded = !this.#guard.isIdle && this.#isGuarded(number, findingOf(tally, quorum))
    const { settleMs } = this.times
    const to = decideStanding(from, { tally, quorum, nowMs, settleMs, isGuarded, tick })
    if (to.rule === 'quorum-up' || to.rule === 'quorum-down') this.#decidedBy[number] = this.#judged[number]
    if (to === from) return
    this.#standings[number] = to
    this.#tick = Math.max(this.#tick, to.lastUp)
    if (to.rule === 'hold-settling') this.#settling.add(number)
    else this.#settling.delete(number)
    if (from.state === to.state && from.degraded === to.degraded) return
    const endpoint = this.ledger.index.keyOf(number)
    transitions.push({ endpoint, from, to: this.#withVotes(number, to) })
  }

  #isGuarded(number: number, finding: 'up' | 'down' | null): boolean {
    return finding !== null && this.#guard.tell(number, finding)
  }
}
