/**
 * What one revision of the configuration says of health: which endpoints are judged, under which definition, by whom, and
 * which sites have checkers. Everything that a reader of frames needs of the configuration.
 */
import type { Configuration } from '../model/configuration.ts'
import { poolOf, type EndpointKey } from '../model/resource.ts'
import { definitionsOf } from './definition.ts'
import { electorateOf, type Electorate } from './electorate.ts'
import { topologyOf, type Topology } from './topology.ts'

export interface HealthIntent {
  readonly endpoints: ReadonlyMap<EndpointKey, JudgedEndpoint>
  readonly topology: Topology
}

export interface JudgedEndpoint {
  /** Votes count only under it (invariant 13). */
  readonly definition: string
  /** Endpoints of one pool share it. */
  readonly electorate: Electorate
}

export function healthIntentOf(configuration: Configuration): HealthIntent {
  const electorates = new Map<string, Electorate>()
  for (const { name, monitors } of configuration.pool.values())
    electorates.set(
      name,
      electorateOf(monitors.flatMap((monitor) => configuration.monitor.get(monitor) ?? [])),
    )
  const endpoints = new Map<EndpointKey, JudgedEndpoint>()
  for (const [key, definition] of definitionsOf(configuration)) {
    const electorate = electorates.get(poolOf(key))
    if (electorate !== undefined) endpoints.set(key, { definition, electorate })
  }
  return { endpoints, topology: topologyOf(configuration) }
}
