/**
 * The disk of a host: what outlives its processes. A process that is killed loses nothing that it wrote; when the power goes,
 * what was written within the last second may be lost, and a file may be torn, which its reader finds out and sets aside.
 * The incarnation is synced before it is used, so that it is never lost.
 */
import type { SavedVerdict } from '../core/health/verdict-book.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import type { SavedSteering } from '../core/steering/state/saved-steering.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type { SteeringStorage } from '../ports/steering-storage.ts'
import type { VerdictStorage } from '../ports/verdict-storage.ts'
import type { Host, Life } from './host.ts'
import type { Random } from './random.ts'
import type { StoredZones } from './stored-zones.ts'

const SYNCED_AFTER_MS = 1_000
const WRITE_MS = { least: 2, most: 40 }
const TORN_SHARE = 0.1
const NO_ZONES: StoredZones = new Map()

interface Version<T> {
  readonly atMs: number
  readonly content: T
}

/** One file: its versions, the newest last, from the newest that is safe on. */
class File<T> {
  readonly #host: Host
  #versions: readonly Version<T>[] = []

  constructor(host: Host) {
    this.#host = host
  }

  /** undefined: there is none. */
  read(): T | undefined {
    return this.#versions.at(-1)?.content
  }

  write(content: T): void {
    const { nowMs } = this.#host.queue
    const safe = this.#versions.findLastIndex(({ atMs }) => nowMs - atMs >= SYNCED_AFTER_MS)
    this.#versions = [...this.#versions.slice(Math.max(0, safe)), { atMs: nowMs, content }]
  }

  lose(): void {
    this.#versions = []
  }

  losePower(random: Random): void {
    const { nowMs } = this.#host.queue
    const isSafe = (version: Version<T>) => nowMs - version.atMs >= SYNCED_AFTER_MS
    this.#versions = random.chance(TORN_SHARE)
      ? []
      : this.#versions.filter((version) => isSafe(version) || random.chance(0.5))
  }
}

export class Disk {
  /** The last configuration of the feed. */
  readonly feed: File<ConfigurationSnapshot>
  incarnation = -1
  /** Nothing can be written, but what is a few bytes: feed and incarnation. */
  isFull = false
  readonly #verdicts: File<ReadonlyMap<EndpointKey, SavedVerdict>>
  readonly #steering: File<SavedSteering>
  readonly #zones: File<StoredZones>
  readonly #random: Random

  constructor(host: Host, random: Random) {
    this.feed = new File(host)
    this.#verdicts = new File(host)
    this.#steering = new File(host)
    this.#zones = new File(host)
    this.#random = random
  }

  losePower(): void {
    this.feed.losePower(this.#random)
    this.#verdicts.losePower(this.#random)
    this.#steering.losePower(this.#random)
    this.#zones.losePower(this.#random)
  }

  /** Files are damaged, and set aside by whoever reads them. */
  lose(what: 'everything' | 'verdicts'): void {
    this.#verdicts.lose()
    if (what === 'verdicts') return
    for (const file of [this.feed, this.#steering, this.#zones]) file.lose()
  }

  /** PowerDNS's database; one that was torn is made anew, and empty. */
  get zones(): StoredZones {
    return this.#zones.read() ?? NO_ZONES
  }

  writeZones(zones: StoredZones): void {
    this.#zones.write(zones)
  }

  savedVerdicts(): readonly SavedVerdict[] {
    return [...(this.#verdicts.read()?.values() ?? [])]
  }

  /** For one life of a process. */
  verdictStorage(life: Life, promised: () => void): VerdictStorage {
    const write = (change: () => Iterable<SavedVerdict>) =>
      this.#write(life, promised, () => {
        this.#verdicts.write(new Map(Array.from(change(), (verdict) => [verdict.endpoint, verdict])))
      })
    return {
      load: () => Promise.resolve(this.savedVerdicts()),
      save: (verdicts) => write(() => verdicts),
      append: (verdicts) => write(() => [...this.savedVerdicts(), ...verdicts]),
    }
  }

  /** For one life of a process. */
  steeringStorage(life: Life, promised: () => void): SteeringStorage {
    return {
      load: () => Promise.resolve(this.#steering.read() ?? null),
      save: (steering) =>
        this.#write(life, promised, () => {
          this.#steering.write(steering)
        }),
    }
  }

  #write(life: Life, promised: () => void, write: () => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    life.after(this.#random.between(WRITE_MS.least, WRITE_MS.most), () => {
      promised()
      if (this.isFull) {
        reject(new Error('the disk is full'))
        return
      }
      write()
      resolve(undefined)
    })
    return promise
  }
}
