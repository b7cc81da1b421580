/**
 * What is to be answered for one name and type, before any server's storage format.
 * `plain` is the same for every client; `steered` is chosen for each query by its selector; `refused` answers with an error, so
 * that a resolver asks elsewhere or serves what it still holds (RFC 8767).
 */
import type { Leaf, Selector } from '../steering/selector.ts'

export type SteeredType = 'A' | 'AAAA' | 'CNAME'
export type ServiceType = 'HTTPS' | 'SVCB'
export type RecordType = SteeredType | ServiceType | 'NS' | 'TXT' | 'MX' | 'SRV' | 'CAA' | 'DS'

export interface PlainRecordSet {
  readonly kind: 'plain'
  readonly name: string
  readonly type: RecordType
  readonly ttlSec: number
  /** RFC 1035 presentation format, names absolute without trailing dot, sorted, at least one. */
  readonly values: readonly string[]
}
export interface SteeredRecordSet {
  readonly kind: 'steered'
  readonly name: string
  readonly type: SteeredType
  readonly ttlSec: number
  /** Simplified: it does not come to the same values for every client. */
  readonly selector: Selector
}
export interface RefusedRecordSet {
  readonly kind: 'refused'
  readonly name: string
  readonly type: SteeredType | ServiceType
  readonly ttlSec: number
}
export type RecordSet = PlainRecordSet | SteeredRecordSet | RefusedRecordSet

/** Everything that is answered for one owner name, by type. Never empty. */
export type OwnerRecords = readonly RecordSet[]

/** What a record set can answer with: of a steered one all that its selector names, sorted; of a refused one nothing. */
export function valuesOf(set: RecordSet): readonly string[] {
  switch (set.kind) {
    case 'plain':
      return set.values
    case 'steered':
      return [...new Set(leavesOf(set.selector).flatMap(leafValues))].sort()
    case 'refused':
      return []
  }
}

/** Those for whom a rule is, then the one for all others. */
export function leavesOf(selector: Selector): readonly Leaf[] {
  if (selector.kind !== 'by-client') return [selector]
  return [...selector.branches.map(({ then }) => then), selector.otherwise]
}

export function leafValues(leaf: Leaf): readonly string[] {
  switch (leaf.kind) {
    case 'values':
      return leaf.values
    case 'weighted':
    case 'sticky':
    case 'nearest':
      return leaf.choices.map(({ value }) => value)
    case 'refuse':
    case 'empty':
      return []
  }
}
