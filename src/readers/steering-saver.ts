/**
 * Keeps on disk what steering remembers.
 * What must stay true: after the last change a write follows (paced-saves.ts); a failed write is said once and repeated.
 */
import type { SavedSteering } from '../core/steering/state/saved-steering.ts'
import type { Clock } from '../ports/clock.ts'
import type { SteeringStorage } from '../ports/steering-storage.ts'
import { PacedSaves } from './paced-saves.ts'

export interface SteeringSaverOptions {
  readonly storage: Pick<SteeringStorage, 'save'>
  readonly read: () => SavedSteering
  readonly clock: Clock
  /** In words, for the log and for control. */
  readonly onAlarm: (message: string) => void
}

export class SteeringSaver {
  readonly #options: SteeringSaverOptions
  readonly #saves: PacedSaves
  #failed = false
  /** What an earlier run left stands until the first change. */
  #isDirty = false

  constructor(options: SteeringSaverOptions) {
    this.#options = options
    this.#saves = new PacedSaves({ clock: options.clock, save: () => this.#save() })
  }

  changed(): void {
    this.#isDirty = true
    this.#saves.request()
  }

  /** Saves what is not saved yet. */
  async stop(): Promise<void> {
    await this.#saves.stop()
    await this.#save()
  }

  async #save(): Promise<boolean> {
    if (!this.#isDirty) return true
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
    }
    return !this.#failed
  }
}
