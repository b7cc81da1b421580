/**
 * The local SQLite database that PowerDNS's gsqlite3 backend answers from: one transaction a plan, only rows that differ.
 * What must stay true: after a failed write nothing has changed, in the file and in the memory; a zone that cannot be written
 * holds up no other; a zone's serial never goes back; zones of somebody else (another `account`) are never touched. The
 * database can be rebuilt from the configuration, so a commit need not wait for the disk, and a damaged file is set aside
 * rather than repaired.
 */
import { existsSync, renameSync } from 'node:fs'
import { sql, type Kysely } from 'kysely'
import type { PlainRecordSet } from '../../core/dns/record-set.ts'
import type { Clock } from '../../ports/clock.ts'
import type {
  RefusedZone,
  StorageChange,
  WrittenZone,
  ZoneChange,
  ZoneStorage,
} from '../../ports/zone-storage.ts'
import { DatabaseError } from '../sql/database-error.ts'
import { openSqlite } from '../sql/sqlite-dialect.ts'
import { loadImages } from './load-images.ts'
import { LuaFiles } from './lua-files.ts'
import type { SubnetTrust } from '../lua/lua-prefix.ts'
import { readPlain } from './read-plain.ts'
import { POWERDNS_SCHEMA, type PowerDnsSchema } from './schema.ts'
import { isLater, nextSerial } from './serial.ts'
import { ACCOUNT, writeZoneAlone, type PreparedZone, type Refusal } from './write-zone.ts'
import {
  differenceOf,
  imageAfter,
  isEmptyNonTerminal,
  type ZoneDifference,
  type ZoneImage,
} from './zone-image.ts'

export interface SqliteZoneStorageOptions {
  readonly path: string
  readonly clock: Clock
  /** Permissions of a new file. */
  readonly mode: number
  /** Where what LUA records call is kept: absolute; read by the server. */
  readonly luaDirectory: string
  /** What to do with a damaged file: set it aside and begin anew, or give up because it is somebody else's. */
  readonly whenDamaged: 'set-aside' | 'throw'
  /** Called when a write found the file damaged and set it aside: the server still holds the old one open. */
  readonly onRebuilt: (setAside: string) => void
}

const SWEEP_MS = 600_000

export class SqliteZoneStorage implements ZoneStorage {
  readonly #options: SqliteZoneStorageOptions
  readonly #lua: LuaFiles
  #sweptAtMs = -Infinity
  /** Serials that the next ones have to be later than. */
  readonly #floors = new Map<string, number>()
  #database: Kysely<PowerDnsSchema> | null = null
  /** null: to be read again before it is used. */
  #images: Map<string, ZoneImage> | null = null

  constructor(options: SqliteZoneStorageOptions) {
    this.#options = options
    const mode = options.mode === 0o600 ? 0o600 : 0o640
    this.#lua = new LuaFiles({ directory: options.luaDirectory, mode })
  }

