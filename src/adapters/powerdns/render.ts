/**
 * Record sets to rows of PowerDNS's generic-SQL tables (one `records` row a value). Pure.
 * What must stay true: a row that PowerDNS cannot parse makes the whole owner name SERVFAIL, so every name and number is
 * checked again here and a bad one is thrown; nothing differs between two renderings of the same records.
 * Source: PowerDNS 4.7, docs "Generic SQL backends", and trials on the server (test/e2e/powerdns-records.test.ts).
 */
import { parseName } from '../../core/dns/name.ts'
import type { OwnerRecords, PlainRecordSet, RecordSet } from '../../core/dns/record-set.ts'
import { parseAddress } from '../../core/net/address.ts'
import type { Zone } from '../../core/model/zone.ts'
import type { SubnetTrust } from '../lua/lua-prefix.ts'
import { nsec3Hash } from '../dnssec/nsec3-hash.ts'
import { includedLua, refusedLua, steeredLua, type LuaPlace, type LuaTexts } from './lua-text.ts'

/** Without domain_id and name, which the storage knows. */
export interface PowerDnsRow {
  /** null for an empty non-terminal. */
  readonly type: string | null
  readonly content: string | null
  readonly ttl: number | null
  /** MX preference and SRV priority stand here, not in the content. */
  readonly prio: number | null
  /** Labels below the zone, last first, for NSEC; null for names that have no place in that order. */
  readonly ordername: string | null
  /** False for a delegation's NS and for glue: not this zone's to sign. */
  readonly auth: boolean
}

/** Where an owner name stands towards the zone's delegations. */
export type NameStanding = 'authoritative' | 'cut' | 'glue'

export type DenialOfExistence = 'nsec' | 'nsec3'

export interface OwnerPlace {
  readonly name: string
  readonly zone: string
  /** By which order the zone proves that a name is not there. */
  readonly denial: DenialOfExistence
  readonly standing: NameStanding
}

/** For record sets that are chosen for each query. */
export interface LuaContext {
  readonly place: LuaPlace & Partial<LuaTexts>
  readonly trust: SubnetTrust
}

/** Nobody asks for it. */
const TEXT_TTL_SEC = 60

/** The rows of one owner name, in a stable order. */
export function renderOwner(records: OwnerRecords, place: OwnerPlace, lua: LuaContext): PowerDnsRow[] {
  checkName(place.name)
  return records.flatMap((set) => renderSet(set, place, lua))
}

/** The row of a name that has nothing itself but names below it: without it PowerDNS says NXDOMAIN (RFC 8020). */
export function renderEmptyNonTerminal({ name, denial }: Pick<OwnerPlace, 'name' | 'denial'>): PowerDnsRow {
  // It owns nothing that NSEC could list, but has a hash of its own (RFC 5155 7.1).
  const ordername = denial === 'nsec3' ? nsec3Hash(name) : null
  return { type: null, content: null, ttl: null, prio: null, ordername, auth: true }
}

/** The row of a text that LUA records include. */
export function renderText(text: string, place: Omit<OwnerPlace, 'standing'>): PowerDnsRow {
  const ordername = orderName(place)
  return { type: 'LUA', content: includedLua(text), ttl: TEXT_TTL_SEC, prio: null, ordername, auth: true }
}

/** The SOA's content (RFC 1035 3.3.13). */
export function renderSoa(zone: Zone, serial: number): string {
  const { soa } = zone
  const [primary = ''] = zone.nameservers
  const contact = soa.contact ?? `hostmaster.${zone.name}`
  const times = [serial, soa.refreshSec, soa.retrySec, soa.expireSec, soa.negativeTtlSec]
  return [checkName(primary), checkName(contact), ...times.map((value) => integer(value, 2 ** 32 - 1))].join(
    ' ',
  )
}

