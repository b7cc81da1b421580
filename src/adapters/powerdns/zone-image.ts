/**
 * What the storage holds of one zone, in memory, and what a change makes of it. Pure.
 * What must stay true: the image is what was last committed, so that finding what differs costs look-ups and no query; rows
 * that do not differ are not touched.
 */
import { isWithin } from '../../core/dns/name.ts'
import type { OwnerRecords } from '../../core/dns/record-set.ts'
import type {
  ServerKey,
  TransferKey,
  ZoneChange,
  ZoneSigning,
  ZoneTransfer,
} from '../../ports/zone-storage.ts'
import {
  type DenialOfExistence,
  renderEmptyNonTerminal,
  renderOwner,
  renderSoa,
  renderText,
  type LuaContext,
  type PowerDnsRow,
  type NameStanding,
} from './render.ts'

export interface ZoneImage {
  readonly id: number
  readonly serial: number
  /** SOA content with serial 0, and its TTL: what of the SOA is configuration. */
  readonly soa: string
  /** Fingerprint of the rows of each owner name, those of empty non-terminals too; without the SOA. */
  readonly owners: ReadonlyMap<string, string>
  /** Names at which the zone delegates: those with NS records, the apex excepted. */
  readonly cuts: ReadonlySet<string>
  readonly denial: DenialOfExistence
  /** Fingerprint of the keys and of the denial; '' where it is not signed. */
  readonly signing: string
  /** Fingerprint of the keys by which it is transferred; '' where it is not. */
  readonly transfer: string
}

export interface ZoneDifference {
  /** Owner name to the rows that are to stand there; none: it goes. */
  readonly rows: ReadonlyMap<string, readonly PowerDnsRow[]>
  readonly soa: string
  readonly soaDiffers: boolean
  readonly cuts: ReadonlySet<string>
  readonly denial: DenialOfExistence
  readonly signing: string
  /** What is to be written of it; null: it stays. */
  readonly resigning: Exclude<ZoneSigning, { kind: 'unavailable' }> | null
  readonly transfer: string
  readonly retransfer: ZoneTransfer | null
}

/** What has to be written so that `image` becomes what `change` asks for. */
export function differenceOf(
  image: ZoneImage | undefined,
  change: ZoneChange,
  lua: LuaContext,
): ZoneDifference {
  const zone = change.zone.name
  const known = image?.owners ?? new Map<string, string>()
  const rows = new Map<string, readonly PowerDnsRow[]>()
  const { denial, signing, resigning } = signingAfter(image, change.signing)
  const propose = (name: string, next: readonly PowerDnsRow[]) => {
    if ((known.get(name) ?? '') !== fingerprint(next)) rows.set(name, next)
  }
  const cuts = cutsAfter(image?.cuts, change)
  const owners = new Map<string, readonly PowerDnsRow[] | null>()
  for (const [name, records] of change.owners) {
    const place = { name, zone, denial, standing: standingOf(name, cuts) }
    owners.set(name, records && renderOwner(records, place, lua))
  }
  for (const [name, text] of lua.place.needed?.(zone, contentsOf(owners)) ?? [])
    owners.set(name, [renderText(text, { name, zone, denial })])
  for (const [name, next] of owners)
    if (next !== null) propose(name, next)
    // An empty non-terminal is nobody's to remove: it goes when nothing stands below it any more.
    else if (!isEmptyNonTerminal(known.get(name) ?? '')) rows.set(name, [])

  const present = ownersAfter(known, { zone, scope: change.scope, owners }, lua)
  if (present !== null) {
    const empty = emptyNonTerminals(present, zone)
    for (const name of empty) propose(name, [renderEmptyNonTerminal({ name, denial })])
    for (const name of known.keys()) if (!present.has(name) && !empty.has(name)) rows.set(name, [])
  }
  const soa = `${change.zone.ttlSec} ${renderSoa(change.zone, 0)}`
  const before = image?.transfer ?? ''
  const transfer = change.transfer === undefined ? before : transferPrint(change.transfer.keys)
  const retransfer = transfer === before ? null : (change.transfer ?? null)
  return {
    ...{ rows, soa, soaDiffers: image?.soa !== soa, cuts, denial, signing, resigning },
    ...{ transfer, retransfer },
  }
}

/** The image after `difference` was committed. */
export function imageAfter(
  image: ZoneImage | undefined,
  difference: ZoneDifference,
  committed: { readonly id: number; readonly serial: number },
): ZoneImage {
  // The map is this module's own: changing it in place keeps a small change to a large zone small.
  const owners = (image?.owners ?? new Map<string, string>()) as Map<string, string>
  for (const [name, rows] of difference.rows)
    if (rows.length === 0) owners.delete(name)
    else owners.set(name, fingerprint(rows))
  const { soa, cuts, denial, signing, transfer } = difference
  return { ...committed, soa, cuts, denial, signing, transfer, owners }
}

