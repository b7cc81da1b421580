/**
 * What is to be answered for one name and type, before any server's storage format.
 * `plain` is the same for every client; `weighted` picks one address a query; `refused` answers with an error, so that
 * a resolver asks elsewhere or serves what it still holds (RFC 8767).
 */
export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'TXT' | 'MX' | 'SRV' | 'CAA'
export type AddressType = 'A' | 'AAAA'

export interface PlainRecordSet {
  readonly kind: 'plain'
  readonly name: string
  readonly type: RecordType
  readonly ttlSec: number
  /** RFC 1035 presentation format, names absolute without trailing dot, sorted, at least one. */
  readonly values: readonly string[]
}
export interface WeightedRecordSet {
  readonly kind: 'weighted'
  readonly name: string
  readonly type: AddressType
  readonly ttlSec: number
  /** Sorted by address, distinct, every weight > 0, at least two. */
  readonly choices: readonly WeightedChoice[]
}
export interface RefusedRecordSet {
  readonly kind: 'refused'
  readonly name: string
  readonly type: AddressType
  readonly ttlSec: number
}
export interface WeightedChoice {
  readonly address: string
  readonly weight: number
}
export type RecordSet = PlainRecordSet | WeightedRecordSet | RefusedRecordSet

/** Everything that is answered for one owner name, by type. Never empty. */
export type OwnerRecords = readonly RecordSet[]

/** What a record set can answer with: of a weighted one every address, of a refused one nothing. */
export function valuesOf(set: RecordSet): readonly string[] {
  switch (set.kind) {
    case 'plain':
      return set.values
    case 'weighted':
      return set.choices.map((choice) => choice.address)
    case 'refused':
      return []
  }
}
