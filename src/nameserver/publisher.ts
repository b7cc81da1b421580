/**
 * The reconciler between the plan and the DNS server's storage. It is told what may have changed and pulls what is to stand
 * there from the newest plan: one write at a time, and each takes everything that became dirty during the one before it.
 * What must stay true: nothing that became dirty is forgotten before it was committed; from `touch` to the write there is
 * neither a timer nor a turn of the loop; a failed write is repeated until it succeeds, and the old answers stand meanwhile.
 */
import type { Logger } from 'pino'
import type { OwnerRecords } from '../core/dns/record-set.ts'
import type { Zone } from '../core/model/zone.ts'
import type { ZonePlan } from '../core/steering/answer-plan.ts'
import type { Clock } from '../ports/clock.ts'
import type { StorageChange, ZoneChange, ZoneStorage } from '../ports/zone-storage.ts'
import type { Publications } from './publications.ts'

/** What is to be answered now; asked again for every write. */
export interface PlanSource {
  zones(): ReadonlyMap<string, ZonePlan>
  /** null: this name answers for nothing any more. */
  owner(name: string): { readonly zone: Zone; readonly records: OwnerRecords } | null
}

export interface PublisherOptions {
  readonly storage: ZoneStorage
  readonly publications: Publications
  readonly onAlarm: (message: string) => void
  readonly clock: Clock
  readonly logger: Logger
}

const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 5_000

export class Publisher {
  readonly #options: PublisherOptions
  #plan: PlanSource | null = null
  #everything = false
  readonly #dirty = new Set<string>()
  #open = false
  #writing: Promise<void> | null = null
  #failures = 0
  #cancelRetry: (() => void) | null = null

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** A new plan is in force: every zone is compared with what the storage holds. */
  replace(plan: PlanSource): void {
    this.#plan = plan
    this.#everything = true
    this.#kick()
  }

  /** These owner names may answer differently now. */
  touch(names: Iterable<string>): void {
    for (const name of names) this.#dirty.add(name)
    this.#kick()
  }

  /** Begins to write. Before it, changes are only noted. */
  open(): void {
    this.#open = true
    this.#kick()
  }

  /** The storage was made anew: all of it is to be written again. */
  rewrite(): void {
    this.#everything = true
    this.#kick()
  }

  async stop(): Promise<void> {
    this.#open = false
    this.#cancelRetry?.()
    await this.#writing
  }

  #kick(): void {
    if (!this.#open || this.#writing !== null || this.#cancelRetry !== null || this.#plan === null) return
    if (!this.#everything && this.#dirty.size === 0) return
    this.#writing = this.#write(this.#plan).finally(() => {
      this.#writing = null
      this.#kick()
    })
  }

  async #write(plan: PlanSource): Promise<void> {
    const everything = this.#everything
    const names = [...this.#dirty]
    this.#everything = false
    this.#dirty.clear()
    try {
      const change = everything ? await this.#wholeChange(plan) : partialChange(plan, names)
      const result = await this.#options.storage.write(change)
      this.#failures = 0
      this.#options.publications.committed(change, result, { everything })
    } catch (error) {
      this.#everything ||= everything
      for (const name of names) this.#dirty.add(name)
      this.#retryLater(error)
    }
  }

  async #wholeChange(plan: PlanSource): Promise<StorageChange> {
    const stored = await this.#options.storage.zones()
    const zones = plan.zones()
    return {
      zones: Array.from(zones.values(), ({ zone, owners }): ZoneChange => ({
        zone,
        scope: 'replace',
        owners,
      })),
      removedZones: stored.filter((name) => !zones.has(name)),
    }
  }

  #retryLater(error: unknown): void {
    const { clock, logger, onAlarm } = this.#options
    this.#failures += 1
    const delayMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1))
    logger.error({ err: error, failures: this.#failures, delayMs }, 'could not write to the DNS storage')
    // The first failure is news; later ones are the same news, told again as the backoff reaches its end.
    if (this.#failures === 1 || delayMs === MAX_RETRY_MS)
      onAlarm(
        `new answers could not be written, the old ones stand: ${error instanceof Error ? error.message : String(error)}`,
      )
    this.#cancelRetry = clock.after(delayMs, () => {
      this.#cancelRetry = null
      this.#kick()
    })
  }
}

function partialChange(plan: PlanSource, names: readonly string[]): StorageChange {
  const byZone = new Map<string, { zone: Zone; owners: Map<string, OwnerRecords | null> }>()
  for (const name of names) {
    const owner = plan.owner(name)
    if (owner === null) continue
    const { zone, records } = owner
    const entry = byZone.get(zone.name) ?? { zone, owners: new Map<string, OwnerRecords | null>() }
    entry.owners.set(name, records.length === 0 ? null : records)
    byZone.set(zone.name, entry)
  }
  return {
    zones: Array.from(byZone.values(), ({ zone, owners }) => ({ zone, scope: 'update', owners })),
    removedZones: [],
  }
}