/** One text for all that makes the server sign as it does. */
export function signingPrint(denial: DenialOfExistence, keys: readonly Omit<ServerKey, 'dnskey'>[]): string {
  const texts = keys.map(({ flags, published, active, privateText }) =>
    JSON.stringify([flags, published, active, privateText]),
  )
  return keys.length === 0 ? '' : [denial, ...texts.sort()].join('\n')
}

/** One text for the keys by which a zone is transferred. */
export function transferPrint(keys: readonly TransferKey[]): string {
  return keys
    .map(({ name, algorithm, secret }) => `${name} ${algorithm} ${secret}`)
    .sort()
    .join('\n')
}

function signingAfter(
  image: ZoneImage | undefined,
  asked: ZoneSigning | undefined,
): Pick<ZoneDifference, 'denial' | 'signing' | 'resigning'> {
  if (asked?.kind === 'unavailable') throw new TypeError(asked.reason)
  const { denial: before = 'nsec', signing: printBefore = '' } = image ?? {}
  if (asked === undefined) return { denial: before, signing: printBefore, resigning: null }
  const denial = asked.kind === 'signed' ? asked.denial : 'nsec'
  const signing = asked.kind === 'signed' ? signingPrint(denial, asked.keys) : ''
  return { denial, signing, resigning: signing === printBefore ? null : asked }
}

/** One text for the rows of an owner name, whatever their order. */
export function fingerprint(rows: readonly PowerDnsRow[]): string {
  return rows
    .map((row) => JSON.stringify([row.type, row.content, row.ttl, row.prio, row.ordername, row.auth]))
    .sort()
    .join('\n')
}

export function isEmptyNonTerminal(fingerprintOfOwner: string): boolean {
  return fingerprintOfOwner.startsWith('[null,')
}

/** Owner names with records after the change; null when they are the same names as before. */
function ownersAfter(
  known: ReadonlyMap<string, string>,
  change: {
    readonly zone: string
    readonly scope: ZoneChange['scope']
    readonly owners: ReadonlyMap<string, unknown>
  },
  { place }: LuaContext,
): Set<string> | null {
  const { zone, scope, owners } = change
  const holds = (name: string) => {
    const print = known.get(name)
    return print !== undefined && !isEmptyNonTerminal(print)
  }
  const sameNames = Array.from(owners).every(([name, next]) => holds(name) === (next !== null))
  if (scope === 'update' && sameNames) return null
  const names = new Set<string>()
  const stays = (name: string) => scope === 'update' || place.isUnused?.(name, zone) === false
  for (const name of known.keys()) if (!owners.has(name) && holds(name) && stays(name)) names.add(name)
  for (const [name, next] of owners) if (next !== null) names.add(name)
  return names
}

function* contentsOf(owners: ReadonlyMap<string, readonly PowerDnsRow[] | null>): Generator<string> {
  for (const rows of owners.values())
    for (const { type, content } of rows ?? []) if (type === 'LUA') yield content ?? ''
}

/** Names between an owner name and its zone that hold nothing themselves (RFC 4592 2.2.2). */
function emptyNonTerminals(owners: ReadonlySet<string>, zone: string): Set<string> {
  const empty = new Set<string>()
  for (const owner of owners) {
    if (!isWithin(owner, zone)) throw new TypeError(`'${owner}' is not in the zone '${zone}'`)
    let name = owner
    while (name !== zone) {
      name = name.slice(name.indexOf('.') + 1)
      if (name === zone || owners.has(name) || empty.has(name)) break
      empty.add(name)
    }
  }
  return empty
}

/** The same set where no delegation differs: a zone may have very many. */
function cutsAfter(known: ReadonlySet<string> = new Set(), change: ZoneChange): ReadonlySet<string> {
  const isCut = (name: string, records: OwnerRecords | null) =>
    name !== change.zone.name && (records?.some((set) => set.kind === 'plain' && set.type === 'NS') ?? false)
  const owners = Array.from(change.owners, ([name, records]) => [name, isCut(name, records)] as const)
  if (change.scope === 'update' && owners.every(([name, isOne]) => known.has(name) === isOne)) return known
  const cuts = new Set(change.scope === 'update' ? known : [])
  for (const [name, isOne] of owners)
    if (isOne) cuts.add(name)
    else cuts.delete(name)
  return cuts
}

function standingOf(name: string, cuts: ReadonlySet<string>): NameStanding {
  if (cuts.size === 0) return 'authoritative'
  if (cuts.has(name)) return 'cut'
  for (let above = name; above.includes('.');) {
    above = above.slice(above.indexOf('.') + 1)
    if (cuts.has(above)) return 'glue'
  }
  return 'authoritative'
}
