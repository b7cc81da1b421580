/**
 * Keeps on disk what steering remembers: soon after a change, one write at a time, never on the way of an answer.
 * What must stay true: after the last change a write follows; a failed write is said once and repeated.
 */
import type { SavedSteering } from '../core/steering/state/saved-steering.ts'
import type { Clock } from '../ports/clock.ts'
import type { SteeringStorage } from '../ports/steering-storage.ts'

export interface SteeringSaverOptions {
  readonly storage: Pick<SteeringStorage, 'save'>
  readonly read: () => SavedSteering
  readonly clock: Clock
  /** In words, for the log and for control. */
  readonly onAlarm: (message: string) => void
}

/** After the answers that follow from the change are written, which takes a few milliseconds. */
const FIRST_MS = 20
/** Between two writes: many changes are one write. */
const SPACING_MS = 500
const RETRY_MS = 5_000

export class SteeringSaver {
  readonly #options: SteeringSaverOptions
  #cancel: (() => void) | null = null
  #saving: Promise<void> = Promise.resolve()
  #failed = false
  #notBeforeMs = Number.NEGATIVE_INFINITY
  /** What an earlier run left stands until the first change. */
  #isDirty = false

  constructor(options: SteeringSaverOptions) {
    this.#options = options
  }

  changed(): void {
    this.#isDirty = true
    this.#saveAfter(Math.max(FIRST_MS, this.#notBeforeMs - this.#options.clock.monotonicMs()))
  }

  /** Saves what is not saved yet. */
  async stop(): Promise<void> {
    this.#cancelTimer()
    await this.#saving
    await this.#save()
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
    if (!this.#isDirty) return
    this.#isDirty = false
    const { storage, read, onAlarm } = this.#options
    try {
      await storage.save(read())
      this.#failed = false
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (!this.#failed) onAlarm(`the steering state could not be saved: ${reason}`)
      this.#failed = true
      this.#isDirty = true
      this.#saveAfter(RETRY_MS)
    }
  }
}
