/**
 * How many endpoints of each pool are in each state.
 * What must stay true: all of them count, however few are listed; one pass over the endpoints gives all pools.
 */
import { poolOf, type EndpointKey } from '../core/model/resource.ts'
import type { EndpointCounts } from '../core/views/status.ts'
import type { EndpointState } from './endpoint-state.ts'
import type { Observer } from './observer.ts'

const NONE: EndpointCounts = { total: 0, up: 0, degraded: 0, down: 0, unknown: 0, other: 0 }

export class PoolCounts {
  readonly #byPool = new Map<string, EndpointCounts>()
  readonly #observer: Observer

  constructor(observer: Observer) {
    this.#observer = observer
  }

  add(key: EndpointKey, state: EndpointState): void {
    const pool = poolOf(key)
    let counts = this.#byPool.get(pool)
    if (counts === undefined) {
      counts = { ...NONE }
      this.#byPool.set(pool, counts)
    }
    counts.total += 1
    counts[state === 'disabled' || state === 'unmonitored' ? 'other' : state] += 1
    if (state === 'up' && this.#observer.standing(key)?.degraded === true) counts.degraded += 1
  }

  of(pools: readonly string[]): EndpointCounts {
    const sum = { ...NONE }
    for (const pool of pools)
      for (const [name, count] of Object.entries(this.#byPool.get(pool) ?? NONE))
        sum[name as keyof EndpointCounts] += count
    return sum
  }
}
