/**
 * What was committed, until it is seen in the server's answers: batches for the read-back, and the reports of both moments.
 * What must stay true: the purge goes out before anything is reported; every committed owner ends as read back, taken over by
 * a newer change, or still failing and said aloud.
 */
import type { OwnerRecords } from '../core/dns/record-set.ts'
import type { Zone } from '../core/model/zone.ts'
import { ADDRESS_TYPES } from '../core/steering/answer-plan.ts'
import type { Clock } from '../ports/clock.ts'
import type { PublishedAnswer, Reporter } from '../ports/report.ts'
import type { StorageChange, WrittenZone, ZoneStorage } from '../ports/zone-storage.ts'
import { expectationsOf, valuesOf, type Expectation } from './expectation.ts'
import type { ReadBack } from './read-back.ts'

export interface PublicationsOptions {
  readonly readBack: ReadBack
  readonly storage: ZoneStorage
  readonly reporter: Reporter
  readonly clock: Clock
  readonly onAlarm: (message: string) => void
}

interface Published {
  readonly zone: string
  readonly records: OwnerRecords
  readonly writtenAtMs: number
  readonly delegated: boolean
}

interface Announcement {
  readonly zone: string
  readonly names: readonly string[]
  readonly purge: readonly string[]
  readonly expectations: ReadonlyMap<string, readonly Expectation[]>
  /** False for what was there before this process: it is read back, but it is no publication. */
  readonly news: boolean
}

/** Above so many names the whole zone is purged at once. */
const MAX_PURGED_NAMES = 200

export class Publications {
  readonly #options: PublicationsOptions
  readonly #published = new Map<string, Published>()

  constructor(options: PublicationsOptions) {
    this.#options = options
  }

  /** To be called right after the commit. `everything`: the change held every zone as a whole. */
  committed(
    change: StorageChange,
    result: { readonly written: readonly WrittenZone[]; readonly removed: readonly string[] },
    { everything }: { readonly everything: boolean },
  ): void {
    const writtenAtMs = this.#options.clock.wallMs()
    const written = new Map(result.written.map((zone) => [zone.zone, zone]))
    for (const { zone, owners, scope } of change.zones) {
      const wrote = written.get(zone.name)
      const changed = wrote?.owners ?? []
      const unseen = everything ? Array.from(owners.keys()).filter((name) => !this.#published.has(name)) : []
      const known = new Set(changed)
      const older = unseen.filter((name) => !known.has(name))
      const cuts = scope === 'replace' ? cutsOf(zone, owners) : null
      const make = (names: readonly string[], news: boolean) => {
        const expectations = this.#take(names, { zone: zone.name, owners, cuts, writtenAtMs })
        const purge = purgeOf(zone.name, names, wrote?.created ?? false)
        this.#announce({ zone: zone.name, names, purge, expectations, news })
      }
      if (wrote !== undefined) make(changed, true)
      if (older.length > 0) make(older, false)
    }
    for (const zone of result.removed) this.#remove(zone)
  }

  /** The server was restarted: everything is read back again. */
  readAllBack(): void {
    const byZone = Map.groupBy(this.#published, ([, owner]) => owner.zone)
    for (const [zone, entries] of byZone) {
      const expectations = new Map(
        entries.map(([name, { records, delegated }]) => [
          name,
          expectationsOf({ name, records, before: null, delegated }),
        ]),
      )
      this.#announce({
        zone,
        names: [...expectations.keys()],
        purge: [`${zone}$`],
        expectations,
        news: false,
      })
    }
  }

  /** Notes what is published under these names now; the result is what has to be seen. */
  #take(
    names: readonly string[],
    context: {
      readonly zone: string
      readonly owners: ReadonlyMap<string, OwnerRecords | null>
      /** null: the delegations are as they were. */
      readonly cuts: ReadonlySet<string> | null
      readonly writtenAtMs: number
    },
  ): ReadonlyMap<string, readonly Expectation[]> {
    const { zone, owners, cuts, writtenAtMs } = context
    return new Map(
      names.map((name) => {
        const before = this.#published.get(name)
        const records = owners.get(name) ?? null
        const delegated = cuts === null ? (before?.delegated ?? false) : isDelegated(name, cuts)
        if (records === null) this.#published.delete(name)
        else this.#published.set(name, { zone, records, writtenAtMs, delegated })
        return [name, expectationsOf({ name, records, before: before?.records ?? null, delegated })] as const
      }),
    )
  }

  #announce({ zone, names, purge, expectations, news }: Announcement): void {
    const { readBack, clock, reporter, onAlarm } = this.#options
    const startedAtMs = clock.monotonicMs()
    let told = false
    const tell = (readBackMs: number | null) => {
      if (!news || told) return
      told = true
      const serial = this.#options.storage.serial(zone) ?? 0
      reporter.event({ kind: 'publication', atMs: clock.wallMs(), zone, serial, owners: names, readBackMs })
    }
    void readBack.publish({
      purge,
      owners: expectations,
      onSeen: (seen) => {
        tell(clock.monotonicMs() - startedAtMs)
        reporter.published(this.#answers(seen, clock.wallMs()))
      },
      onTakenOver: () => {
        tell(null)
      },
      onLate: (detail) => {
        tell(null)
        onAlarm(`not read back from the DNS server: ${detail}`)
      },
    })
    reporter.published(this.#answers(names, null))
    const withdrawn = names.filter((name) => !this.#published.has(name))
    if (withdrawn.length > 0) reporter.withdrawn(withdrawn)
  }

  #remove(zone: string): void {
    const names = Array.from(this.#published).flatMap(([name, owner]) => (owner.zone === zone ? [name] : []))
    for (const name of names) this.#published.delete(name)
    this.#announce({ zone, names, purge: [`${zone}$`], expectations: new Map(), news: false })
  }

  #answers(names: readonly string[], readBackAtMs: number | null): PublishedAnswer[] {
    return names.flatMap((name) => {
      const owner = this.#published.get(name)
      if (owner === undefined) return []
      const { zone, records, writtenAtMs } = owner
      const serial = this.#options.storage.serial(zone) ?? 0
      return ADDRESS_TYPES.flatMap((type) => {
        const set = records.find((record) => record.type === type)
        if (set === undefined) return []
        return [
          { name, zone, type, values: valuesOf(set), ttlSec: set.ttlSec, serial, writtenAtMs, readBackAtMs },
        ]
      })
    })
  }
}

/**
 * A wildcard decides on names below it, and a new zone on everything in it. Exact names are cheaper for the server: each is
 * one shard of its cache. The zone itself goes too, because the SOA holds the serial.
 */
function purgeOf(zone: string, names: readonly string[], created: boolean): readonly string[] {
  const wide = created || names.length > MAX_PURGED_NAMES || names.some((name) => name.startsWith('*.'))
  return wide ? [`${zone}$`] : [...new Set([zone, ...names])]
}

function cutsOf(zone: Zone, owners: ReadonlyMap<string, OwnerRecords | null>): ReadonlySet<string> {
  const cuts = new Set<string>()
  for (const [name, records] of owners)
    if (name !== zone.name && records?.some((set) => set.type === 'NS') === true) cuts.add(name)
  return cuts
}

function isDelegated(name: string, cuts: ReadonlySet<string>): boolean {
  if (cuts.size === 0) return false
  for (let above = name; ; above = above.slice(above.indexOf('.') + 1)) {
    if (cuts.has(above)) return true
    if (!above.includes('.')) return false
  }
}
