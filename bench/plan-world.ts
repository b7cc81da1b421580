/** 10,000 load balancers, each over a pool of ten endpoints, one at each of ten sites: 100,000 endpoints. */
import { configurationOf, type Configuration } from '../src/core/model/configuration.ts'
import { loadBalancerSchema } from '../src/core/model/load-balancer.ts'
import { monitorSchema } from '../src/core/model/monitor.ts'
import { endpointSchema } from '../src/core/model/pool.ts'
import { endpointKey, type EndpointKey, type Resource } from '../src/core/model/resource.ts'
import { siteSchema } from '../src/core/model/site.ts'
import { zoneSchema } from '../src/core/model/zone.ts'

export const BALANCERS = 10_000
export const SITES = 10
export const ZONE = 'example.test'
/** As the load generator asks for them. */
export const balancerName = (index: number): string => `b${index}.${ZONE}`
export const addressAt = (balancer: number, site: number): string =>
  `10.${site}.${balancer >> 8}.${balancer & 255}`

export function keyAt(balancer: number, site: number): EndpointKey {
  return endpointKey(`p${balancer}`, `s${site}`)
}

export function planConfiguration(): Configuration {
  return configurationOf(resources())
}

function* resources(): Generator<Resource> {
  for (let site = 0; site < SITES; site += 1) {
    const spec = siteSchema.parse({ name: `s${site}` })
    yield { kind: 'site', key: spec.name, spec }
  }
  yield { kind: 'zone', key: ZONE, spec: zoneSchema.parse({ name: ZONE, nameservers: ['ns.example.net'] }) }
  yield { kind: 'monitor', key: 'tcp', spec: monitorSchema.parse({ kind: 'tcp', name: 'tcp' }) }
  for (let index = 0; index < BALANCERS; index += 1) {
    yield { kind: 'pool', key: `p${index}`, spec: { name: `p${index}`, monitors: ['tcp'] } }
    for (let site = 0; site < SITES; site += 1) {
      const at = { address: addressAt(index, site), port: 80, site: `s${site}` }
      yield {
        kind: 'endpoint',
        key: keyAt(index, site),
        spec: endpointSchema.parse({ name: `s${site}`, ...at }),
      }
    }
    const policy = { kind: 'all', pools: [`p${index}`] }
    const spec = loadBalancerSchema.parse({ name: balancerName(index), zone: ZONE, policy })
    yield { kind: 'loadBalancer', key: spec.name, spec }
  }
}
