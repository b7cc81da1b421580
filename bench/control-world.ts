/**
 * The configuration of the control bench: 1,000 load balancers of one zone, each over a pool of its own with one endpoint that is
 * always eligible. A change set of the bench moves the endpoint of one balancer, as an operator would.
 */
import { loadBalancerSchema } from '../src/core/model/load-balancer.ts'
import { endpointSchema } from '../src/core/model/pool.ts'
import { endpointKey, type Resource } from '../src/core/model/resource.ts'
import { siteSchema } from '../src/core/model/site.ts'
import { zoneSchema } from '../src/core/model/zone.ts'

export const BALANCERS = 1_000
const ZONE = 'example.test'

export const balancerName = (index: number): string => `b${index}.${ZONE}`
/** Of the endpoint at first; `move` counts where it went since. */
export const addressOf = (index: number, move = 0): string =>
  `10.${1 + (move % 250)}.${index >> 8}.${index & 255}`

/** As the API takes it. Moves are counted through the bench, below 65,535: the same one once more would change nothing. */
export function movedEndpoint(index: number, move: number) {
  const spec = { name: 'a', address: addressOf(index, move), port: 80, site: 'here', weight: 1 + move }
  return { op: 'put', kind: 'endpoint', pool: `p${index}`, spec }
}

export function controlWorld(): Resource[] {
  const balancers = Array.from({ length: BALANCERS }, (_, index): Resource[] => {
    const pool = `p${index}`
    const policy = { kind: 'all', pools: [pool] }
    const spec = loadBalancerSchema.parse({ name: balancerName(index), zone: ZONE, policy })
    const endpoint = endpointSchema.parse(movedEndpoint(index, 0).spec)
    return [
      { kind: 'pool', key: pool, spec: { name: pool, monitors: [] } },
      { kind: 'endpoint', key: endpointKey(pool, 'a'), spec: endpoint },
      { kind: 'loadBalancer', key: spec.name, spec },
    ]
  })
  const zone = zoneSchema.parse({ name: ZONE, nameservers: ['ns.example.net'] })
  const site = siteSchema.parse({ name: 'here' })
  return [
    { kind: 'site', key: 'here', spec: site },
    { kind: 'zone', key: ZONE, spec: zone },
    ...balancers.flat(),
  ]
}
