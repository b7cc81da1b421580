/**
 * Where the DNS server reads its records: the nameserver's publisher writes plans into it.
 * What must stay true: one `write` is one transaction; after a failed write the storage is as it was; a zone that cannot be
 * written as it is to be stands as it was, and holds up no other.
 */
import type { OwnerRecords } from '../core/dns/record-set.ts'
import type { Zone } from '../core/model/zone.ts'

/** How the server is to sign a zone; `unavailable`: the keys cannot be had, so that the zone must not be written. */
export type ZoneSigning =
  | { readonly kind: 'unsigned' }
  | {
      readonly kind: 'signed'
      readonly denial: 'nsec' | 'nsec3'
      readonly keys: readonly ServerKey[]
    }
  | { readonly kind: 'unavailable'; readonly reason: string }

export interface ServerKey {
  readonly flags: 256 | 257
  readonly published: boolean
  readonly active: boolean
  /** Presentation format of the DNSKEY record's data. */
  readonly dnskey: string
  /** The private key in the text form of BIND and PowerDNS. */
  readonly privateText: string
}

/** How the server gives a zone to secondaries; absent in a change: it does not. */
export interface ZoneTransfer {
  /** Keys that a transfer may be signed with; without one of them there is none. */
  readonly keys: readonly TransferKey[]
}

export interface TransferKey {
  readonly name: string
  readonly algorithm: string
  /** Base64. */
  readonly secret: string
}

/** What is to change in one zone. */
export interface ZoneChange {
  readonly zone: Zone
  /** `replace`: the owners named are the whole zone, everything else in it goes. `update`: only the owners named change. */
  readonly scope: 'replace' | 'update'
  /** Owner name to its record sets; null removes the owner. */
  readonly owners: ReadonlyMap<string, OwnerRecords | null>
  /** Absent: as it is. */
  readonly signing?: ZoneSigning
  readonly transfer?: ZoneTransfer
}

export interface StorageChange {
  /** Resolvers whose EDNS client subnet is believed, by their prefixes; all of them if absent. */
  readonly trust?: 'all' | readonly string[]
  readonly zones: readonly ZoneChange[]
  readonly removedZones: readonly string[]
}

/** What really changed: only these need a purge and a read-back. */
export interface WrittenZone {
  readonly zone: string
  readonly created: boolean
  readonly serial: number
  /** Owner names whose rows differ from before; empty when only the SOA's timers did. */
  readonly owners: readonly string[]
  /** Keys or denial differ from before: every answer of the zone does. */
  readonly resigned: boolean
}

/** A zone that cannot be written, whatever the state of the storage: its old content stands. */
export interface RefusedZone {
  readonly zone: string
  readonly reason: string
}

export interface WriteResult {
  readonly written: readonly WrittenZone[]
  readonly removed: readonly string[]
  readonly refused: readonly RefusedZone[]
}

/** Another writer has the storage: nothing was written. Its message is a sentence for the operator. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
}

export interface ZoneStorage {
  /** Names of the zones in the storage. */
  zones(): Promise<readonly string[]>
  /** Serial of a zone as it was last written; null when the zone is not there. */
  serial(zone: string): number | null
  /** The next write that names the zone as a whole gives it a serial later than this one, also where nothing differs. */
  raiseSerial(zone: string, above: number): void
  /** Applies the change; zones in which nothing differs are left alone, serial and all. Rejects when nothing can be written. */
  write(change: StorageChange): Promise<WriteResult>
  close(): Promise<void>
}
