/**
 * Latches that some nameservers have and that are not known to all, because no more than half of those that live have them: their
 * answers differ from the others' until somebody fails back.
 * What must stay true: what is on its way to be known to all is none of them yet; bounded by what the nameservers report.
 */
import type { Configuration } from '../core/model/configuration.ts'
import type { Latch } from '../core/model/latch.ts'
import { joinLatches } from '../core/steering/state/latches.ts'

export interface LoneLatch {
  readonly loadBalancer: string
  /** By site and name. */
  readonly nameserver: string
  /** Of the tiers that it alone is on. */
  readonly pools: readonly string[]
}

interface Seen {
  readonly sinceMs: number
  readonly pools: readonly string[]
}

/** Nameservers fail over one after the other, and a revision is at all of them within a second. */
const LONE_MS = 10_000

export class LoneLatches {
  /** By nameserver, then by load balancer. */
  readonly #seen = new Map<string, ReadonlyMap<string, Seen>>()
  /** What each nameserver's was last compared with. */
  readonly #comparedWith = new Map<string, Configuration>()

  /** What it reports is to be compared anew, though it says what it said. */
  isBehind(nameserver: string, configuration: Configuration): boolean {
    return this.#comparedWith.get(nameserver) !== configuration
  }

  /** Takes the place of what it reported before. */
  heard(
    nameserver: string,
    latches: readonly Latch[],
    { configuration, nowMs }: { readonly configuration: Configuration; readonly nowMs: number },
  ): void {
    this.#comparedWith.set(nameserver, configuration)
    const before = this.#seen.get(nameserver)
    const seen = new Map<string, Seen>()
    for (const latch of latches) {
      const pools = poolsBeyond(latch, configuration)
      const { sinceMs = nowMs } = before?.get(latch.name) ?? {}
      if (pools.length > 0) seen.set(latch.name, { sinceMs, pools })
    }
    if (seen.size > 0) this.#seen.set(nameserver, seen)
    else this.#seen.delete(nameserver)
  }

  /** It is heard no more. */
  forget(nameserver: string): void {
    this.#seen.delete(nameserver)
    this.#comparedWith.delete(nameserver)
  }

  at(nowMs: number): readonly LoneLatch[] {
    return Array.from(this.#seen, ([nameserver, seen]) =>
      Array.from(seen).flatMap(([loadBalancer, { sinceMs, pools }]) =>
        nowMs - sinceMs >= LONE_MS ? [{ loadBalancer, nameserver, pools }] : [],
      ),
    ).flat()
  }
}

/** Of the tiers that it has reached and that are not known to all. */
function poolsBeyond(latch: Latch, { loadBalancer, latch: known }: Configuration): readonly string[] {
  const policy = loadBalancer.get(latch.name)?.policy
  if (latch.tiers.length === 0 || policy === undefined) return []
  const shared = known.get(latch.name)
  const isShared = ({ route, type, pool }: Latch['tiers'][number]) =>
    shared?.tiers.some((one) => one.route === route && one.type === type && one.pool === pool) === true
  const tiers = joinLatches(policy, shared, latch)?.tiers ?? []
  return [...new Set(tiers.filter((tier) => !isShared(tier)).map(({ pool }) => pool))].sort()
}
