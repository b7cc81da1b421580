/** How much verdicts may take out, under one configuration: counted when it is asked for, and kept. */
import { endpointsOfPool, settingsOf, type Configuration } from '../../model/configuration.ts'
import type { LoadBalancer } from '../../model/load-balancer.ts'
import { poolsWithin } from '../../model/nested-pools.ts'
import { poolsOf } from '../../model/policy.ts'
import { shareOf } from '../../model/share.ts'

export interface BudgetLimit {
  /** At most so many endpoints. */
  readonly endpoints: number
  /** In so many ms. */
  readonly windowMs: number
}

export class BudgetLimits {
  readonly #configuration: Configuration
  readonly #ofBalancer = new Map<string, BudgetLimit | null>()
  readonly #pools = new Map<string, ReadonlySet<string>>()
  readonly #enabled = new Map<string, number>()
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
    let count = 0
    for (const pool of this.poolsOf(name)) count += this.#enabledIn(pool)
    if (own !== undefined) return limitOf(own.share, count, own.windowSec)
    const { withdrawalBudget: common } = settingsOf(this.#configuration)
    if (common === 'off' || count < common.minEndpoints) return null
    return limitOf(common.balancerShare, count, common.windowSec)
  }

  #countAll(): BudgetLimit | null {
    const { withdrawalBudget: common } = settingsOf(this.#configuration)
    if (common === 'off') return null
    let count = 0
    for (const { name, monitors } of this.#configuration.pool.values())
      if (monitors.length > 0) count += this.#enabledIn(name)
    return count < common.minEndpoints ? null : limitOf(common.totalShare, count, common.windowSec)
  }

  #enabledIn(pool: string): number {
    const known = this.#enabled.get(pool)
    if (known !== undefined) return known
    const count = endpointsOfPool(this.#configuration, pool).filter((one) => one.enabled).length
    this.#enabled.set(pool, count)
    return count
  }
}

/** At least one: a budget that lets nothing go would be a switch that turns health off. */
function limitOf(share: string, count: number, windowSec: number): BudgetLimit {
  return { endpoints: Math.max(1, shareOf(share, count)), windowMs: windowSec * 1_000 }
}
