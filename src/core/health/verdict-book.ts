/**
 * All verdicts of one reader, kept current from frames and from time passing (SPEC.md, B1 to B6).
 * What must stay true: an event costs what it touches, not what there is; the same frames at the same times give every
 * reader the same verdicts; an endpoint that left the configuration leaves the book.
 */
import type { EndpointKey } from '../model/resource.ts'
import type { Frame } from './frame.ts'
import { RegisterLedger, type CheckerView, type MergeOutcome } from './register-ledger.ts'
import { decideVerdict, majorityQuorum, undecided, type Verdict } from './verdict.ts'
import { votersOf } from './voters.ts'
import { voteOfSite, type Ballot, type SiteVote } from './votes.ts'

export interface HealthTimes {
  readonly leaseMs: number
  readonly settleMs: number
  readonly goneMs: number
}

/** Defaults of the design: lease 3.5 s, settle 10 s, gone 60 s. */
export const DEFAULT_TIMES: HealthTimes = { leaseMs: 3_500, settleMs: 10_000, goneMs: 60_000 }

export interface Transition {
  readonly endpoint: EndpointKey
  readonly from: Verdict
  readonly to: Verdict
}

/** What a verdict must survive a restart with. */
export interface SavedVerdict {
  readonly endpoint: EndpointKey
  readonly state: 'up' | 'down'
  readonly degraded: boolean
  readonly lastUp: number
}

export class VerdictBook {
  readonly ledger = new RegisterLedger()
  readonly #times: HealthTimes
  /** Endpoints that are monitored, with the definition under which votes count. */
  #definitions: ReadonlyMap<EndpointKey, string> = new Map()
  readonly #verdicts = new Map<EndpointKey, Verdict>()
  #saved = new Map<EndpointKey, SavedVerdict>()
  readonly #live = new Map<string, boolean>()
  #sites: readonly string[] = []
  #tick = 0

  constructor(times: HealthTimes = DEFAULT_TIMES) {
    this.#times = times
  }

