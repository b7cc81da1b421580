/**
 * PowerDNS's database as one life of a nameserver's process writes it.
 * What must stay true: a write is there as a whole or not at all, also when the process is killed meanwhile; what does not
 * differ is not written.
 */
import { valuesOf, type OwnerRecords } from '../core/dns/record-set.ts'
import type {
  StorageChange,
  WriteResult,
  WrittenZone,
  ZoneChange,
  ZoneStorage,
} from '../ports/zone-storage.ts'
import type { Disk } from './disk.ts'
import type { EventQueue } from './event-queue.ts'
import type { Life } from './host.ts'
import type { Random } from './random.ts'
import type { SimulatedPowerdns } from './simulated-powerdns.ts'
import type { StoredZone } from './stored-zones.ts'

/** Until the commit, and from there until the process hears of it. */
const COMMIT_MS = { least: 0.2, most: 5 }
const HEAR_MS = { least: 0, most: 0.5 }

export interface SimulatedZoneStorageOptions {
  readonly life: Life
  readonly disk: Disk
  readonly powerdns: SimulatedPowerdns
  readonly queue: EventQueue
  readonly random: Random
  /** The owner answers with these values from now on, and did not before. */
  readonly onAdded: (owner: string, values: readonly string[]) => void
}

export class SimulatedZoneStorage implements ZoneStorage {
  readonly #options: SimulatedZoneStorageOptions

  constructor(options: SimulatedZoneStorageOptions) {
    this.#options = options
  }

  zones(): Promise<readonly string[]> {
    const { disk, queue } = this.#options
    queue.promised()
    return Promise.resolve([...disk.zones.keys()])
  }

  serial(zone: string): number | null {
    return this.#options.disk.zones.get(zone)?.serial ?? null
  }

  raiseSerial(): void {
    throw new Error('no zone is given to secondaries here')
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  write(change: StorageChange): Promise<WriteResult> {
    const { life, queue, random } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<WriteResult>()
    life.after(random.between(COMMIT_MS.least, COMMIT_MS.most), () => {
      if (this.#options.disk.isFull) {
        queue.promised()
        reject(new Error('the disk is full'))
        return
      }
      const result = this.#commit(change)
      life.after(random.between(HEAR_MS.least, HEAR_MS.most), () => {
        queue.promised()
        resolve(result)
      })
    })
    return promise
  }

  #commit({ zones, removedZones }: StorageChange): WriteResult {
    const { disk, powerdns } = this.#options
    const next = new Map(disk.zones)
    const written = zones.flatMap((change) => {
      const before = next.get(change.zone.name)
      if (before === undefined && change.scope === 'update') throw new Error(`no zone ${change.zone.name}`)
      const names = changedNames(change, before)
      if (before !== undefined && names.length === 0) return []
      next.set(change.zone.name, changed(change, before))
      for (const name of names) this.#tellAdded(name, before?.owners.get(name), change.owners.get(name))
      const serial = next.get(change.zone.name)?.serial ?? 0
      const created = before === undefined
      return [
        { zone: change.zone.name, created, serial, owners: names, resigned: false },
      ] satisfies WrittenZone[]
    })
    const removed = removedZones.filter((name) => next.delete(name))
    if (written.length + removed.length > 0) {
      powerdns.changing(written.flatMap(({ owners }) => owners))
      disk.writeZones(next)
    }
    return { written, removed, refused: [] }
  }

  #tellAdded(owner: string, before: OwnerRecords = [], after: OwnerRecords | null = null): void {
    const known = new Set(before.flatMap(valuesOf))
    const added = (after ?? []).flatMap(valuesOf).filter((value) => !known.has(value))
    if (added.length > 0) this.#options.onAdded(owner, added)
  }
}

function changedNames({ owners, scope }: ZoneChange, before: StoredZone | undefined): string[] {
  const gone =
    scope === 'replace' ? [...(before?.owners.keys() ?? [])].filter((name) => !owners.has(name)) : []
  const others = Array.from(owners).filter(([name, records]) => !isSame(before?.owners.get(name), records))
  return [...gone, ...others.map(([name]) => name)]
}

function changed({ zone, owners, scope }: ZoneChange, before: StoredZone | undefined): StoredZone {
  const next = new Map(scope === 'replace' ? [] : before?.owners)
  for (const [name, records] of owners)
    if (records === null) next.delete(name)
    else next.set(name, records)
  return { name: zone.name, serial: (before?.serial ?? 0) + 1, owners: next }
}

function isSame(one: OwnerRecords | undefined, other: OwnerRecords | null): boolean {
  return one === other || JSON.stringify(one ?? null) === JSON.stringify(other)
}
