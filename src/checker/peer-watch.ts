/**
 * What a checker knows of the other checkers, from the frames that it reads as every nameserver does: who is gone, so that
 * others do its work, and the common clock of the probing grids.
 * What must stay true: nothing here decides a register; hearing nobody (no frames, or a network of our own that is bad) never
 * makes this checker take over everybody's work.
 */
import type { Frame } from '../core/health/frame.ts'
import { RegisterLedger } from '../core/health/register-ledger.ts'
import { RollCall } from '../core/health/roll-call.ts'
import type { Topology } from '../core/health/topology.ts'
import { DEFAULT_TIMES } from '../core/health/verdict-book.ts'

/** Clocks that run apart by a hundred millionths are followed this fast; what a slow frame adds is not. */
const DRIFT = 1e-4

interface PeerClock {
  readonly incarnation: number
  /** Its clock less ours, as the quickest frame showed it. */
  readonly aheadMs: number
  readonly atMs: number
}

export class PeerWatch {
  readonly #me: { readonly name: string; readonly site: string }
  /** Only for incarnation, sequence and time: registers are not kept. */
  readonly #ledger = new RegisterLedger({ keepsOutput: false })
  readonly #roll = new RollCall(DEFAULT_TIMES, this.#ledger)
  readonly #clocks = new Map<string, PeerClock>()
  /** Checkers of our own site, and since when they are expected. */
  #colleagues = new Map<string, number>()
  #gone: ReadonlySet<string> = new Set()

  constructor(me: { readonly name: string; readonly site: string }) {
    this.#me = me
  }

  expect(topology: Topology, nowMs: number): void {
    const names = (topology.get(this.#me.site) ?? []).map((checker) => checker.name)
    this.#colleagues = new Map(names.map((name) => [name, this.#colleagues.get(name) ?? nowMs]))
    this.#roll.expect(topology)
    this.refresh(nowMs)
  }

  /** False for a frame that is old or our own: nothing is to be taken from it. */
  hear(frame: Frame, nowMs: number): boolean {
    if (frame.checker === this.#me.name) return false
    const outcome = this.#ledger.merge({ ...frame, registers: [], snapshot: true }, nowMs)
    if (outcome.kind !== 'merged') return false
    this.#follow(frame, nowMs)
    return true
  }

  /** Looks who is gone; true when that is new. */
  refresh(nowMs: number): boolean {
    this.#roll.refresh(nowMs)
    const gone = new Set([...this.#goneSites(), ...this.#goneColleagues(nowMs)])
    const isNew = gone.size !== this.#gone.size || [...gone].some((one) => !this.#gone.has(one))
    this.#gone = gone
    return isNew
  }

  readonly isSiteGone = (site: string): boolean => this.#gone.has(`site ${site}`)
  readonly isCheckerGone = (checker: string): boolean => this.#gone.has(`checker ${checker}`)

  /**
   * The common clock of the grids less ours: that of the first checker by name of all that are heard. It only spreads probes:
   * a wrong one costs evenness and decides nothing.
   */
  gridAheadMs(nowMs: number): number {
    let first = this.#me.name
    for (const view of this.#ledger.checkers())
      if (
        view.checker < first &&
        nowMs - view.heardAtMs <= DEFAULT_TIMES.goneMs &&
        this.#clocks.has(view.checker)
      )
        first = view.checker
    return this.#clocks.get(first)?.aheadMs ?? 0
  }

  #follow({ checker, incarnation, gridMs }: Frame, nowMs: number): void {
    if (gridMs === undefined) return
    const known = this.#clocks.get(checker)
    const aheadMs = gridMs - nowMs
    const isSame = known?.incarnation === incarnation
    const least = isSame ? known.aheadMs - (nowMs - known.atMs) * DRIFT : aheadMs
    this.#clocks.set(checker, { incarnation, aheadMs: Math.max(aheadMs, least), atMs: nowMs })
  }

  /** When most of the others look gone it is more likely that we do not hear them. */
  #goneSites(): string[] {
    const others = this.#roll.sites.filter(({ site }) => site !== this.#me.site)
    const gone = others.filter(({ isGone }) => isGone)
    return gone.length * 2 > others.length ? [] : gone.map(({ site }) => `site ${site}`)
  }

  #goneColleagues(nowMs: number): string[] {
    const own = this.#roll.sites.find(({ site }) => site === this.#me.site)
    const heard = new Map(own?.checkers.map(({ checker, presence }) => [checker, presence]))
    const gone = [...this.#colleagues].filter(([name, sinceMs]) => {
      if (name === this.#me.name) return false
      const presence = heard.get(name)
      return presence === undefined ? nowMs - sinceMs > DEFAULT_TIMES.goneMs : presence === 'gone'
    })
    return gone.map(([name]) => `checker ${name}`)
  }
}
