/**
 * What can be wrong between a load balancer and its endpoints: a CNAME where none may stand, weights of which none counts, a
 * site without coordinates, a withdrawal budget that is less than one endpoint.
 */
import { isHostname } from '../net/address.ts'
import { endpointsOfPool, type Configuration } from './configuration.ts'
import type { Fault } from './fault.ts'
import type { LoadBalancer } from './load-balancer.ts'
import { poolsWithin } from './nested-pools.ts'
import { poolsOf, routeOf } from './policy.ts'
import type { Endpoint } from './pool.ts'
import { endpointKey } from './resource.ts'
import { shareOf } from './share.ts'
import { recordsByOwner } from './zone-owners.ts'

/** Of each sort of endpoint that there is: does any have a weight? The sorts are chosen among apart, as their records are. */
type Weights = ReadonlyMap<'IPv4' | 'IPv6' | 'host name', boolean>

/** What the checks need of all endpoints of a balancer, without going through them one by one again. */
interface Members {
  readonly count: number
  /** The first endpoint of each sort, as 'pool/endpoint'. */
  readonly hostname: string | null
  readonly numeric: string | null
  readonly weights: Weights
  readonly sites: ReadonlySet<string>
}

export function endpointFaults(balancer: LoadBalancer, configuration: Configuration): Fault[] {
  const members = membersOf(balancer, configuration)
  return [
    ...aliasFaults(balancer, members, configuration),
    ...weightFaults(balancer, configuration),
    ...loopFaults(balancer, members, configuration),
    ...coordinateFaults(balancer, members, configuration),
    ...budgetFaults(balancer, members),
  ]
}

/** Of every endpoint that the balancer may answer with, those of pools inside its pools too, each once. */
function membersOf({ policy }: LoadBalancer, configuration: Configuration): Members {
  const pools = new Set(poolsOf(policy).flatMap((name) => poolsWithin(configuration.pool, name)))
  const all = Array.from(pools, (pool) => membersOfPool(pool, endpointsOfPool(configuration, pool)))
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    hostname: all.find(({ hostname }) => hostname !== null)?.hostname ?? null,
    numeric: all.find(({ numeric }) => numeric !== null)?.numeric ?? null,
    weights: joined(all),
    sites: new Set(all.flatMap(({ sites }) => [...sites])),
  }
}

/** Many balancers may stand over one large pool. */
const known = new WeakMap<readonly Endpoint[], Members>()

function membersOfPool(pool: string, endpoints: readonly Endpoint[]): Members {
  const before = known.get(endpoints)
  if (before !== undefined) return before
  const keyOf = (endpoint: Endpoint | undefined) =>
    endpoint === undefined ? null : endpointKey(pool, endpoint.name)
  const members: Members = {
    count: endpoints.length,
    hostname: keyOf(endpoints.find(({ address }) => isHostname(address))),
    numeric: keyOf(endpoints.find(({ address }) => !isHostname(address))),
    weights: weightsOf(endpoints),
    sites: new Set(endpoints.map(({ site }) => site)),
  }
  known.set(endpoints, members)
  return members
}

/** A CNAME stands alone: not beside addresses, not at an apex, not beside other records (RFC 1034 3.6.2). */
function aliasFaults(
  { name, zone, whenDown, serviceBinding }: LoadBalancer,
  members: Members,
  configuration: Configuration,
): Fault[] {
  const { hostname, numeric } = members
  const faults: Fault[] = []
  if (hostname !== null && numeric !== null)
    faults.push({
      pointer: '/policy',
      message: `the endpoint '${hostname}' is a host name and '${numeric}' an address: a load balancer answers with one sort`,
    })
  const aliases = [
    ...(hostname === null
      ? []
      : [{ pointer: '/policy', what: `the endpoint '${hostname}' is a host name, answered as a CNAME` }]),
    ...(whenDown.kind === 'cname'
      ? [{ pointer: '/whenDown', what: "the mode 'cname' answers with a CNAME" }]
      : []),
  ]
  const beside = configuration.zone.get(zone)
  const records = beside === undefined ? [] : (recordsByOwner(beside).get(name) ?? [])
  for (const { pointer, what } of aliases) {
    if (name === zone)
      faults.push({
        pointer,
        message: `${what}, which cannot stand at the apex '${zone}' (RFC 1034 3.6.2): use addresses there`,
      })
    for (const record of records)
      faults.push({
        pointer,
        message: `${what}, which cannot stand beside the static ${record.type} record of this name (RFC 1034 3.6.2)`,
      })
    if (serviceBinding !== undefined)
      faults.push({
        pointer,
        message: `${what}, which cannot stand beside a service binding: remove one of the two`,
      })
  }
  return faults
}

