/**
 * What a single resource's schema cannot see: references to nothing, and DNS rules between resources.
 * Checks what changed and what refers to it, not the whole, and collects every fault.
 */
import { absoluteName, isWithin, namesUpFrom } from '../dns/name.ts'
import { electorateConflict } from '../health/electorate.ts'
import { balancerFaults } from './balancer-faults.ts'
import { EVERY_BALANCER } from './budget-release.ts'
import type { Configuration } from './configuration.ts'
import { pointerTo, type Fault } from './fault.ts'
import { missing, repeated, type LocalFault } from './local-fault.ts'
import { nestingCycle } from './nested-pools.ts'
import type { Monitor } from './monitor.ts'
import type { PoolBase } from './pool.ts'
import { poolsOf } from './policy.ts'
import { protectedBy } from './protection.ts'
import { KINDS, poolOf, type Kind, type Resource } from './resource.ts'
import type { Rule } from './rule.ts'
import { drainedBy } from './drain.ts'
import type { Site } from './site.ts'
import { tsigKeysOf, transferFaults } from './transfer-faults.ts'
import type { StaticRecord, Zone } from './zone.ts'
import { closestZone, delegationAbove, STEERED } from './zone-owners.ts'

/** A fault in one resource; `pointer` is relative to that resource. */
export interface ResourceFault extends LocalFault {
  readonly kind: Kind
  readonly key: string
}

/** Faults of the resources named in `touched` (as they are in `configuration`), or of all of them. */
export function checkReferences(
  configuration: Configuration,
  touched?: Iterable<{ readonly kind: Kind; readonly key: string }>,
): ResourceFault[] {
  const faults: ResourceFault[] = []
  for (const { kind, key } of touched ?? everything(configuration)) {
    const spec = configuration[kind].get(key)
    if (spec === undefined) continue
    for (const fault of faultsOf({ kind, key, spec } as Resource, configuration))
      faults.push({ kind, key, ...fault })
  }
  return faults
}

/** Who refers to a resource: what forbids its deletion. Sorted by kind and key. */
export function referrersOf(
  configuration: Configuration,
  target: { readonly kind: Kind; readonly key: string },
): { readonly kind: Kind; readonly key: string }[] {
  const { kind, key } = target
  const found: { kind: Kind; key: string }[] = []
  const collect = <K extends Kind>(
    from: K,
    refers: (spec: Configuration[K] extends ReadonlyMap<string, infer S> ? S : never) => boolean,
  ) => {
    for (const [name, spec] of configuration[from])
      if (refers(spec as never)) found.push({ kind: from, key: name })
  }
  if (kind === 'site') {
    collect('endpoint', (endpoint) => endpoint.site === key)
    collect('monitor', (monitor) => monitor.vantage?.sites.includes(key) ?? false)
    collect('rule', (rule) => rule.kind === 'sites-in-service' && rule.sites.includes(key))
  }
  if (kind === 'monitor') collect('pool', (pool) => pool.monitors.includes(key))
  if (kind === 'pool') {
    collect('loadBalancer', (balancer) => poolsOf(balancer.policy).includes(key))
    collect('pool', (pool) => (pool.pools ?? []).includes(key))
  }
  if (kind === 'clientMap')
    collect('loadBalancer', ({ policy }) =>
      (policy.rules ?? []).some(({ when }) => when.clientMap?.map === key),
    )
  if (kind === 'tsigKey') collect('zone', (zone) => tsigKeysOf(zone).some((one) => one.tsigKey === key))
  if (kind === 'zone') collect('loadBalancer', (balancer) => balancer.zone === key)
  if (kind === 'loadBalancer')
    collect('zone', (zone) => zone.nameservers.includes(key) && isWithin(key, zone.name))
  return found.sort((a, b) => (a.key < b.key ? -1 : 1))
}

function* everything(configuration: Configuration): Generator<{ kind: Kind; key: string }> {
  for (const kind of KINDS) for (const key of configuration[kind].keys()) yield { kind, key }
}

