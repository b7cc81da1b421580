/** How much verdicts may take out, under one configuration: counted when it is asked for, and kept. */
import { endpointsOfPool, settingsOf, type Configuration } from '../../model/configuration.ts'
import type { LoadBalancer } from '../../model/load-balancer.ts'
import { poolsWithin } from '../../model/nested-pools.ts'
import { poolsOf } from '../../model/policy.ts'
import type { Endpoint } from '../../model/pool.ts'
import { endpointKey, type EndpointKey } from '../../model/resource.ts'
import { shareOf } from '../../model/share.ts'

export interface BudgetLimit {
  /** At most so much capacity: endpoints, or their weights where the policy goes by weights. */
  readonly amount: number
  /** In so many ms. */
  readonly windowMs: number
}

export class BudgetLimits {
  readonly #configuration: Configuration
  readonly #ofBalancer = new Map<string, BudgetLimit | null>()
  readonly #pools = new Map<string, ReadonlySet<string>>()
  readonly #enabled = new Map<string, readonly Endpoint[]>()
  #total: BudgetLimit | null | undefined

  constructor(configuration: Configuration) {
    this.#configuration = configuration
  }

  /** null: no limit, or no such load balancer. */
  ofBalancer(name: string): BudgetLimit | null {
    const known = this.#ofBalancer.get(name)
    if (known !== undefined) return known
    const balancer = this.#configuration.loadBalancer.get(name)
    const limit = balancer === undefined ? null : this.#count(balancer)
    this.#ofBalancer.set(name, limit)
    return limit
  }

  /** What taking the endpoint out costs of the load balancer's capacity. */
  costOf(name: string, endpoint: EndpointKey): number {
    const policy = this.#configuration.loadBalancer.get(name)?.policy.kind
    if (policy !== 'weighted' && policy !== 'sticky') return 1
    return this.#configuration.endpoint.get(endpoint)?.weight ?? 1
  }

  /** Of all endpoints that have monitors. */
  get total(): BudgetLimit | null {
    if (this.#total === undefined) this.#total = this.#countAll()
    return this.#total
  }

  /** All pools of a load balancer, those inside others too. */
  poolsOf(name: string): ReadonlySet<string> {
    const known = this.#pools.get(name)
    if (known !== undefined) return known
    const { loadBalancer, pool } = this.#configuration
    const balancer = loadBalancer.get(name)
    const names =
      balancer === undefined ? [] : poolsOf(balancer.policy).flatMap((one) => poolsWithin(pool, one))
    const pools = new Set(names)
    this.#pools.set(name, pools)
    return pools
  }

  #count({ name, withdrawalBudget: own }: LoadBalancer): BudgetLimit | null {
    if (own === 'off') return null
    let [count, capacity] = [0, 0]
    for (const pool of this.poolsOf(name))
      for (const { name: endpoint } of this.#enabledIn(pool)) {
        count += 1
        capacity += this.costOf(name, endpointKey(pool, endpoint))
      }
    if (own !== undefined) return limitOf(own.share, capacity, own.windowSec)
    const { withdrawalBudget: common } = settingsOf(this.#configuration)
    if (common === 'off' || count < common.minEndpoints) return null
    return limitOf(common.balancerShare, capacity, common.windowSec)
  }

  #countAll(): BudgetLimit | null {
    const { withdrawalBudget: common } = settingsOf(this.#configuration)
    if (common === 'off') return null
    let count = 0
    for (const { name, monitors } of this.#configuration.pool.values())
      if (monitors.length > 0) count += this.#enabledIn(name).length
    return count < common.minEndpoints ? null : limitOf(common.totalShare, count, common.windowSec)
  }

  #enabledIn(pool: string): readonly Endpoint[] {
    const known = this.#enabled.get(pool)
    if (known !== undefined) return known
    const enabled = endpointsOfPool(this.#configuration, pool).filter((one) => one.enabled)
    this.#enabled.set(pool, enabled)
    return enabled
  }
}

/** At least one: a budget that lets nothing go would be a switch that turns health off. */
function limitOf(share: string, capacity: number, windowSec: number): BudgetLimit {
  return { amount: Math.max(1, shareOf(share, capacity)), windowMs: windowSec * 1_000 }
}
