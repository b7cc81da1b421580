/**
 * Resources and changes: the units in which configuration is kept, changed and talked about.
 * A pool and its endpoints are separate resources, so that the cost of changing one endpoint of a large pool
 * is the cost of one endpoint. Files and the API show a pool with its endpoints inside (see Pool).
 */
import type { BudgetRelease } from './budget-release.ts'
import type { SigningKeys } from './dnssec.ts'
import type { ClientMap } from './client-map.ts'
import type { Drain } from './drain.ts'
import type { Latch } from './latch.ts'
import type { LoadBalancer } from './load-balancer.ts'
import type { Monitor } from './monitor.ts'
import type { Override } from './override.ts'
import type { Endpoint, PoolBase } from './pool.ts'
import type { Protection } from './protection.ts'
import type { Rule } from './rule.ts'
import type { Settings } from './settings.ts'
import type { Site } from './site.ts'
import type { TsigKey } from './tsig-key.ts'
import type { Zone } from './zone.ts'

export interface SpecOf {
  settings: Settings
  site: Site
  zone: Zone
  monitor: Monitor
  pool: PoolBase
  endpoint: Endpoint
  clientMap: ClientMap
  loadBalancer: LoadBalancer
  override: Override
  drain: Drain
  rule: Rule
  protection: Protection
  latch: Latch
  budgetRelease: BudgetRelease
  signingKeys: SigningKeys
  tsigKey: TsigKey
}
export type Kind = keyof SpecOf

/** What people write: in files, at the API. In the order in which references allow them to be created. */
export const WRITTEN_KINDS = [
  'settings',
  'site',
  'zone',
  'monitor',
  'pool',
  'endpoint',
  'clientMap',
  'loadBalancer',
  'override',
  'drain',
  'rule',
  'protection',
] as const satisfies readonly Kind[]

/** And what control keeps for all nodes beside it. */
export const KINDS = [
  ...WRITTEN_KINDS,
  'latch',
  'budgetRelease',
  'signingKeys',
  'tsigKey',
] as const satisfies readonly Kind[]

export type WrittenKind = (typeof WRITTEN_KINDS)[number]

/** `key` is the resource's name; for an endpoint, and for an override of one, it is 'pool/endpoint'. */
export type Resource = {
  [K in Kind]: { readonly kind: K; readonly key: string; readonly spec: SpecOf[K] }
}[Kind]

export type Change =
  ({ readonly op: 'put' } & Resource) | { readonly op: 'delete'; readonly kind: Kind; readonly key: string }

/** Key of an endpoint, everywhere where endpoints of several pools meet: registers, verdicts, views. */
export type EndpointKey = string

export function endpointKey(pool: string, endpoint: string): EndpointKey {
  return `${pool}/${endpoint}`
}

/** The pool of an endpoint key. Names hold no '/', so the first one divides. */
export function poolOf(key: EndpointKey): string {
  return key.slice(0, key.indexOf('/'))
}
