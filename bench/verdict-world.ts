/** What the verdict bench judges: 100,000 endpoints in 10,000 pools, a load balancer each, five sites with three checkers each. */
import { definitionsOf } from '../src/core/health/definition.ts'
import type { ReportedRegister } from '../src/core/health/frame.ts'
import { configurationOf, type Configuration } from '../src/core/model/configuration.ts'
import { loadBalancerSchema } from '../src/core/model/load-balancer.ts'
import { monitorSchema } from '../src/core/model/monitor.ts'
import { endpointSchema } from '../src/core/model/pool.ts'
import type { Resource } from '../src/core/model/resource.ts'
import { siteSchema } from '../src/core/model/site.ts'
import { zoneSchema } from '../src/core/model/zone.ts'

export const SITES = ['ams', 'fra', 'iad', 'lon', 'sin'] as const
export const CHECKERS_PER_SITE = 3
const POOLS = 10_000
const ENDPOINTS_PER_POOL = 10
const ZONES = 10

export interface CheckerName {
  readonly site: string
  readonly name: string
}

export const CHECKERS: readonly CheckerName[] = SITES.flatMap((site) =>
  Array.from({ length: CHECKERS_PER_SITE }, (_, index) => ({ site, name: `${site}-${index + 1}` })),
)

/** `ports`: where each checker serves its frames, in the order of CHECKERS. */
export function verdictWorld(ports: readonly number[]): Configuration {
  return configurationOf([...sites(ports), ...zones(), ...pools()])
}

/** Every endpoint up, under its definition. */
export function registersOf(configuration: Configuration): ReportedRegister[] {
  return Array.from(definitionsOf(configuration), ([endpoint, definition]) => ({
    ...{ endpoint, definition, state: 'up', degraded: false, output: [] },
  }))
}

function sites(ports: readonly number[]): Resource[] {
  return SITES.map((name) => {
    const checkers = CHECKERS.flatMap((checker, index) =>
      checker.site === name ? [{ name: checker.name, address: '127.0.0.1', port: ports[index] ?? 1 }] : [],
    )
    return { kind: 'site', key: name, spec: siteSchema.parse({ name, checkers }) }
  })
}

function zones(): Resource[] {
  return Array.from({ length: ZONES }, (_, index) => {
    const name = zoneName(index)
    return { kind: 'zone', key: name, spec: zoneSchema.parse({ name, nameservers: ['ns.example.net'] }) }
  })
}

function pools(): Resource[] {
  const monitor = monitorSchema.parse({ kind: 'http', name: 'web' })
  const resources: Resource[] = [{ kind: 'monitor', key: 'web', spec: monitor }]
  for (let pool = 0; pool < POOLS; pool += 1) {
    const [name, zone] = [`pool-${pool}`, zoneName(pool % ZONES)]
    const balancer = { name: `www-${pool}.${zone}`, zone, policy: { kind: 'all', pools: [name] } }
    resources.push({ kind: 'pool', key: name, spec: { name, monitors: ['web'] } })
    for (let index = 0; index < ENDPOINTS_PER_POOL; index += 1) resources.push(endpoint(name, pool, index))
    resources.push({ kind: 'loadBalancer', key: balancer.name, spec: loadBalancerSchema.parse(balancer) })
  }
  return resources
}

function endpoint(pool: string, poolNumber: number, index: number): Resource {
  const number = poolNumber * ENDPOINTS_PER_POOL + index
  const name = `endpoint-${index}`
  const address = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
  const site = SITES[number % SITES.length] ?? 'ams'
  const spec = endpointSchema.parse({ name, address, port: 80, site })
  return { kind: 'endpoint', key: `${pool}/${name}`, spec }
}

function zoneName(index: number): string {
  return `zone-${index}.test`
}