function faultsOf(resource: Resource, configuration: Configuration): LocalFault[] {
  switch (resource.kind) {
    case 'site':
      return siteFaults(resource.spec, configuration)
    case 'monitor':
      return vantageFaults(resource.spec, configuration)
    case 'pool':
      return poolFaults(resource.spec, configuration)
    case 'endpoint':
      return missing(configuration, { kind: 'pool', key: poolOf(resource.key), pointer: '' }).concat(
        missing(configuration, { kind: 'site', key: resource.spec.site, pointer: '/site' }),
      )
    case 'zone':
      return zoneFaults(resource.spec, configuration)
    case 'loadBalancer':
      return balancerFaults(resource.spec, configuration)
    case 'override':
      return missing(configuration, { kind: 'endpoint', key: resource.key, pointer: '/name' })
    case 'drain':
      return missing(configuration, { ...drainedBy(resource.spec), pointer: '/name' })
    case 'latch':
      return missing(configuration, { kind: 'loadBalancer', key: resource.key, pointer: '/name' })
    case 'budgetRelease':
      return resource.key === EVERY_BALANCER
        ? []
        : missing(configuration, { kind: 'loadBalancer', key: resource.key, pointer: '/name' })
    case 'signingKeys':
      return missing(configuration, { kind: 'zone', key: resource.key, pointer: '/name' })
    case 'rule':
      return ruleFaults(resource.spec, configuration)
    case 'protection':
      return missing(configuration, { ...protectedBy(resource.spec), pointer: '/name' })
    case 'clientMap':
    case 'tsigKey':
    case 'settings':
      return []
  }
}

function ruleFaults(rule: Rule, configuration: Configuration): LocalFault[] {
  if (rule.kind !== 'sites-in-service') return []
  return rule.sites.flatMap((key, index) => [
    ...missing(configuration, { kind: 'site', key, pointer: pointerTo('/sites', index) }),
    ...repeated(rule.sites, index, '/sites'),
  ])
}

/** Readers tell checkers apart by name alone, whatever their site. */
function siteFaults({ name, checkers, canaries }: Site, configuration: Configuration): Fault[] {
  const faults: Fault[] = []
  const names = checkers.map((checker) => checker.name)
  const targets = canaries.map(({ address, port }) => `${address} port ${port}`)
  for (const [index, checker] of names.entries()) {
    faults.push(...repeated(names, index, '/checkers'))
    for (const other of configuration.site.values())
      if (other.name !== name && other.checkers.some((one) => one.name === checker))
        faults.push({
          pointer: `/checkers/${index}/name`,
          message: `the site '${other.name}' has a checker of this name already: names of checkers are unique`,
        })
  }
  for (const index of targets.keys()) faults.push(...repeated(targets, index, '/canaries'))
  return faults
}

/** Once any site names its checkers, only those that do can vote. */
function vantageFaults({ vantage }: Monitor, configuration: Configuration): LocalFault[] {
  const allowed = vantage?.sites ?? []
  const anyVotes = [...configuration.site.values()].some((site) => site.checkers.length > 0)
  return allowed.flatMap((key, index): LocalFault[] => {
    const pointer = `/vantage/sites/${index}`
    const isSilent = anyVotes && configuration.site.get(key)?.checkers.length === 0
    const message = `the site '${key}' has no checkers, so it cannot vote: add some to it, or take it out here`
    return [
      ...missing(configuration, { kind: 'site', key, pointer }),
      ...repeated(allowed, index, '/vantage/sites'),
      ...(isSilent ? [{ pointer, message }] : []),
    ]
  })
}

function poolFaults({ name, monitors, pools = [] }: PoolBase, configuration: Configuration): LocalFault[] {
  const conflict = electorateConflict(monitors.flatMap((name) => configuration.monitor.get(name) ?? []))
  return [
    ...monitors.flatMap((key, index) => [
      ...missing(configuration, { kind: 'monitor', key, pointer: `/monitors/${index}` }),
      ...repeated(monitors, index, '/monitors'),
    ]),
    ...(conflict === null ? [] : [{ pointer: '/monitors', message: conflict }]),
    ...pools.flatMap((key, index) => [
      ...missing(configuration, { kind: 'pool', key, pointer: `/pools/${index}` }),
      ...repeated(pools, index, '/pools'),
      ...cycleFaults({ pool: name, key, index }, configuration),
    ]),
  ]
}

function cycleFaults(
  { pool, key, index }: { readonly pool: string; readonly key: string; readonly index: number },
  configuration: Configuration,
): Fault[] {
  const cycle = nestingCycle(configuration.pool, pool, key)
  if (cycle === null) return []
  const message = `the pool would contain itself: ${cycle.join(' > ')}`
  return [{ pointer: `/pools/${index}`, message }]
}

