/** The columns in which `get` shows each kind. */
import type { z } from 'zod'
import { clientMapSchema, type ClientMap } from '../../core/model/client-map.ts'
import { drainSchema, type Drain } from '../../core/model/drain.ts'
import { loadBalancerSchema, type LoadBalancer } from '../../core/model/load-balancer.ts'
import { monitorSchema, type Monitor } from '../../core/model/monitor.ts'
import { overrideSchema, type Override } from '../../core/model/override.ts'
import { poolsOf } from '../../core/model/policy.ts'
import { endpointSchema, poolSchema, type Endpoint, type Pool } from '../../core/model/pool.ts'
import { protectionSchema, type Protection } from '../../core/model/protection.ts'
import type { Kind } from '../../core/model/resource.ts'
import { ruleSchema, type Rule } from '../../core/model/rule.ts'
import { settingsSchema, type Settings } from '../../core/model/settings.ts'
import { siteSchema, type Site } from '../../core/model/site.ts'
import { zoneSchema, type Zone } from '../../core/model/zone.ts'

export interface GetTable<T> {
  readonly schema: z.ZodType<T>
  readonly header: readonly string[]
  readonly row: (spec: T) => string[]
}

const site: GetTable<Site> = {
  schema: siteSchema,
  header: ['NAME', 'COUNTRY', 'LATITUDE', 'LONGITUDE'],
  row: ({ name, country, coordinates }) => [
    name,
    country ?? '',
    String(coordinates?.latitude ?? ''),
    String(coordinates?.longitude ?? ''),
  ],
}

const zone: GetTable<Zone> = {
  schema: zoneSchema,
  header: ['NAME', 'TTL', 'RECORDS', 'NAMESERVERS'],
  row: ({ name, ttlSec, records, nameservers }) => [
    name,
    String(ttlSec),
    String(records.length),
    nameservers.join(','),
  ],
}

const monitor: GetTable<Monitor> = {
  schema: monitorSchema,
  header: ['NAME', 'KIND', 'INTERVAL', 'TIMEOUT', 'FALL', 'RISE', 'PROBES'],
  row: (spec) => [
    spec.name,
    spec.kind,
    `${spec.intervalMs}ms`,
    `${spec.timeoutMs}ms`,
    String(spec.fall),
    String(spec.rise),
    spec.kind === 'tcp' ? 'connect' : `${spec.method} ${spec.path}`,
  ],
}

const pool: GetTable<Pool> = {
  schema: poolSchema,
  header: ['NAME', 'ENDPOINTS', 'MONITORS'],
  row: ({ name, endpoints, monitors }) => [name, String(endpoints.length), monitors.join(',')],
}

const endpoint: GetTable<Endpoint> = {
  schema: endpointSchema,
  header: ['NAME', 'ADDRESS', 'PORT', 'SITE', 'WEIGHT', 'ENABLED'],
  row: ({ name, address, port, site, weight, enabled }) => [
    name,
    address,
    String(port),
    site,
    String(weight),
    enabled ? 'yes' : 'no',
  ],
}

const loadBalancer: GetTable<LoadBalancer> = {
  schema: loadBalancerSchema,
  header: ['NAME', 'ZONE', 'POLICY', 'POOLS', 'TTL', 'WHEN-DOWN'],
  row: ({ name, zone, policy, ttlSec, whenDown }) => [
    name,
    zone,
    policy.kind,
    poolsOf(policy).join(','),
    String(ttlSec),
    whenDown.kind,
  ],
}

const clientMap: GetTable<ClientMap> = {
  schema: clientMapSchema,
  header: ['NAME', 'ENTRIES', 'PREFIXES'],
  row: ({ name, entries }) => [
    name,
    entries.map((entry) => entry.name).join(','),
    String(entries.reduce((sum, entry) => sum + entry.prefixes.length, 0)),
  ],
}

const override: GetTable<Override> = {
  schema: overrideSchema,
  header: ['ENDPOINT', 'STATE', 'UNTIL', 'AUTHOR', 'REASON'],
  row: ({ name, state, expiresAtMs, author, reason }) => [name, state, timeOf(expiresAtMs), author, reason],
}

const drain: GetTable<Drain> = {
  schema: drainSchema,
  header: ['WHAT', 'FROM', 'OVER', 'UNTIL', 'AUTHOR', 'REASON'],
  row: ({ name, startAtMs, drainSec, expiresAtMs, author, reason }) => [
    name,
    timeOf(startAtMs),
    `${drainSec}s`,
    timeOf(expiresAtMs),
    author,
    reason,
  ],
}

const settings: GetTable<Settings> = {
  schema: settingsSchema,
  header: ['GEOIP', 'CLIENT-SUBNET', 'BUDGET'],
  row: ({ geoip, clientSubnet: { trust }, withdrawalBudget }) => [
    geoip.enabled ? 'enabled' : 'disabled',
    trust === 'all' ? trust : `${trust.length} prefixes`,
    withdrawalBudget === 'off'
      ? 'off'
      : `${withdrawalBudget.balancerShare} in ${withdrawalBudget.windowSec}s`,
  ],
}

const rule: GetTable<Rule> = {
  schema: ruleSchema,
  header: ['NAME', 'KIND', 'OF', 'AT-LEAST', 'MESSAGE'],
  row: (spec) => [
    spec.name,
    spec.kind,
    (spec.kind === 'sites-in-service' ? spec.sites : spec.pools).join(','),
    String(spec.atLeast),
    spec.message,
  ],
}

const protection: GetTable<Protection> = {
  schema: protectionSchema,
  header: ['WHAT', 'AUTHOR', 'REASON'],
  row: ({ name, author, reason }) => [name, author, reason],
}

function timeOf(atMs: number | undefined): string {
  return atMs === undefined ? '' : new Date(atMs).toISOString()
}

// Each kind's table is read with the spec of that kind alone; the map forgets which, as `get` does not need to know.
export const GET_TABLES = {
  site,
  zone,
  monitor,
  pool,
  endpoint,
  clientMap,
  loadBalancer,
  override,
  drain,
  rule,
  protection,
  settings,
} as unknown as Readonly<Record<Kind, GetTable<{ readonly name: string }>>>
