/**
 * Keeps the node's configuration on disk: within a second of a change, one write at a time, never on the way of an answer.
 * What must stay true: after the last change a write follows; a failed write is repeated and said.
 */
import type { Clock } from '../../ports/clock.ts'
import type { FeedFile } from './feed-file.ts'
import type { FeedSnapshot } from './feed-message.ts'

export interface FeedSaverOptions {
  readonly file: FeedFile
  readonly clock: Clock
  readonly onAlarm: (message: string) => void
}

const DELAY_MS = 300
const RETRY_MS = 5_000

export class FeedSaver {
  readonly #options: FeedSaverOptions
  #make: (() => FeedSnapshot) | null = null
  #cancel: (() => void) | null = null
  #saving: Promise<void> = Promise.resolve()
  #failed = false

  constructor(options: FeedSaverOptions) {
    this.#options = options
  }

  save(make: () => FeedSnapshot): void {
    this.#make = make
    this.#saveAfter(DELAY_MS)
  }

  /** What is not saved yet is saved now. */
  async stop(): Promise<void> {
    this.#cancelTimer()
    this.#saving = this.#saving.then(() => this.#write())
    await this.#saving
    this.#cancelTimer()
  }

  #saveAfter(delayMs: number): void {
    this.#cancel ??= this.#options.clock.after(delayMs, () => {
      this.#cancel = null
      this.#saving = this.#saving.then(() => this.#write())
    })
  }

  #cancelTimer(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  async #write(): Promise<void> {
    const make = this.#make
    if (make === null) return
    this.#make = null
    try {
      await this.#options.file.save(make())
      this.#failed = false
    } catch (error) {
      this.#make ??= make
      const reason = error instanceof Error ? error.message : String(error)
      if (!this.#failed) this.#options.onAlarm(`the configuration could not be saved: ${reason}`)
      this.#failed = true
      this.#saveAfter(RETRY_MS)
    }
  }
}
