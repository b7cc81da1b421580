/**
 * The local SQLite database that PowerDNS's gsqlite3 backend answers from: one transaction a plan, only rows that differ.
 * What must stay true: after a failed write nothing has changed, in the file and in the memory. The database can be rebuilt from
 * the configuration, so a commit need not wait for the disk, and a damaged file is set aside rather than repaired.
 */
import { existsSync, renameSync } from 'node:fs'
import { sql, type Kysely } from 'kysely'
import type { PlainRecordSet } from '../../core/dns/record-set.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StorageChange, ZoneStorage } from '../../ports/zone-storage.ts'
import { DatabaseError } from '../sql/database-error.ts'
import { openSqlite } from '../sql/sqlite-dialect.ts'
import { loadImages } from './load-images.ts'
import { LuaFiles } from './lua-files.ts'
import { readPlain } from './read-plain.ts'
import { POWERDNS_SCHEMA, type PowerDnsSchema } from './schema.ts'
import { ACCOUNT } from './write-zone.ts'
import type { ZoneImage } from './zone-image.ts'
import { ZoneTables, type ZoneImages } from './zone-tables.ts'

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
const WHILE_WRITING_MS = 1_000

export class SqliteZoneStorage implements ZoneStorage {
  readonly #options: SqliteZoneStorageOptions
  readonly #lua: LuaFiles
  readonly #tables: ZoneTables
  #cancelSweep: (() => void) | null = null
  #sweeping: Promise<void> = Promise.resolve()
  /** Writes under way. */
  #writing = 0
  #database: Kysely<PowerDnsSchema> | null = null
  /** null: to be read again before it is used. */
  #images: ZoneImages | null = null

  constructor(options: SqliteZoneStorageOptions) {
    this.#options = options
    const mode = options.mode === 0o600 ? 0o600 : 0o640
    this.#lua = new LuaFiles({ directory: options.luaDirectory, mode })
    this.#tables = new ZoneTables({ place: this.#lua, clock: options.clock })
  }

  /**
   * Opens the file, makes the tables, reads what is there. `setAside` is where a damaged file went, if there was one; `isNew`:
   * a server that runs already has another file open, or none.
   */
  async open(): Promise<{ readonly setAside: string | null; readonly isNew: boolean }> {
    const isNew = !existsSync(this.#options.path)
    let setAside: string | null = null
    try {
      await this.#load()
    } catch (error) {
      if (!isDamage(error)) throw error
      setAside = await this.#setAside(error)
    }
    this.#sweepAfter(SWEEP_MS)
    return { setAside, isNew: isNew || setAside !== null }
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
    this.#tables.raiseSerial(zone, above)
  }

  async write(change: StorageChange): ReturnType<ZoneStorage['write']> {
    this.#writing += 1
    try {
      const { database, images } = await this.#load()
      return await this.#write(database, images, change)
    } catch (error) {
      // What the database holds now is not known for certain: it is read again before the next write.
      this.#images = null
      if (isDamage(error)) this.#options.onRebuilt(await this.#setAside(error))
      throw error
    } finally {
      this.#writing -= 1
    }
  }

  async close(): Promise<void> {
    this.#cancelSweep?.()
    this.#cancelSweep = null
    await this.#sweeping
    await this.#closeDatabase()
  }

  async #closeDatabase(): Promise<void> {
    const database = this.#database
    this.#database = null
    this.#images = null
    await database?.destroy()
  }

  async #write(
    database: Kysely<PowerDnsSchema>,
    images: ZoneImages,
    change: StorageChange,
  ): ReturnType<ZoneStorage['write']> {
    const prepared = this.#tables.prepare(images, change)
    // Before any record names one; also where nothing differs, because a file may have been lost and its record not.
    await this.#lua.flush()
    const { removed, zones, refused } = prepared
    if (removed.length === 0 && zones.length === 0) return { written: [], removed, refused }
    const done = await database
      .transaction()
      .execute((transaction) => this.#tables.apply(transaction, images, prepared))
    return this.#tables.committed(images, prepared, done)
  }

  /** Now and then, because it looks at every record; never in the way of a write. */
  #sweepAfter(delayMs: number): void {
    this.#cancelSweep = this.#options.clock.after(delayMs, () => {
      const images = this.#images
      // Of images that are to be read again nothing is known.
      if (this.#writing === 0 && images !== null) this.#sweeping = this.#sweep(images)
      this.#sweepAfter(this.#writing === 0 ? SWEEP_MS : WHILE_WRITING_MS)
    })
  }

  /** Never rejects. */
  async #sweep(images: ZoneImages): Promise<void> {
    try {
      await this.#lua.sweep(contentsOf(images), this.#options.clock.monotonicMs())
    } catch {
      // What stays is in nobody's way, and is looked at again.
    }
  }

  async #load(): Promise<{ database: Kysely<PowerDnsSchema>; images: ZoneImages }> {
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
    await this.#closeDatabase()
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
