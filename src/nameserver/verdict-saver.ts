/**
 * Keeps the verdicts on disk: within a second of a change (paced-saves.ts), never on the way of an answer. A change adds
 * what it changed; the whole is written anew once a minute, so that what was added stays short.
 * What must stay true: after the last change a write follows; a failed write is repeated as a whole and said, and costs no
 * verdict.
 */
import type { Logger } from 'pino'
import type { SavedVerdict } from '../core/health/verdict-book.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import type { Clock } from '../ports/clock.ts'
import type { VerdictStorage } from '../ports/verdict-storage.ts'
import { PacedSaves } from '../readers/paced-saves.ts'

export interface VerdictSaverOptions {
  readonly storage: VerdictStorage
  readonly read: (endpoints: ReadonlySet<EndpointKey> | 'all') => Iterable<SavedVerdict>
  readonly clock: Clock
  readonly logger: Logger
  readonly onAlarm: (message: string) => void
}

/** Between two wholes, while there are changes. */
const WHOLE_MS = 60_000
/** More changes than these are not worth adding one by one. */
const MAX_ADDED = 10_000

export class VerdictSaver {
  readonly #options: VerdictSaverOptions
  readonly #saves: PacedSaves
  #failed = false
  /** To be written; 'all' before the first whole and after a failure. */
  #dirty: Set<EndpointKey> | 'all' = 'all'
  #wholeNotBeforeMs = 0
  /** Nothing is saved before the first change: what an earlier run left stands until this one knows better. */
  #began = false

  constructor(options: VerdictSaverOptions) {
    this.#options = options
    this.#saves = new PacedSaves({ clock: options.clock, save: () => this.#save() })
  }

  /** These endpoints have other verdicts; or everything may be new. */
  changed(endpoints: Iterable<EndpointKey> | 'all'): void {
    this.#began = true
    if (endpoints === 'all') this.#dirty = 'all'
    else if (this.#dirty !== 'all') for (const endpoint of endpoints) this.#dirty.add(endpoint)
    // A process that is killed in this time starts with the verdict before, and answers by it until it has settled.
    this.#saves.request()
  }

  /** Saves once more. */
  async stop(): Promise<void> {
    await this.#saves.stop()
    this.#dirty = 'all'
    if (this.#began) await this.#save()
  }

  #takeDirty(): ReadonlySet<EndpointKey> | 'all' {
    const dirty = this.#dirty
    this.#dirty = new Set()
    const isWholeDue = this.#options.clock.monotonicMs() >= this.#wholeNotBeforeMs
    return isWholeDue || dirty === 'all' || dirty.size > MAX_ADDED ? 'all' : dirty
  }

  async #save(): Promise<boolean> {
    const { storage, read, clock, logger, onAlarm } = this.#options
    const endpoints = this.#takeDirty()
    try {
      if (endpoints === 'all') {
        await storage.save(read('all'))
        this.#wholeNotBeforeMs = clock.monotonicMs() + WHOLE_MS
      } else await storage.append([...read(endpoints)])
      this.#failed = false
    } catch (error) {
      this.#dirty = 'all'
      logger.error({ err: error }, 'could not save the verdicts')
      if (!this.#failed)
        onAlarm(`the verdicts could not be saved: ${error instanceof Error ? error.message : String(error)}`)
      this.#failed = true
    }
    return !this.#failed
  }
}