  /**
   * Opens the file, makes the tables, reads what is there. `setAside` is where a damaged file went, if there was one; `isNew`:
   * a server that runs already has another file open, or none.
   */
  async open(): Promise<{ readonly setAside: string | null; readonly isNew: boolean }> {
    const isNew = !existsSync(this.#options.path)
    try {
      await this.#load()
      return { setAside: null, isNew }
    } catch (error) {
      if (!isDamage(error)) throw error
      return { setAside: await this.#setAside(error), isNew: true }
    }
  }

  async zones(): Promise<readonly string[]> {
    return [...(await this.#load()).images.keys()]
  }

  /** What stands in it without steering, of the types that load balancers have. */
  async plainRecords(): Promise<readonly PlainRecordSet[]> {
    return readPlain((await this.#load()).database, ACCOUNT)
  }

  serial(zone: string): number | null {
    return this.#images?.get(zone)?.serial ?? null
  }

  raiseSerial(zone: string, above: number): void {
    this.#floors.set(zone, above)
  }

  async write(change: StorageChange): ReturnType<ZoneStorage['write']> {
    try {
      const { database, images } = await this.#load()
      return await this.#write(database, images, change)
    } catch (error) {
      // What the database holds now is not known for certain: it is read again before the next write.
      this.#images = null
      if (isDamage(error)) this.#options.onRebuilt(await this.#setAside(error))
      throw error
    }
  }

  async close(): Promise<void> {
    const database = this.#database
    this.#database = null
    this.#images = null
    await database?.destroy()
  }

  async #write(
    database: Kysely<PowerDnsSchema>,
    images: Map<string, ZoneImage>,
    change: StorageChange,
  ): ReturnType<ZoneStorage['write']> {
    const removed = change.removedZones.filter((name) => images.has(name))
    const refused: RefusedZone[] = []
    const prepared = change.zones.flatMap((zone) => {
      const result = this.#prepare(images, zone, change.trust ?? 'all')
      if (result?.kind === 'refused') refused.push({ zone: zone.zone.name, reason: result.reason })
      return result?.kind === 'prepared' ? result : []
    })
    // Before any record names one; also where nothing differs, because a file may have been lost and its record not.
    await this.#lua.flush()
    if (removed.length === 0 && prepared.length === 0) return { written: [], removed: [], refused }
    // Not after the commit: what is committed must not look as if it had failed.
    await this.#sweep(images)
    const written = await database.transaction().execute(async (transaction) => {
      for (const name of removed)
        await transaction
          .deleteFrom('domains')
          .where('id', '=', images.get(name)?.id ?? -1)
          .execute()
      const ids: { readonly zone: PreparedZone; readonly id: number }[] = []
      for (const zone of prepared) {
        const outcome = await writeZoneAlone(transaction, zone)
        if (outcome.kind === 'written') ids.push({ zone, id: outcome.id })
        else refused.push({ zone: zone.change.zone.name, reason: outcome.reason })
      }
      return ids
    })
    // Only now: what is in memory is what was committed.
    for (const name of removed) images.delete(name)
    for (const { zone, id } of written) {
      const { change: of, image, difference, serial } = zone
      if (of.scope === 'replace') this.#floors.delete(of.zone.name)
      images.set(of.zone.name, imageAfter(image, difference, { id, serial }))
    }
    return { written: written.map(({ zone }) => writtenZone(zone, images)), removed, refused }
  }

  /** Now and then, because it looks at every record. */
  async #sweep(images: ReadonlyMap<string, ZoneImage>): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#sweptAtMs < SWEEP_MS) return
    this.#sweptAtMs = nowMs
    await this.#lua.sweep(contentsOf(images), nowMs)
  }

  /** null: nothing differs. */
  #prepare(
    images: ReadonlyMap<string, ZoneImage>,
    change: ZoneChange,
    trust: SubnetTrust,
  ): PreparedZone | Refusal | null {
    const image = images.get(change.zone.name)
    if (image === undefined && change.scope === 'update')
      return { kind: 'refused', reason: 'a zone that is not there cannot be changed in part' }
    let difference: ZoneDifference
    try {
      difference = differenceOf(image, change, { place: this.#lua, trust })
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      return { kind: 'refused', reason: error.message }
    }
    const floor = change.scope === 'replace' ? this.#floors.get(change.zone.name) : undefined
    if (!isDifferent(difference) && floor === undefined) return null
    const wallMs = this.#options.clock.wallMs()
    const serial = nextSerial(latest(image?.serial ?? null, floor ?? null), wallMs)
    return { kind: 'prepared', change, image, difference, serial }
  }

  async #load(): Promise<{ database: Kysely<PowerDnsSchema>; images: Map<string, ZoneImage> }> {
    let database = this.#database
    if (database === null) {
      const { path, mode } = this.#options
      database = await openSqlite<PowerDnsSchema>({ path, mode, synchronous: 'off' })
      this.#database = database
      for (const statement of POWERDNS_SCHEMA) await sql.raw(statement).execute(database)
      await checkIntegrity(database, path)
    }
    this.#images ??= await loadImages(database, ACCOUNT)
    return { database, images: this.#images }
  }

  async #setAside(cause: unknown): Promise<string> {
    const { path, clock, whenDamaged } = this.#options
    if (whenDamaged === 'throw') throw cause
    await this.close()
    const aside = `${path}.damaged-${clock.wallMs()}`
    renameSync(path, aside)
    for (const suffix of ['-wal', '-shm'])
      try {
        renameSync(path + suffix, aside + suffix)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      }
    await this.#load()
    return aside
  }
}

function isDifferent({ rows, soaDiffers, resigning, retransfer }: ZoneDifference): boolean {
  return rows.size > 0 || soaDiffers || resigning !== null || retransfer !== null
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return isLater(b, a) ? b : a
}

function* contentsOf(images: ReadonlyMap<string, ZoneImage>): Generator<string> {
  for (const { owners } of images.values()) yield* owners.values()
}

function isDamage(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'corrupt'
}

async function checkIntegrity(database: Kysely<PowerDnsSchema>, path: string): Promise<void> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(database)
  const verdict = rows[0]?.quick_check
  if (verdict !== 'ok')
    throw new DatabaseError('corrupt', `the database ${path} is damaged: ${String(verdict)}`)
}

function writtenZone(zone: PreparedZone, images: ReadonlyMap<string, ZoneImage>): WrittenZone {
  const name = zone.change.zone.name
  const owners = Array.from(zone.difference.rows.keys()).filter(
    (owner) => !isEmptyNonTerminal(images.get(name)?.owners.get(owner) ?? ''),
  )
  const { image, serial, difference } = zone
  return { zone: name, created: image === undefined, serial, owners, resigned: difference.resigning !== null }
}
