/**
 * The whole configuration at one revision: immutable; a change makes a new one that shares what did not change.
 */
import type { Change, Kind, Resource, SpecOf } from './resource.ts'
import { poolOf } from './resource.ts'
import type { Endpoint } from './pool.ts'

export type Configuration = { readonly [K in Kind]: ReadonlyMap<string, SpecOf[K]> }

export function emptyConfiguration(): Configuration {
  return {
    site: new Map(),
    zone: new Map(),
    monitor: new Map(),
    pool: new Map(),
    endpoint: new Map(),
    loadBalancer: new Map(),
  }
}

/** The configuration after `changes`, in their order. Deleting what is not there changes nothing. */
export function applyChanges(configuration: Configuration, changes: readonly Change[]): Configuration {
  const next: Record<Kind, ReadonlyMap<string, unknown>> = { ...configuration }
  const copied = new Map<Kind, Map<string, unknown>>()
  for (const change of changes) {
    let map = copied.get(change.kind)
    if (map === undefined) {
      map = new Map<string, unknown>(configuration[change.kind].entries())
      copied.set(change.kind, map)
      next[change.kind] = map
    }
    if (change.op === 'put') map.set(change.key, change.spec)
    else map.delete(change.key)
  }
  return next as Configuration
}

export function configurationOf(resources: Iterable<Resource>): Configuration {
  return applyChanges(
    emptyConfiguration(),
    Array.from(resources, (resource) => ({ op: 'put', ...resource }) as const),
  )
}

/** Endpoints of every pool, in order of name: one pass, for callers that need many pools. */
export function endpointsByPool(configuration: Configuration): ReadonlyMap<string, readonly Endpoint[]> {
  const byPool = new Map<string, Endpoint[]>()
  for (const name of configuration.pool.keys()) byPool.set(name, [])
  for (const [key, endpoint] of configuration.endpoint) byPool.get(poolOf(key))?.push(endpoint)
  for (const endpoints of byPool.values()) endpoints.sort((a, b) => (a.name < b.name ? -1 : 1))
  return byPool
}
