/**
 * Keeps the verdicts on disk: within a second of a change, one write at a time, never on the way of an answer.
 * What must stay true: after the last change a write follows; a failed write is repeated and said, and costs no verdict.
 */
import type { Logger } from 'pino'
import type { SavedVerdict } from '../core/health/verdict-book.ts'
import type { Clock } from '../ports/clock.ts'
import type { VerdictStorage } from '../ports/verdict-storage.ts'

export interface VerdictSaverOptions {
  readonly storage: VerdictStorage
  readonly read: () => readonly SavedVerdict[]
  readonly clock: Clock
  readonly logger: Logger
  readonly onAlarm: (message: string) => void
}

/** After the answers that follow from the change are written, which takes a few milliseconds. */
const FIRST_MS = 20
/** Between two writes: many changes are one write. */
const SPACING_MS = 500
const RETRY_MS = 5_000

export class VerdictSaver {
  readonly #options: VerdictSaverOptions
  #cancel: (() => void) | null = null
  #saving: Promise<void> = Promise.resolve()
  #failed = false
  #notBeforeMs = Number.NEGATIVE_INFINITY
  /** Nothing is saved before the first change: what an earlier run left stands until this one knows better. */
  #began = false

  constructor(options: VerdictSaverOptions) {
    this.#options = options
  }

  changed(): void {
    this.#began = true
    // A process that is killed in this time starts with the verdict before, and answers by it until it has settled.
    this.#saveAfter(Math.max(FIRST_MS, this.#notBeforeMs - this.#options.clock.monotonicMs()))
  }

  /** Saves once more. */
  async stop(): Promise<void> {
    this.#cancelTimer()
    await this.#saving
    if (this.#began) await this.#save()
    this.#cancelTimer()
  }

  #saveAfter(delayMs: number): void {
    this.#cancel ??= this.#options.clock.after(delayMs, () => {
      this.#cancel = null
      this.#notBeforeMs = this.#options.clock.monotonicMs() + SPACING_MS
      this.#saving = this.#saving.then(() => this.#save())
    })
  }

  #cancelTimer(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  async #save(): Promise<void> {
    const { storage, read, logger, onAlarm } = this.#options
    try {
      await storage.save(read())
      this.#failed = false
    } catch (error) {
      logger.error({ err: error }, 'could not save the verdicts')
      if (!this.#failed)
        onAlarm(`the verdicts could not be saved: ${error instanceof Error ? error.message : String(error)}`)
      this.#failed = true
      this.#saveAfter(RETRY_MS)
    }
  }
}
