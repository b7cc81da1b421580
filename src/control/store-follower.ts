/**
 * Looks for what other controls have committed to the same store: the store is the truth, and this is how it is heard of.
 * What must stay true: one look at a time, about one a second, never in step with other controls; a store that does not answer
 * is said once and asked again, and nothing else stops for it.
 */
import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'

export interface StoreFollowerOptions {
  readonly look: () => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

const EVERY_MS = 1_000
const JITTER_MS = 200

export class StoreFollower {
  readonly #options: StoreFollowerOptions
  #cancel: () => void = () => undefined
  #looking: Promise<void> = Promise.resolve()
  #stopped = false
  #failing = false

  constructor(options: StoreFollowerOptions) {
    this.#options = options
  }

  start(): void {
    const delayMs = EVERY_MS - JITTER_MS / 2 + Math.random() * JITTER_MS
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#looking = this.#look().then(() => {
        if (!this.#stopped) this.start()
      })
    })
  }

  /** Resolves when no look is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
  }

  async #look(): Promise<void> {
    const { look, logger } = this.#options
    try {
      await look()
      if (this.#failing) logger.info('the store answers again')
      this.#failing = false
    } catch (error) {
      if (!this.#failing)
        logger.error({ err: error }, 'the store does not answer: the configuration stays as it is')
      this.#failing = true
    }
  }
}