/** Labels of `name` below `zone`, last first, as PowerDNS orders names for NSEC; the hashed name for NSEC3. */
export function orderName({ name, zone, denial }: Omit<OwnerPlace, 'standing'>): string {
  if (denial === 'nsec3') return nsec3Hash(name)
  return name === zone
    ? ''
    : name
        .slice(0, -zone.length - 1)
        .split('.')
        .reverse()
        .join(' ')
}

function renderSet(set: RecordSet, place: OwnerPlace, lua: LuaContext): PowerDnsRow[] {
  const { standing } = place
  // Of what stands at a delegation only the DS is this zone's own (RFC 4035 2.2).
  const auth = standing === 'authoritative' || (standing === 'cut' && set.type === 'DS')
  const ordername = standing === 'glue' ? null : orderName(place)
  const base = { ttl: integer(set.ttlSec, 2 ** 31 - 1), prio: null, ordername, auth }
  switch (set.kind) {
    case 'plain':
      return set.values.map((value) => ({ ...base, type: set.type, ...contentOf(set.type, value) }))
    case 'steered':
      return [{ ...base, type: 'LUA', content: steeredLua(set, lua.place, lua.trust) }]
    case 'refused':
      return [{ ...base, type: 'LUA', content: refusedLua(set) }]
  }
}

type Content = Pick<PowerDnsRow, 'content'> & { readonly prio?: number }

/** `value` is in presentation format; PowerDNS takes names with or without the trailing dot. */
function contentOf(type: PlainRecordSet['type'], value: string): Content {
  switch (type) {
    case 'A':
    case 'AAAA':
      return { content: addressText(type, value) }
    case 'CNAME':
    case 'NS':
      return { content: checkName(value) }
    case 'TXT':
      if (!/^"(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*$/.test(value) || hasControls(value))
        throw malformed(type)
      return { content: value }
    case 'DS':
      if (!/^\d{1,5} \d{1,3} \d{1,3} [0-9a-f]{2,1024}$/.test(value)) throw malformed(type)
      return { content: value }
    case 'CAA': {
      if (!/^\d{1,3} [a-z0-9]{1,15} "(?:[^"\\]|\\.)*"$/.test(value) || hasControls(value))
        throw malformed(type)
      return { content: value }
    }
    case 'HTTPS':
    case 'SVCB':
      return { content: serviceBinding(type, value) }
    case 'MX': {
      const [preference, exchange = '', ...rest] = value.split(' ')
      if (rest.length > 0) throw malformed(type)
      return { prio: integer(Number(preference), 65_535), content: checkName(exchange) }
    }
    case 'SRV': {
      const [priority, weight, port, target = '', ...rest] = value.split(' ')
      if (rest.length > 0) throw malformed(type)
      const [w, p] = [integer(Number(weight), 65_535), integer(Number(port), 65_535)]
      return { prio: integer(Number(priority), 65_535), content: `${w} ${p} ${checkName(target)}` }
    }
  }
}

/** Priority, target and parameters (RFC 9460 2.1), each in the form in which core writes it. */
function serviceBinding(type: string, value: string): string {
  const [priority, target = '', ...parameters] = value.split(' ')
  integer(Number(priority), 65_535)
  if (target !== '.') checkName(target)
  for (const parameter of parameters)
    if (!/^(?:alpn|port|ipv4hint|ipv6hint)=[A-Za-z0-9:.,/-]+$/.test(parameter)) throw malformed(type)
  return value
}

function addressText(type: 'A' | 'AAAA', value: string): string {
  const parsed = parseAddress(value)
  if (parsed.kind !== 'address' || (parsed.address.family === 4) !== (type === 'A')) throw malformed(type)
  return parsed.address.text
}

function checkName(name: string): string {
  const parsed = parseName(name, { wildcard: true })
  if (parsed.kind !== 'name' || parsed.name !== name) throw malformed('name')
  return name
}

function integer(value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) throw malformed('number')
  return value
}

function hasControls(text: string): boolean {
  return /[^\x20-\x7e]/.test(text)
}

function malformed(what: string): TypeError {
  return new TypeError(`a malformed ${what} reached the publisher: it is not written`)
}
