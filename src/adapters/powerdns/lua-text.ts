/**
 * The only Lua that Fairlead writes into PowerDNS's records. PowerDNS runs a LUA record's text as code, so nothing that a person
 * wrote may reach it as text.
 * What must stay true: the text holds only this module's own words, numbers, names of files (lua-files.ts), and addresses and
 * host names that were parsed again here and are written from their parsed form; anything else is thrown, never escaped. The path
 * of the files is written by luaString.
 */
import { parseName } from '../../core/dns/name.ts'
import type { RefusedRecordSet, SteeredRecordSet, SteeredType } from '../../core/dns/record-set.ts'
import { valueKey } from '../../core/steering/client-hash.ts'
import type { ClientCondition, Leaf, Selector } from '../../core/steering/selector.ts'
import { parseAddress } from '../../core/net/address.ts'
import type { SubnetTrust } from '../lua/lua-prefix.ts'
import { prefixSet } from './lua-library.ts'

/** Where the text keeps what it calls: LuaFiles. */
export interface LuaPlace {
  library(trust: SubnetTrust): string
  keep(source: object, make: () => string): string
}

/** A place that is the zone itself. */
export interface LuaTexts {
  /** Owner names below the zone, with the text that has to stand there for these contents of its records. */
  needed(zone: string, contents: Iterable<string>): ReadonlyMap<string, string>
  /** Of what was not needed: may it go? null: the owner name is no place of a text. */
  isUnused(owner: string, zone: string): boolean | null
}

/** Weights are added up where endpoints share an address; the sum still has to be an exact integer in Lua's doubles. */
const MAX_WEIGHT = 2 ** 48
/** PowerDNS compiles a record's text for every query: a longer one is a file, which each thread reads once. */
const MAX_TEXT = 1_500

/** Content of a LUA row that chooses for each query. Throws TypeError on hostile input. */
export function steeredLua(set: SteeredRecordSet, place: LuaPlace, trust: SubnetTrust = 'all'): string {
  const type = steeredType(set.type)
  const library = place.library(trust)
  const text = selectorText(set.selector, { type, place, library })
  if (text.length <= MAX_TEXT) return record(type, text)
  const kept = place.keep(set.selector, () => {
    return `return function(F) ${selectorText(set.selector, { type, place, library: 'F' })} end`
  })
  return record(type, `return ${library}.x('${kept}')`)
}

/**
 * Content of a LUA row that answers with SERVFAIL: the script raises an error. PowerDNS 4.7 cannot answer REFUSED for one
 * name and type; to a resolver both mean "ask another server, or serve what you still hold" (RFC 8767 4).
 */
export function refusedLua({ type }: Pick<RefusedRecordSet, 'type'>): string {
  const isService = type === 'HTTPS' || type === 'SVCB'
  return record(isService ? type : steeredType(type), "error('refused')")
}

/** Content of a LUA row that others include. */
export function includedLua(text: string): string {
  return `LUA "${text.replaceAll('\\', '\\\\')}"`
}

/** In the presentation format of a LUA record: a backslash of Lua is one of two. */
function record(type: string, lua: string): string {
  return `${type} ";${lua.replaceAll('\\', '\\\\')}"`
}

interface Context {
  readonly type: SteeredType
  readonly place: LuaPlace
  /** An expression. */
  readonly library: string
}

function selectorText(selector: Selector, context: Context): string {
  if (selector.kind !== 'by-client') return leafText(selector, context)
  const inner = { ...context, library: 'F' }
  const branches = selector.branches.map(
    ({ when, then }) => `if ${conditionText(when, context.place)} then ${leafText(then, inner)} end`,
  )
  const head = context.library === 'F' ? [] : [`local F=${context.library}`]
  // Lua wants `return` last in its block.
  return [...head, ...branches, leafText(selector.otherwise, inner)].join(' ')
}

