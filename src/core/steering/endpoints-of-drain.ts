/** The endpoints that a drain is about: one, those of a pool and of the pools inside it, or all that stand in a site. */
import { endpointsOfPool, type Configuration } from '../model/configuration.ts'
import { drainedBy, type Drain } from '../model/drain.ts'
import { poolsWithin } from '../model/nested-pools.ts'
import { endpointKey, type EndpointKey } from '../model/resource.ts'

export function endpointsOfDrain(
  configuration: Configuration,
  drain: Pick<Drain, 'name'>,
): readonly EndpointKey[] {
  const { kind, key } = drainedBy(drain)
  if (kind === 'endpoint') return configuration.endpoint.has(key) ? [key] : []
  if (kind === 'pool')
    return poolsWithin(configuration.pool, key).flatMap((pool) =>
      endpointsOfPool(configuration, pool).map(({ name }) => endpointKey(pool, name)),
    )
  const inSite: EndpointKey[] = []
  for (const [endpoint, { site }] of configuration.endpoint) if (site === key) inSite.push(endpoint)
  return inSite
}
