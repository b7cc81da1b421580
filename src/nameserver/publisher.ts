/**
 * The reconciler between the plan and the DNS server's storage. It is told what may have changed and pulls what is to stand
 * there from the newest plan: one write at a time, and each takes everything that became dirty during the one before it.
 * What must stay true: nothing that became dirty is forgotten before it was committed; from `touch` to the write there is
 * neither a timer nor a turn of the loop, after a failure neither; a failed write is repeated until it succeeds, and the old
 * answers stand meanwhile; a zone that the storage refuses is held apart and holds up no other.
 */
import type { Logger } from 'pino'
import type { OwnerRecords } from '../core/dns/record-set.ts'
import type { Zone } from '../core/model/zone.ts'
import type { ZonePlan } from '../core/steering/answer-plan.ts'
import type { Clock } from '../ports/clock.ts'
import type {
  StorageChange,
  WriteResult,
  ZoneChange,
  ZoneSigning,
  ZoneStorage,
  ZoneTransfer,
} from '../ports/zone-storage.ts'

/** What is to be answered now; asked again for every write. */
export interface PlanSource {
  /** See StorageChange. */
  readonly trust?: NonNullable<StorageChange['trust']>
  zones(): ReadonlyMap<string, ZonePlan>
  /** How a zone is to be signed. */
  signing(zone: string): ZoneSigning
  /** How a zone is given to secondaries; absent: this plan is for none. */
  transfer?(zone: string): ZoneTransfer
  /** null: this name answers for nothing any more. */
  owner(name: string): { readonly zone: Zone; readonly records: OwnerRecords } | null
}

export interface PublisherOptions {
  readonly storage: ZoneStorage
  /** Told of each commit. */
  readonly publications: {
    committed(change: StorageChange, result: WriteResult, about: { readonly everything: boolean }): void
  }
  readonly onAlarm: (message: string) => void
  readonly clock: Clock
  readonly logger: Logger
}

const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 5_000
const ALARM_AGAIN_MS = 60_000
/** Somebody has to change something before a refused zone can be written: a new configuration is tried at once anyhow. */
const REFUSED_RETRY_MS = 15_000

export class Publisher {
  readonly #options: PublisherOptions
  #plan: PlanSource | null = null
  #everything = false
  readonly #dirty = new Set<string>()
  #open = false
  #writing: Promise<void> | null = null
  #failures = 0
  #alarmedAtMs = 0
  #cancelRetry: (() => void) | null = null
  /** Zones that the storage refused, with its reason: to be written again as a whole. */
  readonly #refused = new Map<string, string>()
  #refusedDue = false
  #cancelRefused: (() => void) | null = null

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** A new plan is in force: every zone is compared with what the storage holds. */
  replace(plan: PlanSource): void {
    this.#plan = plan
    this.#everything = true
    this.#stopWaiting()
    this.#kick()
  }

  /** These owner names may answer differently now. */
  touch(names: Iterable<string>): void {
    for (const name of names) this.#dirty.add(name)
    // Health does not wait for the end of a backoff.
    this.#stopWaiting()
    this.#kick()
  }

  /** Begins to write. Before it, changes are only noted. */
  open(): void {
    this.#open = true
    this.#stopWaiting()
    this.#kick()
  }

  /** Writes nothing until it is opened again, as before the first time. */
  pause(): void {
    this.#open = false
  }

  /** The storage is not as it was left: all of it is compared, and written where it differs. */
  rewrite(): void {
    this.#everything = true
    this.#kick()
  }

  async stop(): Promise<void> {
    this.#open = false
    await this.#writing
    this.#stopWaiting()
    this.#cancelRefused?.()
    this.#cancelRefused = null
  }

