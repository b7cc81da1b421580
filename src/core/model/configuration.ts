/**
 * The whole configuration at one revision: immutable; a change makes a new one that shares what did not change.
 */
import type { Change, Kind, Resource, SpecOf } from './resource.ts'
import { poolOf } from './resource.ts'
import type { Endpoint } from './pool.ts'
import { DEFAULT_SETTINGS, SETTINGS_KEY, type Settings } from './settings.ts'

export type Configuration = { readonly [K in Kind]: ReadonlyMap<string, SpecOf[K]> }

export function emptyConfiguration(): Configuration {
  return {
    settings: new Map(),
    site: new Map(),
    zone: new Map(),
    monitor: new Map(),
    pool: new Map(),
    endpoint: new Map(),
    clientMap: new Map(),
    loadBalancer: new Map(),
    override: new Map(),
    drain: new Map(),
    rule: new Map(),
    protection: new Map(),
    latch: new Map(),
    budgetRelease: new Map(),
    signingKeys: new Map(),
    tsigKey: new Map(),
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

/** The settings that are in force. */
export function settingsOf(configuration: Configuration): Settings {
  return configuration.settings.get(SETTINGS_KEY) ?? DEFAULT_SETTINGS
}

const grouped = new WeakMap<Configuration['endpoint'], ReadonlyMap<string, readonly Endpoint[]>>()

/** Endpoints of a pool in order of name; grouped once for each set of endpoints. */
export function endpointsOfPool(configuration: Configuration, pool: string): readonly Endpoint[] {
  let byPool = grouped.get(configuration.endpoint)
  if (byPool === undefined) {
    byPool = groupEndpoints(configuration.endpoint)
    grouped.set(configuration.endpoint, byPool)
  }
  return byPool.get(pool) ?? []
}

/** Endpoints of every pool, in order of name: one pass, for callers that need many pools. */
export function endpointsByPool(configuration: Configuration): ReadonlyMap<string, readonly Endpoint[]> {
  return new Map(
    Array.from(configuration.pool.keys(), (name) => [name, endpointsOfPool(configuration, name)] as const),
  )
}

function groupEndpoints(endpoints: Configuration['endpoint']): ReadonlyMap<string, readonly Endpoint[]> {
  const byPool = new Map<string, Endpoint[]>()
  for (const [key, endpoint] of endpoints) {
    const pool = poolOf(key)
    const list = byPool.get(pool)
    if (list === undefined) byPool.set(pool, [endpoint])
    else list.push(endpoint)
  }
  for (const list of byPool.values()) list.sort((a, b) => (a.name < b.name ? -1 : 1))
  return byPool
}