function zoneFaults(zone: Zone, configuration: Configuration): LocalFault[] {
  const faults: LocalFault[] = []
  const byName = Map.groupBy(zone.records.entries(), ([, record]) => record.name)
  for (const [name, entries] of byName) {
    const absolute = absoluteName(name, zone.name)
    const steered = configuration.loadBalancer.get(absolute)
    const seen = new Set<string>()
    for (const [index, record] of entries) {
      const report = (message: string) => faults.push({ pointer: pointerTo('', 'records', index), message })
      if (seen.has(record.type))
        report(`a second ${record.type} record of '${name}': put all values into one`)
      seen.add(record.type)
      for (const message of recordFaults(record, entries.length)) report(message)
      if (record.type === 'DS' && !entries.some(([, other]) => other.type === 'NS'))
        report(`a DS stands beside the NS records of a delegation: '${name}' has none (RFC 4034 5)`)
      if (steered?.zone === zone.name && STEERED.has(record.type))
        report(`the load balancer '${absolute}' answers for this name: remove one of the two`)
      const closer = shadowOf(record, zone, configuration)
      if (closer !== undefined) report(`'${absolute}' belongs to the zone '${closer}', which is closer`)
    }
  }
  faults.push(...transferFaults(zone, configuration))
  faults.push(...captureFaults(zone, configuration))
  for (const [index, server] of zone.nameservers.entries())
    if (isWithin(server, zone.name) && !hasAddress(server, zone, configuration))
      faults.push({
        pointer: `/nameservers/${index}`,
        message: `'${server}' lies in this zone but has no address here: add an A or AAAA record for it`,
      })
  for (const index of zone.nameservers.keys())
    faults.push(...repeated(zone.nameservers, index, '/nameservers'))
  return faults
}

function hasAddress(server: string, zone: Zone, configuration: Configuration): boolean {
  if (configuration.loadBalancer.has(server)) return true
  return (
    zone.records.some(
      (record) =>
        (record.type === 'A' || record.type === 'AAAA') &&
        covers(absoluteName(record.name, zone.name), server),
    ) ||
    zone.records.some(
      (record) => record.type === 'NS' && isWithin(server, absoluteName(record.name, zone.name)),
    )
  )
}

/** True when an owner name answers for `name`: it is the name, or a wildcard above it (RFC 4592). */
function covers(owner: string, name: string): boolean {
  return owner === name || (owner.startsWith('*.') && name.endsWith(owner.slice(1)))
}

/** The closer zone of ours that a record really lies in. Its delegation and glue addresses may stand in both. */
function shadowOf(record: StaticRecord, zone: Zone, configuration: Configuration): string | undefined {
  if (['NS', 'DS', 'A', 'AAAA'].includes(record.type)) return undefined
  const closest = closestZone(absoluteName(record.name, zone.name), configuration)
  return closest !== undefined && closest !== zone.name && isWithin(closest, zone.name) ? closest : undefined
}

/** What this zone would take away from others: balancers below its delegations, and what stands in the zones above it. */
function captureFaults(zone: Zone, configuration: Configuration): Fault[] {
  const faults: Fault[] = []
  const delegates = zone.records.some((record) => record.type === 'NS' && record.name !== '@')
  const above = namesUpFrom(zone.name)
    .slice(1)
    .flatMap((name) => configuration.zone.get(name) ?? [])
  if (!delegates && above.length === 0) return faults
  for (const balancer of configuration.loadBalancer.values()) {
    const cut = balancer.zone === zone.name ? delegationAbove(balancer.name, zone) : undefined
    if (cut !== undefined) {
      const index = zone.records.findIndex(
        (record) => record.type === 'NS' && absoluteName(record.name, zone.name) === cut,
      )
      faults.push({
        pointer: pointerTo('', 'records', index),
        message: `the load balancer '${balancer.name}' is below this delegation and would never be asked for`,
      })
    }
    if (isWithin(balancer.name, zone.name) && above.some((other) => other.name === balancer.zone))
      faults.push({
        pointer: '/name',
        message: `the load balancer '${balancer.name}' of the zone '${balancer.zone}' belongs to this one, which is closer`,
      })
  }
  for (const other of above)
    for (const record of other.records)
      if (shadowOf(record, other, configuration) === zone.name)
        faults.push({
          pointer: '/name',
          message: `the ${record.type} record '${absoluteName(record.name, other.name)}' of the zone '${other.name}' belongs to this one, which is closer`,
        })
  return faults
}

function recordFaults(record: StaticRecord, beside: number): string[] {
  const faults: string[] = []
  if (record.type === 'CNAME' && record.name === '@')
    faults.push('a CNAME cannot stand at the apex of a zone (RFC 1034 3.6.2)')
  if (record.type === 'CNAME' && record.name !== '@' && beside > 1)
    faults.push(`a CNAME cannot stand beside other data of '${record.name}' (RFC 1034 3.6.2)`)
  if (record.type === 'DS' && record.name === '@')
    faults.push('the DS of a zone stands in the zone above it (RFC 4034 5)')
  if (record.type === 'NS' && record.name === '@')
    faults.push("the NS records of the zone itself are its 'nameservers'")
  const texts = record.values.map((value) => JSON.stringify(value))
  if (new Set(texts).size < texts.length) faults.push('a value stands here twice')
  return faults
}
