/**
 * What was committed, until it is seen in the server's answers: batches for the read-back, and the reports of both moments.
 * What must stay true: the purge goes out before anything is reported; every committed owner ends as read back, taken over by
 * a newer change, or still failing and said aloud; of a name that lies in two zones only the closer one's records are looked
 * for, because the server answers with those.
 */
import { valuesOf, type OwnerRecords } from '../core/dns/record-set.ts'
import type { Zone } from '../core/model/zone.ts'
import { DECIDED_TYPES } from '../core/steering/decision.ts'
import type { Clock } from '../ports/clock.ts'
import type { PublishedAnswer, Reporter } from '../ports/report.ts'
import type { StorageChange, WriteResult, ZoneSigning, ZoneStorage } from '../ports/zone-storage.ts'
import { expectationsOf, keysExpectation, type Expectation, type OwnerChange } from './expectation.ts'
import type { ReadBack } from './read-back.ts'

export interface PublicationsOptions {
  readonly readBack: Pick<ReadBack, 'publish'>
  readonly storage: ZoneStorage
  readonly reporter: Reporter
  readonly clock: Clock
  readonly onAlarm: (message: string) => void
}

interface Published {
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
  /** By zone, then by owner name. */
  readonly #published = new Map<string, Map<string, Published>>()
  /** Zones that the server answers for, as far as they are known here. */
  readonly #zones = new Set<string>()
  /** How each zone is signed, once that was written. */
  readonly #signing = new Map<string, ZoneSigning>()

  constructor(options: PublicationsOptions) {
    this.#options = options
  }

  /** To be called right after the commit. `everything`: the change held every zone as a whole. */
  committed(
    change: StorageChange,
    result: WriteResult,
    { everything }: { readonly everything: boolean },
  ): void {
    const writtenAtMs = this.#options.clock.wallMs()
    const written = new Map(result.written.map((zone) => [zone.zone, zone]))
    const refused = new Set(result.refused.map(({ zone }) => zone))
    if (everything) this.#zones.clear()
    // A refused one too: somebody else's, or what stood before, may be answered.
    for (const { zone } of change.zones) this.#zones.add(zone.name)
    for (const { zone, owners, scope, signing } of change.zones) {
      if (refused.has(zone.name)) continue
      const wrote = written.get(zone.name)
      if (signing !== undefined) this.#signing.set(zone.name, signing)
      const changed = wrote?.owners ?? []
      const published = this.#published.get(zone.name)
      const unseen = everything ? Array.from(owners.keys()).filter((name) => !published?.has(name)) : []
      const known = new Set(changed)
      const older = unseen.filter((name) => !known.has(name))
      const cuts = scope === 'replace' ? cutsOf(zone, owners) : null
      const make = (names: readonly string[], news: boolean) => {
        const expectations = this.#take(names, { zone: zone.name, owners, cuts, writtenAtMs })
        const resigned = wrote?.resigned ?? false
        if (resigned) this.#addKeys(zone.name, expectations)
        const purge = purgeOf(zone.name, names, resigned || (wrote?.created ?? false))
        this.#announce({ zone: zone.name, names, purge, expectations, news })
      }
      if (wrote !== undefined) make(changed, true)
      if (older.length > 0) make(older, false)
    }
    for (const zone of result.removed) this.#remove(zone)
  }

  /** The server was restarted: everything is read back again. */
  readAllBack(): void {
    for (const [zone, published] of this.#published) {
      const expectations = new Map(
        Array.from(published, ([name, { records, delegated }]) => [
          name,
          this.#expectationsOf(zone, { name, records, before: null, delegated }),
        ]),
      )
      this.#addKeys(zone, expectations)
      this.#announce({
        zone,
        names: [...expectations.keys()],
        purge: [`${zone}$`],
        expectations,
        news: false,
      })
    }
  }

  #addKeys(zone: string, expectations: Map<string, readonly Expectation[]>): void {
    const signing = this.#signing.get(zone)
    if (signing === undefined) return
    expectations.set(zone, [...(expectations.get(zone) ?? []), ...keysExpectation(zone, signing)])
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
  ): Map<string, readonly Expectation[]> {
    const { zone, owners, cuts, writtenAtMs } = context
    const published = this.#published.get(zone) ?? new Map<string, Published>()
    this.#published.set(zone, published)
    return new Map(
      names.map((name) => {
        const before = published.get(name)
        const records = owners.get(name) ?? null
        const delegated = cuts === null ? (before?.delegated ?? false) : isDelegated(name, cuts)
        if (records === null) published.delete(name)
        else published.set(name, { records, writtenAtMs, delegated })
        const change = { name, records, before: before?.records ?? null, delegated }
        return [name, this.#expectationsOf(zone, change)] as const
      }),
    )
  }

  #expectationsOf(zone: string, change: OwnerChange): readonly Expectation[] {
    return this.#isInCloserZone(change.name, zone) ? [] : expectationsOf(change)
  }

  /** A zone below this one holds the name: what this one says of it is not answered. */
  #isInCloserZone(name: string, zone: string): boolean {
    for (let above = name; above !== zone && above.includes('.'); above = above.slice(above.indexOf('.') + 1))
      if (this.#zones.has(above)) return true
    return false
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
      zone,
      purge,
      owners: expectations,
      onSeen: (seen) => {
        tell(clock.monotonicMs() - startedAtMs)
        reporter.published(this.#answers(zone, seen, clock.wallMs()))
      },
      onTakenOver: () => {
        tell(null)
      },
      onLate: (detail) => {
        tell(null)
        onAlarm(`not read back from the DNS server: ${detail}`)
      },
    })
    reporter.published(this.#answers(zone, names, null))
    const published = this.#published.get(zone)
    const withdrawn = names.filter((name) => !published?.has(name) && !this.#isInCloserZone(name, zone))
    if (withdrawn.length > 0) reporter.withdrawn(withdrawn)
  }

  #remove(zone: string): void {
    const names = [...(this.#published.get(zone)?.keys() ?? [])]
    this.#published.delete(zone)
    this.#zones.delete(zone)
    this.#signing.delete(zone)
    this.#announce({ zone, names, purge: [`${zone}$`], expectations: new Map(), news: false })
  }

  #answers(zone: string, names: readonly string[], readBackAtMs: number | null): PublishedAnswer[] {
    return names.flatMap((name) => {
      const owner = this.#published.get(zone)?.get(name)
      if (owner === undefined || this.#isInCloserZone(name, zone)) return []
      const { records, writtenAtMs } = owner
      const serial = this.#options.storage.serial(zone) ?? 0
      return DECIDED_TYPES.flatMap((type) => {
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
