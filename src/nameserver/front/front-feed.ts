/**
 * From what was committed to the table that dnsdist steers by.
 * What must stay true: an entry stands for each name and type of a load balancer, and for nothing else; a zone that goes takes its
 * entries with it; of an answer that has just changed dnsdist's cache knows nothing, however many queries were under way. A table
 * that cannot be written holds back nothing else: it is told once, and tried again until it can.
 */
import type { OwnerRecords } from '../../core/dns/record-set.ts'
import { DECIDED_TYPES, type DecidedType } from '../../core/steering/decision.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StorageChange, WriteResult } from '../../ports/zone-storage.ts'

/** `name type`, as in 'www.example.test A'. */
type Key = `${string} ${DecidedType}`

export interface FrontFeedOptions<Entry> {
  readonly isBalancer: (name: string) => boolean
  readonly isSigned: (zone: string) => boolean
  readonly entryOf: (set: OwnerRecords[number], about: { readonly signed: boolean }) => Entry
  /** Answers that go by this entry are kept in the cache. */
  readonly isKept: (entry: Entry) => boolean
  /** What stands for a name whose answer has just changed: nothing of it is kept. */
  readonly unkept: Entry
  /** Whether there is a server behind to give what is not kept. */
  readonly isServed: () => boolean
  readonly clock: Clock
  readonly onAlarm: (message: string) => void
  /** Takes what it is given also when it throws; the next call, be it with no change, writes what is missing. */
  readonly set: (changes: ReadonlyMap<Key, Entry | null>, trust: NonNullable<StorageChange['trust']>) => void
}

/** Longer than an answer that was under way is kept in dnsdist's cache. */
const UNKEPT_MS = 1_500
/** Between two tries to write what could not be written. */
const RETRY_MS = 1_000

export class FrontFeed<Entry> {
  readonly #options: FrontFeedOptions<Entry>
  /** The types of names with entries, by zone and name. */
  readonly #types = new Map<string, Map<string, ReadonlySet<DecidedType>>>()
  /** What is to stand under a key again when its time is over; null: nothing. */
  readonly #unkept = new Map<Key, Entry | null>()
  readonly #timers = new Set<() => void>()
  #trust: NonNullable<StorageChange['trust']> = 'all'
  #cancelRetry: (() => void) | null = null

  constructor(options: FrontFeedOptions<Entry>) {
    this.#options = options
  }

  committed(change: StorageChange, result: WriteResult): void {
    const refused = new Set(result.refused.map(({ zone }) => zone))
    const entries = new Map<Key, Entry | null>()
    for (const { zone, owners, scope } of change.zones) {
      if (refused.has(zone.name)) continue
      const types = this.#types.get(zone.name) ?? new Map<string, ReadonlySet<DecidedType>>()
      this.#types.set(zone.name, types)
      if (scope === 'replace')
        for (const name of types.keys())
          if (!owners.has(name)) this.#put(entries, { zone: zone.name, name }, null)
      for (const [name, records] of owners) this.#put(entries, { zone: zone.name, name }, records)
    }
    for (const zone of change.removedZones) {
      for (const name of this.#types.get(zone)?.keys() ?? []) this.#put(entries, { zone, name }, null)
      this.#types.delete(zone)
    }
    const changed = new Set(result.written.flatMap(({ owners }) => owners))
    this.#set(entries, changed, change.trust ?? 'all')
  }

  /** The server behind is gone: what the cache still holds is better than nothing. */
  keepAgain(): void {
    const entries = new Map(this.#unkept)
    this.#unkept.clear()
    if (entries.size > 0) this.#write(entries)
  }

  /** What was not to be kept for a moment would else stay so in a dnsdist that is left running. */
  stop(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.keepAgain()
    this.#cancelRetry?.()
    this.#cancelRetry = null
  }

  #set(
    entries: Map<Key, Entry | null>,
    changed: ReadonlySet<string>,
    trust: NonNullable<StorageChange['trust']>,
  ): void {
    const { unkept, isServed, clock } = this.#options
    this.#trust = trust
    const hidden: Key[] = []
    for (const [key, entry] of entries) {
      const name = key.slice(0, key.indexOf(' '))
      const isChanged = this.#unkept.has(key) || (changed.has(name) && isServed())
      this.#unkept.delete(key)
      if (!isChanged || !this.#isKept(entry)) continue
      this.#unkept.set(key, entry)
      hidden.push(key)
      entries.set(key, unkept)
    }
    this.#write(entries)
    if (hidden.length === 0) return
    const cancel = clock.after(UNKEPT_MS, () => {
      this.#timers.delete(cancel)
      const shown = hidden.flatMap((key) => {
        const entry = this.#unkept.get(key)
        this.#unkept.delete(key)
        return entry === undefined ? [] : [[key, entry] as const]
      })
      this.#write(new Map(shown))
    })
    this.#timers.add(cancel)
  }

  /** Never throws. */
  #write(changes: ReadonlyMap<Key, Entry | null>): void {
    const { set, clock, onAlarm } = this.#options
    const wasBehind = this.#cancelRetry !== null
    this.#cancelRetry?.()
    this.#cancelRetry = null
    try {
      set(changes, this.#trust)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (!wasBehind)
        onAlarm(`the table of dnsdist could not be written, what it answers itself stays as it was: ${why}`)
      this.#cancelRetry = clock.after(RETRY_MS, () => {
        this.#write(new Map())
      })
    }
  }

  /** That nothing is there is kept, too. What dnsdist answers itself is not. */
  #isKept(entry: Entry | null): boolean {
    return entry === null || this.#options.isKept(entry)
  }

  #put(
    entries: Map<Key, Entry | null>,
    { zone, name }: { readonly zone: string; readonly name: string },
    records: OwnerRecords | null,
  ): void {
    const { isBalancer, isSigned, entryOf } = this.#options
    const types = this.#types.get(zone)
    const before = types?.get(name)
    const stands = records !== null && isBalancer(name)
    if (!stands && before === undefined) return
    const now = new Set<DecidedType>()
    for (const type of DECIDED_TYPES) {
      const set = stands ? records.find((one) => one.type === type) : undefined
      if (set !== undefined) now.add(type)
      if (set !== undefined || before?.has(type))
        entries.set(`${name} ${type}`, set === undefined ? null : entryOf(set, { signed: isSigned(zone) }))
    }
    if (stands) types?.set(name, now)
    else types?.delete(name)
  }
}
