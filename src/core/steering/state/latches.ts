/**
 * Latches: after a failover the answers stay on the later tier (SPEC.md, L1 to L11). Each nameserver keeps its own; control
 * makes known what most of them say, and a failback begins a new generation.
 * What must stay true: two readers that have seen the same come to the same, in whatever order; within one generation a latch
 * only moves to later tiers; what is of an earlier generation never comes back.
 */
import type { Configuration } from '../../model/configuration.ts'
import type { Latch, LatchedTier } from '../../model/latch.ts'
import { routeOf, type Policy } from '../../model/policy.ts'
import type { SteeredType } from '../../dns/record-set.ts'

/** A tier that answers: by its place in the tiers of the route. */
export interface AnsweringTier {
  readonly route: number
  readonly type: SteeredType
  readonly tier: number
}

export class Latches {
  readonly #latches = new Map<string, Latch>()
  #configuration: Configuration | null = null

  /** Takes in what is shared, and forgets what does not latch any more. The names of those that changed. */
  define(configuration: Configuration): readonly string[] {
    this.#configuration = configuration
    const changed: string[] = []
    for (const name of new Set([...this.#latches.keys(), ...configuration.latch.keys()])) {
      const before = this.#latches.get(name)
      const policy = configuration.loadBalancer.get(name)?.policy
      const after = policy && joinLatches(policy, before, configuration.latch.get(name))
      if (after === undefined) this.#latches.delete(name)
      else this.#latches.set(name, after)
      if (textOf(before) !== textOf(after)) changed.push(name)
    }
    return changed
  }

  /** The tiers that answer now, with nothing left unknown of those before them. What is newly latched. */
  advance(name: string, answering: readonly AnsweringTier[]): readonly LatchedTier[] {
    const policy = this.#configuration?.loadBalancer.get(name)?.policy
    if (policy === undefined || !isLatching(policy)) return []
    const before = this.#latches.get(name) ?? { name, generation: 0, tiers: [] }
    const added = answering.flatMap(({ route, type, tier }): LatchedTier[] => {
      const pool = tiersOf(policy, route)[tier]
      return pool !== undefined && tier > this.latchedTier(name, route, type) ? [{ route, type, pool }] : []
    })
    if (added.length === 0) return []
    const joined = joinLatches(policy, before, { ...before, tiers: added })
    if (joined !== undefined) this.#latches.set(name, joined)
    return added
  }

  latchedTier(name: string, route: number, type: SteeredType): number {
    const latched = this.#latches.get(name)?.tiers.find((one) => one.route === route && one.type === type)
    const policy = this.#configuration?.loadBalancer.get(name)?.policy
    return latched === undefined || policy === undefined ? 0 : rankOf(policy, latched)
  }

  save(): readonly Latch[] {
    return [...this.#latches.values()]
  }

  /** Call before `define`. */
  restore(saved: readonly Latch[]): void {
    for (const latch of saved) this.#latches.set(latch.name, latch)
  }
}

/** Whether the policy has anything that can latch. */
export function isLatching(policy: Policy): boolean {
  if (policy.kind === 'all' || !policy.latch) return false
  return [policy, ...(policy.rules ?? [])].some((one) => one.tiers !== undefined)
}

/** What two readers know together: the newer generation; of one generation, the later tier of each route. */
export function joinLatches(policy: Policy, a: Latch | undefined, b: Latch | undefined): Latch | undefined {
  if (!isLatching(policy)) return undefined
  const newest = Math.max(a?.generation ?? -1, b?.generation ?? -1)
  const name = a?.name ?? b?.name
  if (name === undefined) return undefined
  const latest = new Map<string, LatchedTier>()
  for (const latch of [a, b]) {
    if (latch?.generation !== newest) continue
    for (const tier of latch.tiers) {
      const id = `${tier.route} ${tier.type}`
      const known = latest.get(id)
      // Rank 0 is no latch: the first tier, or one that the policy does not have any more.
      if (rankOf(policy, tier) > (known === undefined ? 0 : rankOf(policy, known))) latest.set(id, tier)
    }
  }
  const tiers = [...latest.values()].sort((x, y) => x.route - y.route || (x.type < y.type ? -1 : 1))
  return { name, generation: newest, tiers }
}

/** What at least `needed` of these say together: the latest generation and, of each route, the latest tier that so many have reached. */
export function agreedLatch(policy: Policy, reports: readonly Latch[], needed: number): Latch | undefined {
  const reached = reports.map((one) => one.generation).sort((a, b) => b - a)
  const [name, generation] = [reports[0]?.name, reached[needed - 1]]
  if (name === undefined || generation === undefined) return undefined
  const routes = new Map<string, LatchedTier[]>()
  for (const report of reports) {
    if (report.generation !== generation) continue
    // Joined with nothing: each route once, so that nobody is counted twice.
    for (const tier of joinLatches(policy, report, undefined)?.tiers ?? []) {
      const id = `${tier.route} ${tier.type}`
      routes.set(id, [...(routes.get(id) ?? []), tier])
    }
  }
  const tiers = [...routes.values()].flatMap((said) => {
    const latestFirst = said.sort((a, b) => rankOf(policy, b) - rankOf(policy, a))
    return latestFirst[needed - 1] ?? []
  })
  return joinLatches(policy, { name, generation, tiers }, undefined)
}

function rankOf(policy: Policy, { route, pool }: LatchedTier): number {
  return Math.max(0, tiersOf(policy, route).indexOf(pool))
}

/** The pools of the tiers of a route; none where it has no tiers. */
function tiersOf(policy: Policy, route: number): readonly string[] {
  const routed = route === -1 ? policy : policy.rules?.[route]
  if (routed === undefined) return []
  const found = routeOf(routed)
  return found.kind === 'tiers' ? found.tiers.map((one) => one.pool) : []
}

function textOf(latch: Latch | undefined): string {
  return latch === undefined ? '' : `${latch.generation} ${JSON.stringify(latch.tiers)}`
}