function conditionText(condition: ClientCondition, place: LuaPlace): string {
  switch (condition.kind) {
    case 'continents':
      return `F.continent(${condition.continents.map(code).join(',')})`
    case 'countries':
      return `F.country(${condition.countries.map(code).join(',')})`
    case 'asns':
      return `F.asn(${condition.asns.map((asn) => integer(asn, 2 ** 32 - 1)).join(',')})`
    case 'prefixes':
      return `F.m('${place.keep(condition, () => `return ${prefixSet(condition.include, condition.exclude)}`)}')`
  }
}

/** A statement that returns the values; `library` has what it calls. Throws TypeError on hostile input. */
export function leafText(leaf: Leaf, { type, library }: Pick<Context, 'type' | 'library'>): string {
  switch (leaf.kind) {
    case 'values':
      return `return {${leaf.values.map((value) => quoted(value, type)).join(',')}}`
    case 'weighted': {
      const choices = leaf.choices.map(({ value, weight }) => `${integer(weight)},${quoted(value, type)}`)
      return `return ${library}.w(${integer(leaf.answers)},{${some(choices)}})`
    }
    case 'sticky': {
      const choices = leaf.choices.map(
        ({ value, weight }) => `${integer(weight)},${integer(valueKey(value))},${quoted(value, type)}`,
      )
      const bits = `${bitsText(leaf.ipv4PrefixBits, 32)},${bitsText(leaf.ipv6PrefixBits, 128)}`
      return `return ${library}.s(${integer(leaf.answers)},${bits},{${some(choices)}})`
    }
    case 'nearest': {
      const choices = leaf.choices.map(
        ({ value, latitude, longitude }) =>
          `${degrees(latitude, 90)},${degrees(longitude, 180)},${quoted(value, type)}`,
      )
      return `return ${library}.n(${integer(leaf.answers)},{${some(choices)}})`
    }
    case 'refuse':
      return "error('refused')"
    case 'empty':
      return 'return {}'
  }
}

function steeredType(type: unknown): SteeredType {
  if (type === 'A' || type === 'AAAA' || type === 'CNAME') return type
  throw new TypeError('a LUA record is written for A, AAAA and CNAME only')
}

function some(choices: readonly string[]): string {
  if (choices.length === 0) throw new TypeError('a steered record set without choices')
  return choices.join(',')
}

function integer(value: unknown, max = MAX_WEIGHT): string {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= max)
    return value.toFixed(0)
  throw new TypeError('an integer above 0 is expected in a steered record set')
}

function bitsText(value: unknown, max: number): string {
  if (value === 0) return '0'
  return integer(value, max)
}

function degrees(value: unknown, max: number): string {
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= max)
    // Never as 1e-7, which Lua reads as well, but which a reader of these texts does not expect.
    return value.toFixed(9).replace(/\.?0+$/, '')
  throw new TypeError('coordinates in degrees are expected in a steered record set')
}

/** As PowerDNS's lookups give them: in small letters. */
function code(value: unknown): string {
  if (typeof value === 'string' && /^[A-Z]{2}$/.test(value)) return `'${value.toLowerCase()}'`
  throw new TypeError('a code of two letters is expected in a steered record set')
}

function quoted(value: unknown, type: SteeredType): string {
  const text = typeof value === 'string' ? (type === 'CNAME' ? hostname(value) : address(value, type)) : null
  // The parsers give these characters only; this is the last line of defence, beside the code that it defends.
  if (text === null || !/^[0-9a-z.:_-]+$/.test(text))
    throw new TypeError(`a value for ${type} is expected in a steered record set`)
  return `'${text}'`
}

function address(value: string, type: 'A' | 'AAAA'): string | null {
  const parsed = parseAddress(value)
  if (parsed.kind !== 'address' || parsed.address.family !== (type === 'A' ? 4 : 6)) return null
  return parsed.address.text
}

function hostname(value: string): string | null {
  const parsed = parseName(value, {})
  return parsed.kind === 'name' && parsed.name === value ? value : null
}
