/** Pools inside pools. What must stay true: nothing here runs for ever, also where pools contain themselves. */
import type { Configuration } from './configuration.ts'

type Pools = Configuration['pool']

/** The pool and all that it contains, at any depth, each once, in the order in which they are named. */
export function poolsWithin(pools: Pools, name: string): readonly string[] {
  // Most pools contain none.
  const inside = pools.get(name)?.pools ?? []
  if (inside.length === 0) return [name]
  const found = new Set<string>()
  const visit = (one: string): void => {
    if (found.has(one)) return
    found.add(one)
    for (const nested of pools.get(one)?.pools ?? []) visit(nested)
  }
  visit(name)
  return [...found]
}

/** How the pool `name` comes back to itself through the pool `via` that it names: the names on the way. null: it does not. */
export function nestingCycle(pools: Pools, name: string, via: string): readonly string[] | null {
  const seen = new Set<string>()
  const search = (one: string, path: readonly string[]): readonly string[] | null => {
    if (one === name) return [...path, one]
    if (seen.has(one)) return null
    seen.add(one)
    for (const nested of pools.get(one)?.pools ?? []) {
      const cycle = search(nested, [...path, one])
      if (cycle !== null) return cycle
    }
    return null
  }
  return search(via, [name])
}