function weightsOf(endpoints: readonly Endpoint[]): Weights {
  const weights = new Map<'IPv4' | 'IPv6' | 'host name', boolean>()
  for (const { address, weight } of endpoints) {
    const sort = isHostname(address) ? 'host name' : address.includes(':') ? 'IPv6' : 'IPv4'
    weights.set(sort, (weights.get(sort) ?? false) || weight > 0)
  }
  return weights
}

function joined(members: readonly Pick<Members, 'weights'>[]): Weights {
  const weights = new Map<'IPv4' | 'IPv6' | 'host name', boolean>()
  for (const [sort, has] of members.flatMap((one) => [...one.weights]))
    weights.set(sort, (weights.get(sort) ?? false) || has)
  return weights
}

/** Where the policy chooses: each tier by itself, the pools of a route together. Disabling an endpoint is never a fault of this. */
function weightFaults({ policy }: LoadBalancer, configuration: Configuration): Fault[] {
  if (policy.kind !== 'weighted' && policy.kind !== 'sticky') return []
  const places = [
    { pointer: '/policy', route: routeOf(policy) },
    ...(policy.rules ?? []).map((rule, index) => ({
      pointer: `/policy/rules/${index}`,
      route: routeOf(rule),
    })),
  ].flatMap(({ pointer, route }) =>
    route.kind === 'pools'
      ? [{ pointer, pools: route.pools }]
      : route.tiers.map(({ pool }, index) => ({ pointer: `${pointer}/tiers/${index}`, pools: [pool] })),
  )
  return places.flatMap(({ pointer, pools }) => {
    const within = new Set(pools.flatMap((name) => poolsWithin(configuration.pool, name)))
    const members = Array.from(within, (pool) => membersOfPool(pool, endpointsOfPool(configuration, pool)))
    return [...joined(members)].flatMap(([sort, has]) => {
      if (has) return []
      const message = `every ${sort} endpoint here has the weight 0, so '${policy.kind}' could choose none: give one a weight above 0`
      return [{ pointer, message }]
    })
  })
}

/** A name that leads to itself leads nowhere. */
function loopFaults(
  { name, policy, whenDown }: LoadBalancer,
  { hostname }: Members,
  configuration: Configuration,
): Fault[] {
  const pools = new Set(poolsOf(policy).flatMap((pool) => poolsWithin(configuration.pool, pool)))
  const itself = (hostname === null ? [] : [...pools]).flatMap((pool) =>
    endpointsOfPool(configuration, pool)
      .filter(({ address }) => address === name)
      .map((endpoint) => endpointKey(pool, endpoint.name)),
  )
  return [
    ...itself.map((key) => ({
      pointer: '/policy',
      message: `the endpoint '${key}' is this very name: an alias of itself is answered with nothing`,
    })),
    ...(whenDown.kind === 'cname' && whenDown.target === name
      ? [{ pointer: '/whenDown/target', message: 'this is the load balancer itself: name another one' }]
      : []),
  ]
}

function coordinateFaults({ policy }: LoadBalancer, members: Members, configuration: Configuration): Fault[] {
  if (policy.kind !== 'nearest') return []
  const lost = [...members.sites].filter(
    (site) => configuration.site.has(site) && configuration.site.get(site)?.coordinates === undefined,
  )
  return lost.map((site) => ({
    pointer: '/policy',
    message: `the site '${site}' of its endpoints has no coordinates, which 'nearest' goes by: add them to the site`,
  }))
}

function budgetFaults({ withdrawalBudget }: LoadBalancer, members: Members): Fault[] {
  if (withdrawalBudget === undefined || withdrawalBudget === 'off' || members.count === 0) return []
  const { share } = withdrawalBudget
  const { count } = members
  if (shareOf(share, count) >= 1) return []
  const least = Math.ceil(100 / count)
  return [
    {
      pointer: '/withdrawalBudget/share',
      message: `${share} of ${count} endpoints is less than one: nothing could ever be taken out; at least ${least}% is needed, or 'off'`,
    },
  ]
}
