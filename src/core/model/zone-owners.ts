/** Which of our zones a name lies in, and what a zone holds itself at and above a name. */
import { absoluteName, isWithin, namesUpFrom } from '../dns/name.ts'
import type { Configuration } from './configuration.ts'
import type { StaticRecord, Zone } from './zone.ts'

/** Types that a load balancer answers itself, or that cannot stand beside what it answers. */
export const STEERED: ReadonlySet<string> = new Set(['A', 'AAAA', 'CNAME'])

/** The name at or above `name` that the zone delegates away, if it does: what is below it is never answered (RFC 1034 4.2.1). */
export function delegationAbove(name: string, zone: Zone): string | undefined {
  const owners = recordsByOwner(zone)
  return namesUpFrom(name).find(
    (above) =>
      above !== zone.name &&
      isWithin(above, zone.name) &&
      owners.get(above)?.some((record) => record.type === 'NS'),
  )
}

/** The closest of our zones above a zone: it loses, or gets back, what is at and below that zone's name. */
export function enclosingZone(zone: string, configuration: Configuration): string | undefined {
  return namesUpFrom(zone).find((above) => above !== zone && configuration.zone.has(above))
}

export function closestZone(name: string, configuration: Configuration): string | undefined {
  return namesUpFrom(name).find((above) => configuration.zone.has(above))
}

/** By absolute owner name. Kept as long as the zone is: many balancers are checked against one zone, which never changes. */
export function recordsByOwner(zone: Zone): ReadonlyMap<string, readonly StaticRecord[]> {
  const known = ownersOfZone.get(zone)
  if (known !== undefined) return known
  const owners = Map.groupBy(zone.records, (record) => absoluteName(record.name, zone.name))
  ownersOfZone.set(zone, owners)
  return owners
}
const ownersOfZone = new WeakMap<Zone, ReadonlyMap<string, readonly StaticRecord[]>>()
