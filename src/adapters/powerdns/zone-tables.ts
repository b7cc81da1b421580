/**
 * A plan as statements on PowerDNS's tables, the same for every engine, and what the tables hold as it is after them.
 * What must stay true: only rows that differ are written; a zone that cannot be written holds up no other; a zone's serial never
 * goes back; zones of somebody else (another `account`) are never touched; the images change only after the commit.
 */
import type { Transaction } from 'kysely'
import type { Clock } from '../../ports/clock.ts'
import type {
  RefusedZone,
  StorageChange,
  WriteResult,
  WrittenZone,
  ZoneChange,
} from '../../ports/zone-storage.ts'
import type { SubnetTrust } from '../lua/lua-prefix.ts'
import type { LuaPlace } from './lua-text.ts'
import type { PowerDnsSchema } from './schema.ts'
import { isLater, nextSerial } from './serial.ts'
import { writeZoneAlone, type PreparedZone, type ZoneRefusal } from './write-zone.ts'
import {
  differenceOf,
  imageAfter,
  isEmptyNonTerminal,
  type ZoneDifference,
  type ZoneImage,
} from './zone-image.ts'

export type ZoneImages = Map<string, ZoneImage>

export interface PreparedWrite {
  readonly removed: readonly string[]
  readonly zones: readonly PreparedZone[]
  readonly refused: readonly RefusedZone[]
}

/** By a transaction that may not be committed yet. */
export interface ZonesDone {
  readonly written: readonly { readonly zone: PreparedZone; readonly id: number }[]
  readonly refused: readonly RefusedZone[]
}

export class ZoneTables {
  readonly #place: LuaPlace
  readonly #clock: Clock
  /** Serials that the next ones have to be later than. */
  readonly #floors = new Map<string, number>()

  /** `place`: of what LUA records call. */
  constructor({ place, clock }: { readonly place: LuaPlace; readonly clock: Clock }) {
    this.#place = place
    this.#clock = clock
  }

  raiseSerial(zone: string, above: number): void {
    this.#floors.set(zone, above)
  }

  /** What differs; nothing is written yet. */
  prepare(images: ZoneImages, change: StorageChange): PreparedWrite {
    const refused: RefusedZone[] = []
    const zones = change.zones.flatMap((zone) => {
      const result = this.#prepare(images, zone, change.trust ?? 'all')
      if (result?.kind === 'refused') refused.push({ zone: zone.zone.name, reason: result.reason })
      return result?.kind === 'prepared' ? result : []
    })
    return { removed: change.removedZones.filter((name) => images.has(name)), zones, refused }
  }

  /** Changes no image: it may be run again. */
  async apply(
    transaction: Transaction<PowerDnsSchema>,
    images: ZoneImages,
    { removed, zones }: PreparedWrite,
  ): Promise<ZonesDone> {
    for (const name of removed)
      await transaction
        .deleteFrom('domains')
        .where('id', '=', images.get(name)?.id ?? -1)
        .execute()
    const written: ZonesDone['written'][number][] = []
    const refused: RefusedZone[] = []
    for (const zone of zones) {
      const outcome = await writeZoneAlone(transaction, zone)
      if (outcome.kind === 'written') written.push({ zone, id: outcome.id })
      else refused.push({ zone: zone.change.zone.name, reason: outcome.reason })
    }
    return { written, refused }
  }

  /** What is in memory becomes what was committed. */
  committed(images: ZoneImages, { removed, refused }: PreparedWrite, done: ZonesDone): WriteResult {
    for (const name of removed) images.delete(name)
    for (const { zone, id } of done.written) {
      const { change: of, image, difference, serial } = zone
      if (of.scope === 'replace') this.#floors.delete(of.zone.name)
      images.set(of.zone.name, imageAfter(image, difference, { id, serial }))
    }
    return {
      written: done.written.map(({ zone }) => writtenZone(zone, images)),
      removed,
      refused: [...refused, ...done.refused],
    }
  }

  /** null: nothing differs. */
  #prepare(images: ZoneImages, change: ZoneChange, trust: SubnetTrust): PreparedZone | ZoneRefusal | null {
    const image = images.get(change.zone.name)
    if (image === undefined && change.scope === 'update')
      return { kind: 'refused', reason: 'a zone that is not there cannot be changed in part' }
    let difference: ZoneDifference
    try {
      difference = differenceOf(image, change, { place: this.#place, trust })
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      return { kind: 'refused', reason: error.message }
    }
    const floor = change.scope === 'replace' ? this.#floors.get(change.zone.name) : undefined
    if (!isDifferent(difference) && floor === undefined) return null
    const serial = nextSerial(latest(image?.serial ?? null, floor ?? null), this.#clock.wallMs())
    return { kind: 'prepared', change, image, difference, serial }
  }
}

function isDifferent({ rows, soaDiffers, resigning, retransfer }: ZoneDifference): boolean {
  return rows.size > 0 || soaDiffers || resigning !== null || retransfer !== null
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return isLater(b, a) ? b : a
}

function writtenZone(zone: PreparedZone, images: ZoneImages): WrittenZone {
  const name = zone.change.zone.name
  const owners = Array.from(zone.difference.rows.keys()).filter(
    (owner) => !isEmptyNonTerminal(images.get(name)?.owners.get(owner) ?? ''),
  )
  const { image, serial, difference } = zone
  return { zone: name, created: image === undefined, serial, owners, resigned: difference.resigning !== null }
}
