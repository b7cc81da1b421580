/**
 * What one revision of the configuration says of health: which endpoints are judged, under which definition, by whom, and
 * which sites have checkers. Everything that a reader of frames needs of the configuration.
 */
import type { Configuration } from '../model/configuration.ts'
import { poolOf, type EndpointKey } from '../model/resource.ts'
import { definedEndpoints, type DefinitionParts } from './definition.ts'
import { electorateOf, type Electorate } from './electorate.ts'
import { topologyOf, type Topology } from './topology.ts'

export interface HealthIntent {
  readonly endpoints: ReadonlyMap<EndpointKey, JudgedEndpoint>
  readonly topology: Topology
}

/** Votes count only under its definition (invariant 13). */
export interface JudgedEndpoint extends DefinitionParts {
  /** Names of the monitors, for people. */
  readonly monitors: string
  /** Pools with the same monitors share it. */
  readonly electorate: Electorate
}

type Judges = Pick<JudgedEndpoint, 'monitors' | 'electorate'>

export function healthIntentOf(configuration: Configuration): HealthIntent {
  const pools = new Map<string, Judges>()
  // Few lists of monitors judge many pools: what follows from one is made once.
  const judgesOf = new Map<string, Judges>()
  for (const { name, monitors: names } of configuration.pool.values()) {
    const monitors = names.join(', ')
    const judges = judgesOf.get(monitors) ?? {
      monitors,
      electorate: electorateOf(names.flatMap((monitor) => configuration.monitor.get(monitor) ?? [])),
    }
    judgesOf.set(monitors, judges)
    pools.set(name, judges)
  }
  const endpoints = new Map<EndpointKey, JudgedEndpoint>()
  for (const { key, parts } of definedEndpoints(configuration)) {
    const pool = pools.get(poolOf(key))
    if (pool !== undefined) endpoints.set(key, { ...parts, ...pool })
  }
  return { endpoints, topology: topologyOf(configuration) }
}
