/**
 * The static record sets of a zone, by absolute owner name.
 * What must stay true: made once for each zone, and kept as long as the zone is: a transition asks for them at each balancer
 * of the zone, and must not cost what the zone's records do.
 */
import { absoluteName } from '../dns/name.ts'
import type { PlainRecordSet } from '../dns/record-set.ts'
import type { StaticRecord, Zone } from '../model/zone.ts'

export type StaticOwners = ReadonlyMap<string, readonly PlainRecordSet[]>

/** The zone's NS at its apex among them. The same zone gives the same map. */
export function staticOwners(zone: Zone): StaticOwners {
  const known = ownersOfZone.get(zone)
  if (known !== undefined) return known
  const owners = ownersOf(zone)
  ownersOfZone.set(zone, owners)
  return owners
}
const ownersOfZone = new WeakMap<Zone, StaticOwners>()

function ownersOf(zone: Zone): StaticOwners {
  const owners = new Map<string, PlainRecordSet[]>()
  const add = (set: PlainRecordSet) => {
    const list = owners.get(set.name)
    if (list === undefined) owners.set(set.name, [set])
    else list.push(set)
  }
  add({
    kind: 'plain',
    name: zone.name,
    type: 'NS',
    ttlSec: zone.ttlSec,
    values: [...zone.nameservers].sort(),
  })
  for (const record of zone.records)
    add({
      kind: 'plain',
      name: absoluteName(record.name, zone.name),
      type: record.type,
      ttlSec: record.ttlSec ?? zone.ttlSec,
      values: presentationOf(record).sort(),
    })
  return owners
}

/** RFC 1035 presentation format of each value. */
function presentationOf(record: StaticRecord): string[] {
  switch (record.type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
      return [...record.values]
    case 'TXT':
      return record.values.map(quotedStrings)
    case 'MX':
      return record.values.map((value) => `${value.preference} ${value.exchange}`)
    case 'SRV':
      return record.values.map((value) => `${value.priority} ${value.weight} ${value.port} ${value.target}`)
    case 'DS':
      return record.values.map(
        ({ keyTag, algorithm, digestType, digest }) => `${keyTag} ${algorithm} ${digestType} ${digest}`,
      )
    case 'CAA':
      return record.values.map((value) => `${value.flags} ${value.tag} ${quoted(value.value)}`)
  }
}

function quotedStrings(text: string): string {
  return (text.match(/.{1,255}/g) ?? ['']).map(quoted).join(' ')
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
