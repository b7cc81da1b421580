/**
 * From what was committed to the table that dnsdist steers by.
 * What must stay true: an entry stands for each name and type of a load balancer, and for nothing else; a zone that goes takes its
 * entries with it.
 */
import type { OwnerRecords } from '../../core/dns/record-set.ts'
import { DECIDED_TYPES } from '../../core/steering/decision.ts'
import type { StorageChange, WriteResult } from '../../ports/zone-storage.ts'

/** `name type`, as in 'www.example.test A'. */
type Key = `${string} ${(typeof DECIDED_TYPES)[number]}`

export interface FrontFeedOptions<Entry> {
  readonly isBalancer: (name: string) => boolean
  readonly isSigned: (zone: string) => boolean
  readonly entryOf: (set: OwnerRecords[number], about: { readonly signed: boolean }) => Entry
  readonly set: (changes: ReadonlyMap<Key, Entry | null>, trust: NonNullable<StorageChange['trust']>) => void
}

export class FrontFeed<Entry> {
  readonly #options: FrontFeedOptions<Entry>
  /** Names with entries, by zone. */
  readonly #names = new Map<string, Set<string>>()

  constructor(options: FrontFeedOptions<Entry>) {
    this.#options = options
  }

  committed(change: StorageChange, result: WriteResult): void {
    const refused = new Set(result.refused.map(({ zone }) => zone))
    const entries = new Map<Key, Entry | null>()
    for (const { zone, owners, scope } of change.zones) {
      if (refused.has(zone.name)) continue
      const names = this.#names.get(zone.name) ?? new Set<string>()
      this.#names.set(zone.name, names)
      if (scope === 'replace')
        for (const name of names) if (!owners.has(name)) this.#put(entries, { zone: zone.name, name }, null)
      for (const [name, records] of owners) this.#put(entries, { zone: zone.name, name }, records)
    }
    for (const zone of change.removedZones) {
      for (const name of this.#names.get(zone) ?? []) this.#put(entries, { zone, name }, null)
      this.#names.delete(zone)
    }
    this.#options.set(entries, change.trust ?? 'all')
  }

  #put(
    entries: Map<Key, Entry | null>,
    { zone, name }: { readonly zone: string; readonly name: string },
    records: OwnerRecords | null,
  ): void {
    const { isBalancer, isSigned, entryOf } = this.#options
    const names = this.#names.get(zone)
    const known = names?.has(name) ?? false
    const stands = records !== null && isBalancer(name)
    if (!stands && !known) return
    if (stands) names?.add(name)
    else names?.delete(name)
    for (const type of DECIDED_TYPES) {
      const set = stands ? records.find((one) => one.type === type) : undefined
      entries.set(`${name} ${type}`, set === undefined ? null : entryOf(set, { signed: isSigned(zone) }))
    }
  }
}
