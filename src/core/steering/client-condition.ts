/**
 * Which clients a rule is about: its `when`, with a client map written out as prefixes.
 * What must stay true: the longest prefix of the whole map decides, so that an entry within a larger one takes its clients away
 * from it; what lies outside of the entries named cannot matter, and is left out.
 */
import type { ClientMap } from '../model/client-map.ts'
import type { PolicyRule } from '../model/policy.ts'
import { networkOf } from '../net/prefix.ts'
import type { ClientCondition } from './selector.ts'

export function conditionOf(
  { continents, countries, asns, clientMap }: PolicyRule['when'],
  maps: ReadonlyMap<string, ClientMap>,
): ClientCondition {
  if (continents !== undefined) return { kind: 'continents', continents: [...continents].sort() }
  if (countries !== undefined) return { kind: 'countries', countries: [...countries].sort() }
  if (asns !== undefined) return { kind: 'asns', asns: asns.toSorted((a, b) => a - b) }
  const { map = '', entries = [] } = clientMap ?? {}
  return prefixesOf(maps.get(map), map, entries)
}

/** In words, for steps: 'clients in AF, EU'. */
export function conditionText({ continents, countries, asns, clientMap }: PolicyRule['when']): string {
  if (continents !== undefined) return `clients in ${continents.join(', ')}`
  if (countries !== undefined) return `clients in ${countries.join(', ')}`
  if (asns !== undefined) return `clients in ${asns.map((asn) => `AS${asn}`).join(', ')}`
  const { map = '', entries = [] } = clientMap ?? {}
  return `clients that the map ${map} puts into ${entries.join(', ')}`
}

type PrefixCondition = Extract<ClientCondition, { kind: 'prefixes' }>

/** A map never changes and may hold thousands of prefixes, and every plan of a balancer asks again. */
const known = new WeakMap<ClientMap, Map<string, PrefixCondition>>()

function prefixesOf(map: ClientMap | undefined, name: string, entries: readonly string[]): PrefixCondition {
  if (map === undefined) return { kind: 'prefixes', map: name, include: [], exclude: [] }
  const ofMap = known.get(map) ?? new Map<string, PrefixCondition>()
  known.set(map, ofMap)
  const id = entries.join(' ')
  const before = ofMap.get(id)
  if (before !== undefined) return before
  const named = new Set(entries)
  const [inside = [], outside = []] = [true, false].map((isNamed) =>
    map.entries.filter((entry) => named.has(entry.name) === isNamed).flatMap((entry) => entry.prefixes),
  )
  const condition: PrefixCondition = {
    kind: 'prefixes',
    map: name,
    include: [...inside].sort(),
    exclude: withinAny(outside, inside).sort(),
  }
  ofMap.set(id, condition)
  return condition
}

/** Those of `prefixes` that lie within one of `others`. */
function withinAny(prefixes: readonly string[], others: readonly string[]): string[] {
  const wider = new Set(others)
  const lengths = [...new Set(others.map(lengthOf))]
  return prefixes.filter((prefix) => {
    const address = prefix.slice(0, prefix.indexOf('/'))
    const own = lengthOf(prefix)
    return lengths.some((length) => length < own && wider.has(`${networkOf(address, length)}/${length}`))
  })
}

function lengthOf(prefix: string): number {
  return Number(prefix.slice(prefix.indexOf('/') + 1))
}
