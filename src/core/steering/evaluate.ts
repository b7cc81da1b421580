/**
 * What a selector answers to one client: for `explain`, `simulate` and the tests.
 * What must stay true: it is the exact twin of what the DNS server runs (adapters/lua, adapters/powerdns/lua-library.ts); for the same client,
 * and where chance decides in the same proportions, it gives the same values (test/e2e/differential.test.ts).
 */
import ipaddr from 'ipaddr.js'
import { familyOf } from '../net/address.ts'
import { clientHash, stickyScore, valueKey } from './client-hash.ts'
import type { ClientCondition, Leaf, PlacedChoice, Selector, WeightedChoice } from './selector.ts'

/** Where a database of locations puts an address; what it does not know is absent. */
export interface ClientLocation {
  /** AF, AN, AS, EU, NA, OC, SA. */
  readonly continent?: string
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  readonly asn?: number
  /** Degrees. */
  readonly latitude?: number
  readonly longitude?: number
}

export interface Client {
  /** Canonical: that of the EDNS client subnet where it is believed, else the resolver's. */
  readonly address: string
  /** null: there is no database, or it does not know the address. */
  readonly location: ClientLocation | null
}

export interface Evaluation {
  /** In no order; none for 'empty'. */
  readonly values: readonly string[]
  /** The branch that decided; null: the one for all others, or there are none. */
  readonly branch: number | null
  readonly refused: boolean
}

/** `random` gives 0 up to 1, 1 excluded; asked once for each value that chance decides. */
export function evaluate(selector: Selector, client: Client, random: () => number): Evaluation {
  if (selector.kind !== 'by-client') return { ...evaluateLeaf(selector, client, random), branch: null }
  const found = selector.branches.findIndex(({ when }) => holds(when, client))
  const leaf = selector.branches[found]?.then ?? selector.otherwise
  return { ...evaluateLeaf(leaf, client, random), branch: found === -1 ? null : found }
}

export function holds(condition: ClientCondition, { address, location }: Client): boolean {
  switch (condition.kind) {
    case 'continents':
      return location?.continent !== undefined && condition.continents.includes(location.continent)
    case 'countries':
      return location?.country !== undefined && condition.countries.includes(location.country)
    case 'asns':
      return location?.asn !== undefined && condition.asns.includes(location.asn)
    case 'prefixes':
      return longestMatch(condition.include, address) > longestMatch(condition.exclude, address)
  }
}

function evaluateLeaf(leaf: Leaf, client: Client, random: () => number): Omit<Evaluation, 'branch'> {
  switch (leaf.kind) {
    case 'values':
      return { values: leaf.values, refused: false }
    case 'weighted':
      return { values: draw(leaf.choices, leaf.answers, random), refused: false }
    case 'sticky':
      return { values: stick(leaf, client.address), refused: false }
    case 'nearest':
      return { values: nearest(leaf, client.location, random), refused: false }
    case 'refuse':
      return { values: [], refused: true }
    case 'empty':
      return { values: [], refused: false }
  }
}

/** Without putting back: n different ones, each drawn in proportion to the weights that are left. */
function draw(choices: readonly WeightedChoice[], count: number, random: () => number): string[] {
  const left = choices.map(({ value, weight }) => ({ value, weight }))
  let total = left.reduce((sum, { weight }) => sum + weight, 0)
  const drawn: string[] = []
  while (drawn.length < count && left.length > 0) {
    let at = random() * total
    let index = 0
    while (index < left.length - 1 && at >= (left[index]?.weight ?? 0)) {
      at -= left[index]?.weight ?? 0
      index += 1
    }
    const [taken] = left.splice(index, 1)
    if (taken === undefined) break
    total -= taken.weight
    drawn.push(taken.value)
  }
  return drawn
}

function stick(leaf: Extract<Leaf, { kind: 'sticky' }>, address: string): string[] {
  const bits = familyOf(address) === 4 ? leaf.ipv4PrefixBits : leaf.ipv6PrefixBits
  const client = clientHash(address, bits)
  return leaf.choices
    .map(({ value, weight }, index) => ({
      value,
      index,
      score: stickyScore(client, valueKey(value), weight),
    }))
    .sort((a, b) => a.score - b.score || a.index - b.index)
    .slice(0, leaf.answers)
    .map(({ value }) => value)
}

/** Those at the nearest place, then those at the next one; chance decides among those at one place, and for the unknown. */
function nearest(
  { choices, answers }: Extract<Leaf, { kind: 'nearest' }>,
  location: ClientLocation | null,
  random: () => number,
): string[] {
  const { latitude, longitude } = location ?? {}
  const isKnown = latitude !== undefined && longitude !== undefined
  const distance = (choice: PlacedChoice) => (isKnown ? haversine({ latitude, longitude }, choice) : 0)
  const groups = [...Map.groupBy(choices, distance)].sort(([a], [b]) => a - b)
  const found: string[] = []
  for (const [, group] of groups)
    if (found.length < answers)
      found.push(
        ...draw(
          group.map(({ value }) => ({ value, weight: 1 })),
          answers - found.length,
          random,
        ),
      )
  return found
}

interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

/** Grows with the distance on the sphere, 0 to 1; no distance itself, because only the order matters. */
export function haversine(a: Coordinates, b: Coordinates): number {
  const radians = Math.PI / 180
  const sinLatitude = Math.sin(((b.latitude - a.latitude) * radians) / 2)
  const sinLongitude = Math.sin(((b.longitude - a.longitude) * radians) / 2)
  const cosines = Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians)
  return sinLatitude * sinLatitude + cosines * sinLongitude * sinLongitude
}

/** Length of the longest prefix that holds the address; -1: none does. */
function longestMatch(prefixes: readonly string[], address: string): number {
  const bytes = ipaddr.parse(address).toByteArray()
  let longest = -1
  for (const prefix of prefixes) {
    const slash = prefix.indexOf('/')
    const length = Number(prefix.slice(slash + 1))
    if (length <= longest || familyOf(prefix) !== familyOf(address)) continue
    if (sharesBits(bytes, ipaddr.parse(prefix.slice(0, slash)).toByteArray(), length)) longest = length
  }
  return longest
}

function sharesBits(a: readonly number[], b: readonly number[], bits: number): boolean {
  for (let index = 0; index * 8 < bits; index += 1) {
    const shift = 8 - Math.min(8, bits - index * 8)
    if ((a[index] ?? 0) >> shift !== (b[index] ?? 0) >> shift) return false
  }
  return true
}
