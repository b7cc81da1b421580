/**
 * Where in the served zones a name is answered from: the search of RFC 1034 4.3.2, with wildcards as RFC 4592 says and empty
 * non-terminals as names that exist. Only for `explain`; the DNS server does its own.
 */
import { absoluteName, isWithin, namesUpFrom } from '../dns/name.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Zone } from '../model/zone.ts'

export type Location =
  | { readonly kind: 'not-served' }
  /** A static NS set below the apex, at or above the name: the zone's authority ends there. */
  | {
      readonly kind: 'delegation'
      readonly zone: Zone
      readonly cut: string
      readonly nameservers: readonly string[]
    }
  /** The name exists; `owner` has its records, if any (none: an empty non-terminal). */
  | { readonly kind: 'owner'; readonly zone: Zone; readonly owner: string; readonly byWildcard: boolean }
  | { readonly kind: 'nxdomain'; readonly zone: Zone; readonly closestEncloser: string }

/** `answers` tells whether a load balancer has any record set; one that has none does not exist in DNS. */
export function locateName(
  name: string,
  configuration: Configuration,
  answers: (balancer: string) => boolean,
): Location {
  const zone = namesUpFrom(name).flatMap((ancestor) => configuration.zone.get(ancestor) ?? [])[0]
  if (zone === undefined) return { kind: 'not-served' }
  const inZone = namesUpFrom(name).filter((ancestor) => isWithin(ancestor, zone.name))
  const cut = findCut(zone, inZone)
  if (cut !== undefined) return { kind: 'delegation', zone, ...cut }
  const owners = [
    zone.name,
    ...zone.records.map((record) => absoluteName(record.name, zone.name)),
    ...Array.from(configuration.loadBalancer.values()).flatMap((one) =>
      one.zone === zone.name ? [one.name] : [],
    ),
  ]
  const statics = 1 + zone.records.length
  const exists = (node: string) =>
    owners.some((owner, index) => isWithin(owner, node) && (index < statics || answers(owner)))
  if (exists(name)) return { kind: 'owner', zone, owner: name, byWildcard: false }
  const closestEncloser = inZone.find(exists) ?? zone.name
  const wildcard = `*.${closestEncloser}`
  if (exists(wildcard)) return { kind: 'owner', zone, owner: wildcard, byWildcard: true }
  return { kind: 'nxdomain', zone, closestEncloser }
}

/** The topmost zone cut at or above the name. */
function findCut(
  zone: Zone,
  inZone: readonly string[],
): { readonly cut: string; readonly nameservers: readonly string[] } | undefined {
  for (const ancestor of inZone.toReversed()) {
    if (ancestor === zone.name) continue
    for (const record of zone.records)
      if (record.type === 'NS' && absoluteName(record.name, zone.name) === ancestor)
        return { cut: ancestor, nameservers: record.values }
  }
  return undefined
}
