/**
 * All verdicts of one reader, kept current from frames and from time passing (SPEC.md, B1 to B28).
 * What must stay true: an event costs what it touches, not what there is; the same frames at the same times give every
 * reader the same verdicts; a site that falls silent never makes the quorum smaller, or the one that is left after a cut
 * would decide alone; an endpoint that left the configuration leaves the book.
 */
import type { EndpointKey } from '../model/resource.ts'
import type { Frame } from './frame.ts'
import { RegisterLedger, type CheckerView, type MergeOutcome } from './register-ledger.ts'
import { decideVerdict, majorityQuorum, undecided, type Verdict } from './verdict.ts'
import { DEFAULT_VOTERS, votersOf } from './voters.ts'
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
  /** Verdicts of an earlier run, until the first configuration says which of their endpoints there still are. */
  #saved = new Map<EndpointKey, SavedVerdict>()
  readonly #live = new Map<string, boolean>()
  readonly #expectedSites: readonly string[]
  /** Those among whom the voters are found; as many as the quorum counts on, the silent ones too. */
  #sites: readonly string[] = []
  #tick = 0

  /** `expectedSites`: sites known to have checkers, so that the first one heard after a start does not decide alone. */
  constructor(times: HealthTimes = DEFAULT_TIMES, expectedSites: Iterable<string> = []) {
    this.#times = times
    this.#expectedSites = [...expectedSites]
  }

  /** Takes over the verdicts of an earlier run; they hold until a quorum says otherwise. Call before `define`. */
  restore(saved: Iterable<SavedVerdict>): void {
    this.#saved = new Map(Array.from(saved, (verdict) => [verdict.endpoint, verdict]))
    for (const verdict of this.#saved.values()) this.#tick = Math.max(this.#tick, verdict.lastUp)
  }

  /** What to keep for the next run. Verdicts that wait for their first configuration are kept too, not lost. */
  save(): SavedVerdict[] {
    const saved: SavedVerdict[] = [...this.#saved.values()]
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
    this.#saved.clear()
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

  /** True once q sites are live: the reader may publish (or 10 s have passed). */
  hasQuorumOfSites(nowMs: number): boolean {
    const live = new Set<string>()
    for (const view of this.ledger.checkers()) if (this.isLive(view, nowMs)) live.add(view.site)
    const voters = Math.min(DEFAULT_VOTERS, this.#sites.length)
    return voters > 0 && live.size >= majorityQuorum(voters).up
  }

  #restored(endpoint: EndpointKey): Verdict {
    const saved = this.#saved.get(endpoint)
    if (saved === undefined) return undecided()
    const { state, degraded, lastUp } = saved
    return { ...undecided(), state, degraded, lastUp, rule: 'hold-no-quorum' }
  }

  /**
   * Recomputes who is live and who may vote; true when either changed. A site that is gone gives its vote to the next in
   * order; where there is none it keeps its place, silent: the quorum is unchanged (health-plane, Verdict).
   */
  #refreshLiveness(nowMs: number): boolean {
    const known = new Set(this.#expectedSites)
    const present = new Set<string>()
    let changed = false
    for (const view of this.ledger.checkers()) {
      known.add(view.site)
      if (nowMs - view.heardAtMs <= this.#times.goneMs) present.add(view.site)
      const live = this.isLive(view, nowMs)
      if (this.#live.get(view.checker) !== live) changed = true
      this.#live.set(view.checker, live)
    }
    const gone = [...known].filter((site) => !present.has(site)).sort()
    const sites = [...present, ...gone.slice(0, Math.max(0, DEFAULT_VOTERS - present.size))].sort()
    if (sites.join() !== this.#sites.join()) {
      this.#sites = sites
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
