/**
 * What the nameservers that live have latched: by nameserver, and by load balancer.
 * What must stay true: a report costs what it says, not what others have said; one that says what the last one said costs a comparison.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Latch } from '../core/model/latch.ts'
import { REPORT_AGE } from './report-age.ts'

interface Reported {
  readonly latches: ReadonlyMap<string, Latch>
  /** Monotonic ms. */
  atMs: number
}

export class LatchReports {
  /** The last report of each nameserver, by site and name. */
  readonly #byNameserver = new Map<string, Reported>()
  /** By load balancer, then by nameserver. */
  readonly #byBalancer = new Map<string, Map<string, Latch>>()

  /** How many nameservers live. */
  get size(): number {
    return this.#byNameserver.size
  }

  knows(nameserver: string): boolean {
    return this.#byNameserver.has(nameserver)
  }

  /** The load balancers of which it says something else than before. */
  heard(nameserver: string, latches: readonly Latch[], atMs: number): readonly string[] {
    const before = this.#byNameserver.get(nameserver)?.latches ?? new Map<string, Latch>()
    const now = new Map(latches.map((latch) => [latch.name, latch]))
    this.#byNameserver.set(nameserver, { latches: now, atMs })
    const gone = [...before.keys()].filter((name) => !now.has(name))
    const changed = [...now.values()].filter((latch) => !isDeepStrictEqual(latch, before.get(latch.name)))
    for (const name of gone) this.#remove(name, nameserver)
    for (const latch of changed) {
      const said = this.#byBalancer.get(latch.name) ?? new Map<string, Latch>()
      this.#byBalancer.set(latch.name, said.set(nameserver, latch))
    }
    return [...gone, ...changed.map(({ name }) => name)]
  }

  /** Those that have not reported lately, each told once. */
  forgetSilent(nowMs: number): readonly string[] {
    const silent = [...this.#byNameserver].filter(([, { atMs }]) => atMs + REPORT_AGE.liveMs < nowMs)
    for (const [nameserver, { latches }] of silent) {
      this.#byNameserver.delete(nameserver)
      for (const name of latches.keys()) this.#remove(name, nameserver)
    }
    return silent.map(([nameserver]) => nameserver)
  }

  /** What is said of a load balancer. */
  of(name: string): readonly Latch[] {
    return [...(this.#byBalancer.get(name)?.values() ?? [])]
  }

  /** Every load balancer of which anything is said. */
  balancers(): Iterable<string> {
    return this.#byBalancer.keys()
  }

  /** The nameservers, by site and name, that have one of these off its first tier. */
  whoLatched(names: Iterable<string>): readonly string[] {
    const who = new Set<string>()
    for (const name of names)
      for (const [nameserver, { tiers }] of this.#byBalancer.get(name) ?? [])
        if (tiers.length > 0) who.add(nameserver)
    return [...who]
  }

  #remove(name: string, nameserver: string): void {
    const said = this.#byBalancer.get(name)
    said?.delete(nameserver)
    if (said?.size === 0) this.#byBalancer.delete(name)
  }
}
