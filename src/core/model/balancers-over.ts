/** Which load balancers may answer with endpoints of a pool, through pools around it too: looked up, not searched. */
import type { Configuration } from './configuration.ts'
import { poolsWithin } from './nested-pools.ts'
import { poolsOf } from './policy.ts'

interface Index {
  readonly of: Configuration['pool']
  readonly byPool: ReadonlyMap<string, readonly string[]>
}
const indexes = new WeakMap<Configuration['loadBalancer'], Index>()

/** Names; the index is made once for each set of load balancers and pools. */
export function balancersOver(configuration: Configuration, pool: string): readonly string[] {
  const known = indexes.get(configuration.loadBalancer)
  const index = known?.of === configuration.pool ? known : indexOf(configuration)
  return index.byPool.get(pool) ?? []
}

function indexOf(configuration: Configuration): Index {
  const byPool = new Map<string, string[]>()
  for (const [key, { policy }] of configuration.loadBalancer)
    for (const name of new Set(poolsOf(policy).flatMap((one) => poolsWithin(configuration.pool, one)))) {
      const list = byPool.get(name)
      if (list === undefined) byPool.set(name, [key])
      else list.push(key)
    }
  const index = { of: configuration.pool, byPool }
  indexes.set(configuration.loadBalancer, index)
  return index
}
