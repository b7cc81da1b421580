/**
 * What can be wrong with a load balancer beside the rest of the configuration: its place in DNS here, its endpoints in
 * endpoint-faults.ts. All faults at once.
 */
import { isWithin } from '../dns/name.ts'
import type { Configuration } from './configuration.ts'
import { settingsOf } from './configuration.ts'
import { endpointFaults } from './endpoint-faults.ts'
import { pointerTo, type Fault } from './fault.ts'
import type { LoadBalancer } from './load-balancer.ts'
import { missing, repeated, type LocalFault } from './local-fault.ts'
import { poolsOfRoute, routeOf, type Policy, type PolicyRule } from './policy.ts'
import { closestZone, delegationAbove, recordsByOwner, STEERED } from './zone-owners.ts'

export function balancerFaults(balancer: LoadBalancer, configuration: Configuration): LocalFault[] {
  const { policy } = balancer
  return [
    ...missing(configuration, { kind: 'zone', key: balancer.zone, pointer: '/zone' }),
    ...routeFaults(policy, '/policy', configuration),
    ...(policy.rules ?? []).flatMap((rule, index) => {
      const pointer = pointerTo('/policy', 'rules', index)
      return [
        ...routeFaults(rule, pointer, configuration),
        ...conditionFaults(rule, `${pointer}/when`, configuration),
      ]
    }),
    ...nearestFaults(policy, configuration),
    ...placeFaults(balancer, configuration),
    ...endpointFaults(balancer, configuration),
  ]
}

function routeFaults(at: Policy | PolicyRule, pointer: string, configuration: Configuration): LocalFault[] {
  const route = routeOf(at)
  const names = poolsOfRoute(route)
  const list = `${pointer}/${route.kind}`
  return names.flatMap((key, index) => [
    ...missing(configuration, {
      kind: 'pool',
      key,
      pointer: `${list}/${index}${route.kind === 'tiers' ? '/pool' : ''}`,
    }),
    ...repeated(names, index, list),
  ])
}

function conditionFaults({ when }: PolicyRule, pointer: string, configuration: Configuration): LocalFault[] {
  const { clientMap } = when
  if (clientMap === undefined)
    return settingsOf(configuration).geoip.enabled
      ? []
      : [needsLocations(pointer, 'a rule by continent, country or ASN')]
  const { map, entries } = clientMap
  const known = configuration.clientMap.get(map)
  return [
    ...missing(configuration, { kind: 'clientMap', key: map, pointer: `${pointer}/clientMap/map` }),
    ...entries.flatMap((name, index): Fault[] => {
      const at = `${pointer}/clientMap/entries`
      if (known === undefined || known.entries.some((entry) => entry.name === name))
        return repeated(entries, index, at)
      return [{ pointer: `${at}/${index}`, message: `the client map '${map}' has no entry '${name}'` }]
    }),
  ]
}

function nearestFaults({ kind }: Policy, configuration: Configuration): Fault[] {
  if (kind !== 'nearest' || settingsOf(configuration).geoip.enabled) return []
  return [needsLocations('/policy/kind', "the policy 'nearest'")]
}

function needsLocations(pointer: string, what: string): Fault {
  return {
    pointer,
    message: `${what} needs a database of locations: give every nameserver one (--geoip-database), then set settings.geoip.enabled to true`,
  }
}

/** What stands in its way in DNS. */
function placeFaults(balancer: LoadBalancer, configuration: Configuration): Fault[] {
  const { name } = balancer
  const zone = configuration.zone.get(balancer.zone)
  if (zone === undefined) return []
  const faults: Fault[] = []
  if (!isWithin(name, zone.name))
    faults.push({ pointer: '/name', message: `'${name}' is not in the zone '${zone.name}'` })
  const closer = closestZone(name, configuration)
  if (closer !== undefined && closer !== zone.name && isWithin(closer, zone.name))
    faults.push({
      pointer: '/zone',
      message: `'${name}' belongs to the zone '${closer}', which is closer`,
    })
  for (const record of recordsByOwner(zone).get(name) ?? [])
    if (STEERED.has(record.type))
      faults.push({
        pointer: '/name',
        message: `the zone '${zone.name}' has a static ${record.type} record of this name: remove one of the two`,
      })
  const cut = delegationAbove(name, zone)
  if (cut !== undefined)
    faults.push({
      pointer: '/name',
      message: `the zone '${zone.name}' delegates '${cut}' (NS record), so '${name}' is never asked for here`,
    })
  return faults
}
