/** What a simulated cluster is made of, and the configuration that says so. Every site has one checker. */
import type { z } from 'zod'
import { configurationOf, type Configuration } from '../core/model/configuration.ts'
import { loadBalancerSchema } from '../core/model/load-balancer.ts'
import { monitorSchema } from '../core/model/monitor.ts'
import { endpointSchema } from '../core/model/pool.ts'
import { endpointKey, type EndpointKey, type Resource } from '../core/model/resource.ts'
import { siteSchema } from '../core/model/site.ts'
import { zoneSchema } from '../core/model/zone.ts'
import type { ProbeTimes } from './detect-bound.ts'
import { TYPO_PATH } from './simulated-network-probers.ts'

export interface Shape {
  readonly sites: number
  /** Sites that have a nameserver: the first ones. */
  readonly nameservers: number
  readonly endpoints: number
  /** So many of them, the first ones, are in the first site; the others are elsewhere, reached by every site alike. */
  readonly endpointsAtFirstSite?: number
  /** All of them are in the sites, one after the other in turn. */
  readonly endpointsAtSites?: boolean
  /** Other times than the defaults of a monitor. */
  readonly times?: ProbeTimes & { readonly fall?: number }
}

export function monitorOf({ times }: Shape) {
  return { ...MONITOR, ...times }
}

export const MONITOR = {
  kind: 'http' as const,
  ...{ name: 'web', path: '/healthz' },
  ...{ intervalMs: 5_000, fastIntervalMs: 1_000, timeoutMs: 1_000, fall: 2, rise: 3 },
}
/** The default of a monitor. */
export const VOTERS = 5

/** Endpoints of one pool and load balancer. */
const POOL_SIZE = 12
export const CLOUD = 'cloud'
const CANARIES = 3

export const siteName = (index: number): string => `s${index + 1}`
export const checkerName = (index: number): string => `c${index + 1}`
const checkerAddress = (index: number): string => `10.1.0.${index + 1}`
const canaryAddress = (index: number): string => `10.2.0.${index + 1}`

export interface PlacedEndpoint {
  readonly key: EndpointKey
  readonly address: string
  readonly place: string
}

const poolName = (index: number): string => `pool${Math.floor(index / POOL_SIZE) + 1}`

export function placedEndpoints(shape: Shape): PlacedEndpoint[] {
  return indexes(shape.endpoints).map((index) => ({
    key: endpointKey(poolName(index), `e${index + 1}`),
    address: `10.3.${index >> 8}.${index & 255}`,
    place: placeOf(index, shape),
  }))
}

function placeOf(
  index: number,
  { sites, endpointsAtFirstSite = 0, endpointsAtSites = false }: Shape,
): string {
  if (endpointsAtSites) return siteName(index % sites)
  return index < endpointsAtFirstSite ? siteName(0) : CLOUD
}

/** All that accepts connections beside endpoints, by address. */
/** A canary, or the checker of this number. */
export type PlacedHost = { readonly place: string } | { readonly checker: number }

export function hostsOf({ sites }: Shape): ReadonlyMap<string, PlacedHost> {
  return new Map<string, PlacedHost>([
    ...indexes(sites).map((index) => [checkerAddress(index), { checker: index }] as const),
    ...indexes(CANARIES).map((index) => [canaryAddress(index), { place: `canary${index + 1}` }] as const),
  ])
}

export function configurationFor(shape: Shape): Configuration {
  const canaries = indexes(CANARIES).map((index) => ({ address: canaryAddress(index), port: 443 }))
  const resources: Resource[] = indexes(shape.sites).map((index) => {
    const checkers = [{ name: checkerName(index), address: checkerAddress(index), port: 7_000 }]
    const spec = siteSchema.parse({ name: siteName(index), checkers, canaries })
    return { kind: 'site', key: spec.name, spec }
  })
  resources.push(monitorResource(monitorOf(shape)))
  const zone = zoneSchema.parse({ name: 'sim.test', nameservers: ['ns1.example.net'] })
  resources.push({ kind: 'zone', key: zone.name, spec: zone })
  for (const name of new Set(indexes(shape.endpoints).map(poolName))) {
    resources.push({
      kind: 'pool',
      key: name,
      spec: { name, monitors: [MONITOR.name], pools: [], rampSec: 0 },
    })
    const policy = { kind: 'all', pools: [name] }
    const spec = loadBalancerSchema.parse({ name: `${name}.sim.test`, zone: 'sim.test', policy })
    resources.push({ kind: 'loadBalancer', key: spec.name, spec })
  }
  for (const [index, { key, address }] of placedEndpoints(shape).entries()) {
    const spec = endpointSchema.parse({ name: `e${index + 1}`, address, port: 80, site: siteName(0) })
    resources.push({ kind: 'endpoint', key, spec })
  }
  return configurationOf(resources)
}

/** The monitor with a path that nobody serves, or with the right one again. */
export function withTypo(hasTypo: boolean): Resource {
  return monitorResource({ ...MONITOR, path: hasTypo ? TYPO_PATH : MONITOR.path })
}

function monitorResource(input: z.input<typeof monitorSchema>): Resource {
  const spec = monitorSchema.parse(input)
  return { kind: 'monitor', key: spec.name, spec }
}

export function indexes(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