  /** Takes over the verdicts of an earlier run; they hold until a quorum says otherwise. Call before `define`. */
  restore(saved: Iterable<SavedVerdict>): void {
    this.#saved = new Map(Array.from(saved, (verdict) => [verdict.endpoint, verdict]))
    for (const verdict of this.#saved.values()) this.#tick = Math.max(this.#tick, verdict.lastUp)
  }

  save(): SavedVerdict[] {
    const saved: SavedVerdict[] = []
    for (const [endpoint, { state, degraded, lastUp }] of this.#verdicts)
      if (state !== 'unknown') saved.push({ endpoint, state, degraded, lastUp })
    return saved
  }

  /** A new set of monitored endpoints. Old verdicts stand until votes under the new definition change them. */
  define(definitions: ReadonlyMap<EndpointKey, string>, nowMs: number): Transition[] {
    const previous = this.#definitions
    this.#definitions = definitions
    for (const endpoint of this.#verdicts.keys())
      if (!definitions.has(endpoint)) this.#verdicts.delete(endpoint)
    const changed: EndpointKey[] = []
    for (const [endpoint, definition] of definitions) {
      if (!this.#verdicts.has(endpoint)) this.#verdicts.set(endpoint, this.#restored(endpoint))
      if (previous.get(endpoint) !== definition) changed.push(endpoint)
    }
    return this.#evaluate(changed, nowMs)
  }

  /** Merges one frame and judges what it touched. */
  hear(
    frame: Frame,
    nowMs: number,
  ): { readonly outcome: MergeOutcome; readonly transitions: readonly Transition[] } {
    const outcome = this.ledger.merge(frame, nowMs)
    if (outcome.kind !== 'merged') return { outcome, transitions: [] }
    const livenessChanged = this.#refreshLiveness(nowMs)
    const touched = livenessChanged || outcome.livenessChanged ? this.#definitions.keys() : outcome.endpoints
    return { outcome, transitions: this.#evaluate(touched, nowMs) }
  }

  /** Judges what only time changes: leases that ran out, sites gone, settling that ended. Call about once a second. */
  tick(nowMs: number): Transition[] {
    if (this.#refreshLiveness(nowMs)) return this.#evaluate(this.#definitions.keys(), nowMs)
    const settling: EndpointKey[] = []
    for (const [endpoint, verdict] of this.#verdicts)
      if (verdict.rule === 'hold-settling') settling.push(endpoint)
    return this.#evaluate(settling, nowMs)
  }

  verdict(endpoint: EndpointKey): Verdict | undefined {
    return this.#verdicts.get(endpoint)
  }

  verdicts(): ReadonlyMap<EndpointKey, Verdict> {
    return this.#verdicts
  }

  definition(endpoint: EndpointKey): string | undefined {
    return this.#definitions.get(endpoint)
  }

  isLive(view: CheckerView, nowMs: number): boolean {
    return !view.fenced && nowMs - view.heardAtMs <= this.#times.leaseMs
  }

  /** True once every monitored endpoint's voters are enough to decide: the reader may publish (or 10 s have passed). */
  hasQuorumOfSites(nowMs: number): boolean {
    const live = new Set<string>()
    for (const view of this.ledger.checkers()) if (this.isLive(view, nowMs)) live.add(view.site)
    return this.#sites.length > 0 && live.size >= majorityQuorum(this.#sites.length).up
  }

  #restored(endpoint: EndpointKey): Verdict {
    const saved = this.#saved.get(endpoint)
    if (saved === undefined) return undecided()
    const { state, degraded, lastUp } = saved
    return { ...undecided(), state, degraded, lastUp, rule: 'hold-no-quorum' }
  }

  /** Recomputes who is live and which sites are not gone; true when either changed. */
  #refreshLiveness(nowMs: number): boolean {
    const sites = new Set<string>()
    let changed = false
    for (const view of this.ledger.checkers()) {
      if (nowMs - view.heardAtMs <= this.#times.goneMs) sites.add(view.site)
      const live = this.isLive(view, nowMs)
      if (this.#live.get(view.checker) !== live) changed = true
      this.#live.set(view.checker, live)
    }
    const ordered = [...sites].sort()
    if (ordered.length > 0 && ordered.join() !== this.#sites.join()) {
      this.#sites = ordered
      changed = true
    }
    return changed
  }

  #evaluate(endpoints: Iterable<EndpointKey>, nowMs: number): Transition[] {
    const transitions: Transition[] = []
    const tick = this.#tick + 1
    for (const endpoint of endpoints) {
      const from = this.#verdicts.get(endpoint)
      if (from === undefined) continue
      const votes = this.#votesOn(endpoint, nowMs)
      const to = decideVerdict(from, {
        votes,
        quorum: majorityQuorum(Math.max(1, votes.length)),
        nowMs,
        settleMs: this.#times.settleMs,
        tick,
      })
      this.#tick = Math.max(this.#tick, to.lastUp)
      this.#verdicts.set(endpoint, to)
      if (from.state !== to.state || from.degraded !== to.degraded) transitions.push({ endpoint, from, to })
    }
    return transitions
  }

  #votesOn(endpoint: EndpointKey, nowMs: number): SiteVote[] {
    const definition = this.#definitions.get(endpoint)
    const bySite = new Map<string, Ballot[]>(votersOf(endpoint, this.#sites).map((site) => [site, []]))
    for (const view of this.ledger.checkers()) {
      const ballots = bySite.get(view.site)
      if (ballots === undefined) continue
      const register = view.registers.get(endpoint)
      const known = register?.definition === definition ? register : undefined
      ballots.push({
        checker: view.checker,
        live: this.isLive(view, nowMs),
        fenced: view.fenced,
        ...(known && { state: known.state, degraded: known.degraded }),
      })
    }
    return Array.from(bySite, ([site, ballots]) => voteOfSite(site, ballots))
  }
}
