/**
 * All verdicts of one reader, kept current from frames and from time passing (SPEC.md, B1 to B28).
 * What must stay true: an event costs what it touches, not what there is; the same frames at the same times give every
 * reader the same verdicts; a site that falls silent never makes the quorum smaller, or the one that is left after a cut
 * would decide alone; an endpoint that left the configuration leaves the book. What is kept for each endpoint is small and
 * flat; who voted what is put together when somebody asks.
 */
import type { EndpointKey } from '../model/resource.ts'
import { BallotBox } from './ballot-box.ts'
import type { Frame } from './frame.ts'
import type { HealthIntent } from './health-intent.ts'
import { RegisterLedger, type CheckerView, type MergeOutcome } from './register-ledger.ts'
import { RollCall, type RollTimes } from './roll-call.ts'
import { decideStanding, UNDECIDED, type Standing, type Verdict } from './verdict.ts'

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
}

export interface VerdictBookOptions {
  readonly times?: HealthTimes
  /** Keep what the probes said, to show it; nobody decides on it, and it weighs more than everything else. */
  readonly keepsOutput?: boolean
}

export class VerdictBook {
  readonly ledger: RegisterLedger
  readonly #times: HealthTimes
  readonly #roll: RollCall
  readonly #box: BallotBox
  /** What is kept of the verdict on each endpoint, by its number; none for what is only heard of. */
  readonly #standings: (Standing | undefined)[] = []
  #intent: HealthIntent = { endpoints: new Map(), topology: new Map() }
  /** Verdicts of an earlier run, until the first configuration says which of their endpoints there still are. */
  #saved = new Map<EndpointKey, SavedVerdict>()
  readonly #settling = new Set<number>()
  #tick = 0

  constructor({ times = DEFAULT_TIMES, keepsOutput = true }: VerdictBookOptions = {}) {
    this.#times = times
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
  save(): SavedVerdict[] {
    const saved: SavedVerdict[] = [...this.#saved.values()]
    for (const [endpoint, { state, degraded, lastUp }] of this.standings())
      if (state !== 'unknown') saved.push({ endpoint, state, degraded, lastUp })
    return saved
  }

  /** A new revision. Old verdicts stand until votes under the new definitions change them. */
  define(intent: HealthIntent, nowMs: number): Transition[] {
    for (const endpoint of this.#intent.endpoints.keys())
      if (!intent.endpoints.has(endpoint)) this.#remove(endpoint)
    this.#intent = intent
    for (const endpoint of intent.endpoints.keys())
      this.#standings[this.ledger.index.intern(endpoint)] ??= this.#restored(endpoint)
    this.#saved.clear()
    this.ledger.compact((number) => this.#standings[number] !== undefined, intent.endpoints.size)
    this.#roll.expect(intent.topology)
    this.#roll.refresh(nowMs)
    this.#box.arrange(intent)
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

  /** True once q sites are live, for every endpoint: the reader may publish (or 10 s have passed). */
  hasQuorumOfSites(nowMs: number): boolean {
    const live = new Set<string>()
    for (const view of this.ledger.checkers()) if (this.isLive(view, nowMs)) live.add(view.site)
    return this.#box.hasQuorumAmong(live)
  }

  #remove(endpoint: EndpointKey): void {
    const number = this.ledger.index.numberOf(endpoint)
    if (number === undefined) return
    this.#standings[number] = undefined
    this.#settling.delete(number)
  }

  #restored(endpoint: EndpointKey): Standing {
    const saved = this.#saved.get(endpoint)
    if (saved === undefined) return UNDECIDED
    const { state, degraded, lastUp } = saved
    return { ...UNDECIDED, state, degraded, lastUp, rule: 'hold-no-quorum' }
  }

  /** Looks who is there; true when that is new, and every verdict has to be looked at. */
  #rollChanged(nowMs: number): boolean {
    const change = this.#roll.refresh(nowMs)
    if (change === 'sites') this.#box.arrange(this.#intent)
    return change !== 'none'
  }

  #withVotes(number: number, standing: Standing): Verdict {
    return { ...standing, quorum: this.#box.quorumOf(number), votes: this.#box.votesOn(number) }
  }

  #evaluate(numbers: readonly number[] | 'all', nowMs: number): Transition[] {
    const transitions: Transition[] = []
    const tick = this.#tick + 1
    const count = numbers === 'all' ? this.#standings.length : numbers.length
    for (let at = 0; at < count; at += 1) {
      const number = numbers === 'all' ? at : (numbers[at] ?? 0)
      const from = this.#standings[number]
      if (from === undefined) continue
      const to = decideStanding(from, {
        tally: this.#box.tallyOf(number),
        quorum: this.#box.quorumOf(number),
        nowMs,
        settleMs: this.#times.settleMs,
        tick,
      })
      if (to === from) continue
      this.#standings[number] = to
      this.#tick = Math.max(this.#tick, to.lastUp)
      if (to.rule === 'hold-settling') this.#settling.add(number)
      else this.#settling.delete(number)
      if (from.state !== to.state || from.degraded !== to.degraded)
        transitions.push({
          endpoint: this.ledger.index.keyOf(number),
          from,
          to: this.#withVotes(number, to),
        })
    }
    return transitions
  }
}
