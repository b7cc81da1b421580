/** What stands in PowerDNS's database: never changed, only replaced as a whole. */
import type { OwnerRecords } from '../core/dns/record-set.ts'

export interface StoredZone {
  readonly name: string
  readonly serial: number
  readonly owners: ReadonlyMap<string, OwnerRecords>
}

/** By name. */
export type StoredZones = ReadonlyMap<string, StoredZone>