  #stopWaiting(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = null
  }

  #kick(): void {
    if (!this.#open || this.#writing !== null || this.#cancelRetry !== null || this.#plan === null) return
    if (!this.#isDirty() && !this.#refusedDue) return
    this.#writing = this.#write(this.#plan).finally(() => {
      this.#writing = null
      this.#kick()
    })
  }

  #isDirty(): boolean {
    return this.#everything || this.#dirty.size > 0
  }

  async #write(plan: PlanSource): Promise<void> {
    const everything = this.#everything
    const names = [...this.#dirty]
    const again = this.#refusedDue ? [...this.#refused.keys()] : []
    this.#everything = false
    this.#refusedDue = false
    this.#dirty.clear()
    try {
      const change = everything ? await this.#wholeChange(plan) : partialChange(plan, { names, again })
      const result = await this.#options.storage.write(change)
      this.#failures = 0
      this.#committed(change, result, everything)
    } catch (error) {
      // What became dirty meanwhile has not failed yet: it does not wait.
      const waits = !this.#isDirty()
      this.#everything ||= everything
      this.#refusedDue ||= again.length > 0
      for (const name of names) this.#dirty.add(name)
      const delayMs = this.#failed(error)
      if (waits) this.#retryAfter(delayMs)
    }
  }

  #committed(change: StorageChange, result: WriteResult, everything: boolean): void {
    const { publications, clock, onAlarm } = this.#options
    const reasons = new Map(result.refused.map(({ zone, reason }) => [zone, reason]))
    publications.committed(change, result, { everything })
    const before = new Map(this.#refused)
    if (everything) this.#refused.clear()
    for (const { zone, scope } of change.zones) {
      const reason = reasons.get(zone.name)
      // Of a refused zone a part may have been written: the whole is still to be.
      if (reason === undefined && scope === 'replace') this.#refused.delete(zone.name)
      // And why a part was refused says less than why the whole was.
      if (reason === undefined || (scope === 'update' && before.has(zone.name))) continue
      this.#refused.set(zone.name, reason)
      if (before.get(zone.name) !== reason)
        onAlarm(`the zone ${zone.name} could not be written, its old answers stand: ${reason}`)
    }
    if (this.#refused.size === 0) return
    this.#cancelRefused ??= clock.after(REFUSED_RETRY_MS, () => {
      this.#cancelRefused = null
      this.#refusedDue = this.#refused.size > 0
      this.#kick()
    })
  }

  async #wholeChange(plan: PlanSource): Promise<StorageChange> {
    const stored = await this.#options.storage.zones()
    const zones = plan.zones()
    return {
      ...(plan.trust && { trust: plan.trust }),
      zones: Array.from(zones.values(), ({ zone, owners }): ZoneChange => ({
        zone,
        scope: 'replace',
        owners,
        ...servingOf(plan, zone.name),
      })),
      removedZones: stored.filter((name) => !zones.has(name)),
    }
  }

  /** Says it; the result is how long to wait. */
  #failed(error: unknown): number {
    const { clock, logger, onAlarm } = this.#options
    this.#failures += 1
    const delayMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1))
    logger.error({ err: error, failures: this.#failures, delayMs }, 'could not write to the DNS storage')
    // The first failure is news; later ones are the same news, told again now and then.
    const nowMs = clock.monotonicMs()
    if (this.#failures === 1 || nowMs - this.#alarmedAtMs >= ALARM_AGAIN_MS) {
      this.#alarmedAtMs = nowMs
      onAlarm(
        `new answers could not be written, the old ones stand: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
    return delayMs
  }

  #retryAfter(delayMs: number): void {
    this.#cancelRetry = this.#options.clock.after(delayMs, () => {
      this.#cancelRetry = null
      this.#kick()
    })
  }
}

function servingOf(plan: PlanSource, zone: string): Pick<ZoneChange, 'signing' | 'transfer'> {
  const transfer = plan.transfer?.(zone)
  return { signing: plan.signing(zone), ...(transfer !== undefined && { transfer }) }
}

/** The owner names, and the zones that are to be written `again` as a whole. */
function partialChange(
  plan: PlanSource,
  { names, again }: { readonly names: readonly string[]; readonly again: readonly string[] },
): StorageChange {
  const plans = again.length === 0 ? null : plan.zones()
  const whole = again.flatMap((name) => plans?.get(name) ?? [])
  const byZone = new Map<string, { zone: Zone; owners: Map<string, OwnerRecords | null> }>()
  for (const name of names) {
    const owner = plan.owner(name)
    if (owner === null || again.includes(owner.zone.name)) continue
    const { zone, records } = owner
    const entry = byZone.get(zone.name) ?? { zone, owners: new Map<string, OwnerRecords | null>() }
    entry.owners.set(name, records.length === 0 ? null : records)
    byZone.set(zone.name, entry)
  }
  return {
    ...(plan.trust && { trust: plan.trust }),
    zones: [
      ...whole.map(({ zone, owners }): ZoneChange => ({
        ...{ zone, scope: 'replace', owners },
        ...servingOf(plan, zone.name),
      })),
      ...Array.from(byZone.values(), ({ zone, owners }): ZoneChange => ({ zone, scope: 'update', owners })),
    ],
    removedZones: [],
  }
}
