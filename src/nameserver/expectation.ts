/**
 * What the DNS server has to answer once a change is in force: "published" means that it was seen to. Pure.
 * What must stay true: an expectation never holds for the answer that was replaced, as far as one answer can show that (a
 * weighted set is judged by one draw of it).
 */
import {
  leafValues,
  leavesOf,
  valuesOf,
  type OwnerRecords,
  type RecordSet,
  type RecordType,
  type SteeredRecordSet,
} from '../core/dns/record-set.ts'
import type { DnsAnswer } from '../ports/dns-server.ts'
import type { ZoneSigning } from '../ports/zone-storage.ts'

export interface Expectation {
  readonly name: string
  readonly type: RecordType | 'DNSKEY'
  readonly want: Want
}

type Want =
  | { readonly kind: 'values'; readonly values: readonly string[]; readonly ttlSec: number }
  /** So many of them, all different; or an error, where some clients get one. */
  | ({ readonly kind: 'drawn'; readonly ttlSec: number } & Draw)
  /** The server's way to refuse: SERVFAIL (PowerDNS cannot answer REFUSED for one name). */
  | { readonly kind: 'error' }
  /** The keys of the zone; none: it is not signed. */
  | { readonly kind: 'keys'; readonly values: readonly string[] }
  /** The name is delegated: the server refers to others. */
  | { readonly kind: 'referral' }
  /** Nothing of this type stands here any more; what a wildcard gives instead is not known here. `drawn`: it gave one of the values. */
  | { readonly kind: 'not'; readonly values: readonly string[]; readonly drawn: boolean }

interface Draw {
  readonly values: readonly string[]
  readonly least: number
  readonly most: number
  readonly mayRefuse: boolean
}

export interface OwnerChange {
  readonly name: string
  /** null: the owner went. */
  readonly records: OwnerRecords | null
  /** What was published before; null: nothing, or not known. */
  readonly before: OwnerRecords | null
  /** The name lies at or below a delegation. */
  readonly delegated: boolean
}

export function expectationsOf({ name, records, before, delegated }: OwnerChange): Expectation[] {
  const now = records ?? []
  if (delegated)
    return now.map((set) => ({
      ...{ name, type: set.type },
      // The DS is the one thing at a delegation that this zone answers itself (RFC 4035 3.1.4.1).
      want: set.type === 'DS' ? wantOf(set) : { kind: 'referral' },
    }))
  const gone = (before ?? []).filter((old) => !now.some((set) => set.type === old.type))
  return [
    ...now.map((set): Expectation => ({ name, type: set.type, want: wantOf(set) })),
    ...gone.map((old): Expectation => ({
      name,
      type: old.type,
      want: { kind: 'not', values: valuesOf(old), drawn: old.kind === 'steered' },
    })),
  ]
}

/** The server gives exactly the keys that are published. */
export function keysExpectation(zone: string, signing: ZoneSigning): Expectation[] {
  if (signing.kind === 'unavailable') return []
  const keys = signing.kind === 'signed' ? signing.keys.filter(({ published }) => published) : []
  return [{ name: zone, type: 'DNSKEY', want: { kind: 'keys', values: keys.map(({ dnskey }) => dnskey) } }]
}

export function isMet({ want }: Expectation, answer: DnsAnswer): boolean {
  if (answer.kind === 'no-answer') return false
  const { rcode, authoritative, values, ttlSec } = answer
  switch (want.kind) {
    case 'values':
      return rcode === 'NOERROR' && authoritative && ttlSec === want.ttlSec && sameValues(values, want.values)
    case 'drawn':
      if (want.mayRefuse && rcode === 'SERVFAIL') return true
      return rcode === 'NOERROR' && authoritative && isDrawn(want, values) && isTtl(want.ttlSec, ttlSec)
    case 'keys':
      return rcode === 'NOERROR' && authoritative && sameValues(values, want.values)
    case 'error':
      return rcode === 'SERVFAIL' || rcode === 'REFUSED'
    case 'referral':
      return rcode === 'NOERROR' && !authoritative
    case 'not':
      if (rcode === 'SERVFAIL') return false
      if (want.drawn) return values.length === 0 || !values.every((value) => want.values.includes(value))
      return values.length === 0 || !sameValues(values, want.values)
  }
}

/** What is wrong with an answer, for the alarm. */
export function describeMiss({ name, type, want }: Expectation, answer: DnsAnswer): string {
  const got =
    answer.kind === 'no-answer'
      ? answer.detail
      : [answer.rcode, ...answer.values].join(' ') + (answer.ttlSec === null ? '' : ` (ttl ${answer.ttlSec})`)
  const wanted = 'values' in want ? `${want.kind} ${want.values.join(' ')}` : want.kind
  return `${name} ${type}: expected ${wanted}, got ${got}`
}

function wantOf(set: RecordSet): Want {
  switch (set.kind) {
    case 'plain':
      return { kind: 'values', values: set.values, ttlSec: set.ttlSec }
    case 'steered':
      return { kind: 'drawn', ttlSec: set.ttlSec, ...drawOf(set) }
    case 'refused':
      return { kind: 'error' }
  }
}

/** What any client may be answered with: the server is asked as one of them, and it is not known here as which. */
function drawOf(set: SteeredRecordSet): Draw {
  const leaves = leavesOf(set.selector)
  const counts = leaves.map((leaf) =>
    Math.min(leafValues(leaf).length, 'answers' in leaf ? leaf.answers : Infinity),
  )
  return {
    values: valuesOf(set),
    least: Math.min(...counts),
    most: Math.max(...counts),
    mayRefuse: leaves.some(({ kind }) => kind === 'refuse'),
  }
}

function isDrawn({ values: choices, least, most }: Draw, values: readonly string[]): boolean {
  return (
    values.length >= least &&
    values.length <= most &&
    new Set(values).size === values.length &&
    values.every((value) => choices.includes(value))
  )
}

/** An answer without records has none. */
function isTtl(wanted: number, ttlSec: number | null): boolean {
  return ttlSec === null || ttlSec === wanted
}

/** As sets: the order of an answer means nothing. */
function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value) => b.includes(value))
}
