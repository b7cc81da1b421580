/**
 * The roll call of one reader: the sites that may vote, their checkers, and who of them is live, lost a short while ago, or
 * gone (SPEC.md, C1 to C7).
 * What must stay true: with a topology its sites vote and nobody else; without one, whoever was ever heard. A site that is
 * expected but not heard yet is silent, and gone only after as long as one that fell silent.
 */
import type { CheckerView, RegisterLedger } from './register-ledger.ts'
import type { RegisterTable } from './register-table.ts'
import type { Topology } from './topology.ts'

export interface RollTimes {
  /** So long after its last frame a checker is live. */
  readonly leaseMs: number
  /** So long after that it, or its site, is gone. */
  readonly goneMs: number
}

/** live: votes. lost: was live less than `gone` ago, its last word stands against. gone: counts for nothing. */
export type Presence = 'live' | 'lost' | 'gone'

export interface RolledChecker {
  readonly checker: string
  readonly registers: RegisterTable
  presence: Presence
  /** Last words of its incarnation before stand against, beside its own registers. */
  hasWords: boolean
}

export interface RolledSite {
  readonly site: string
  /** By name. */
  readonly checkers: RolledChecker[]
  /** Monotonic ms; of a site that was not heard yet, since when it is expected. */
  heardAtMs: number
  isGone: boolean
}

/** What a look at the roll found new: nobody; somebody's presence; which sites there are, or are gone. */
export type RollChange = 'none' | 'presence' | 'sites'

interface Entry {
  readonly rolled: RolledChecker
  readonly site: string
  /** null: its site has no vote. */
  readonly rolledSite: RolledSite | null
}

export class RollCall {
  readonly #times: RollTimes
  readonly #ledger: RegisterLedger
  #topology: Topology = new Map()
  #sites: readonly RolledSite[] = []
  /** Every checker that was heard, those of sites without a vote too. */
  readonly #checkers = new Map<string, Entry>()
  #isStale = true

  constructor(times: RollTimes, ledger: RegisterLedger) {
    this.#times = times
    this.#ledger = ledger
  }

  /** By name. */
  get sites(): readonly RolledSite[] {
    return this.#sites
  }

  /** Who is expected to vote. Takes effect at the next `refresh`. */
  expect(topology: Topology): void {
    this.#topology = topology
    this.#isStale = true
  }

  isLive(view: CheckerView, nowMs: number): boolean {
    return !view.fenced && nowMs - view.heardAtMs <= this.#times.leaseMs
  }

  refresh(nowMs: number): RollChange {
    let change: RollChange = 'none'
    for (const view of this.#ledger.checkers()) {
      const known = this.#checkers.get(view.checker)
      if (known?.site !== view.site) this.#isStale = true
      else if (this.#look(known.rolled, view, nowMs)) change = 'presence'
      const site = known?.rolledSite
      if (site && view.heardAtMs > site.heardAtMs) site.heardAtMs = view.heardAtMs
    }
    if (this.#isStale) {
      this.#rebuild(nowMs)
      change = 'sites'
    }
    for (const site of this.#sites) {
      const isGone = nowMs - site.heardAtMs > this.#times.goneMs
      if (isGone !== site.isGone) change = 'sites'
      site.isGone = isGone
    }
    return change
  }

  /** True when something about the checker is new. */
  #look(rolled: RolledChecker, view: CheckerView, nowMs: number): boolean {
    const { goneMs } = this.#times
    const wasLive = nowMs - view.liveAtMs <= goneMs
    const presence = this.isLive(view, nowMs) ? 'live' : wasLive ? 'lost' : 'gone'
    const { words } = view.registers
    const hasWords = words !== null && nowMs - words.atMs <= goneMs
    if (!hasWords) view.registers.words = null
    const isNew = presence !== rolled.presence || hasWords !== rolled.hasWords
    rolled.presence = presence
    rolled.hasWords = hasWords
    return isNew
  }

  #rebuild(nowMs: number): void {
    this.#isStale = false
    const views = [...this.#ledger.checkers()].sort((a, b) => (a.checker < b.checker ? -1 : 1))
    const expected = this.#topology.size > 0 ? [...this.#topology.keys()] : views.map((view) => view.site)
    const before = new Map(this.#sites.map((site) => [site.site, site]))
    const sites = new Map<string, RolledSite>()
    for (const site of [...new Set(expected)].sort()) {
      const { heardAtMs = nowMs, isGone = false } = before.get(site) ?? {}
      sites.set(site, { site, checkers: [], heardAtMs, isGone })
    }
    this.#sites = [...sites.values()]
    this.#checkers.clear()
    for (const view of views) {
      const { checker, site, registers } = view
      const rolled: RolledChecker = { checker, registers, presence: 'gone', hasWords: false }
      const rolledSite = sites.get(site) ?? null
      this.#look(rolled, view, nowMs)
      this.#checkers.set(checker, { rolled, site, rolledSite })
      if (rolledSite === null) continue
      rolledSite.checkers.push(rolled)
      rolledSite.heardAtMs = Math.max(rolledSite.heardAtMs, view.heardAtMs)
    }
  }
}
