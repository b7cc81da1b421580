/**
 * Work that is done again and again, some time apart, which is not the same for all controls.
 * What must stay true: it never runs twice at once; once stopped it is over, and begins no more.
 */
import type { Clock } from '../ports/clock.ts'

export interface RecurringWorkOptions {
  /** Never rejects. */
  readonly work: () => Promise<void>
  readonly everyMs: number
  /** At most so much more, by chance. */
  readonly jitterMs: number
  readonly clock: Clock
}

export class RecurringWork {
  readonly #options: RecurringWorkOptions
  #cancel: () => void = () => undefined
  #working: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: RecurringWorkOptions) {
    this.#options = options
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** For the first time after the pause. */
  start(): void {
    const { work, everyMs, jitterMs, clock } = this.#options
    this.#cancel = clock.after(everyMs + Math.random() * jitterMs, () => {
      this.#working = work().then(() => {
        if (!this.#stopped) this.start()
      })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#working
  }
}
