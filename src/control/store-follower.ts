/**
 * Looks for what other controls have committed to the same store: the store is the truth, and this is how it is heard of.
 * What must stay true: one look at a time, about two a second, never in step with other controls; a hint of the store brings the next
 * one forward, and is never needed; a store that does not answer is said once and asked again, and nothing else stops for it.
 */
import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'

export interface StoreFollowerOptions {
  readonly look: () => Promise<void>
  /** About so often; twice a second if absent. */
  readonly everyMs?: number
  /** Absent or null: the store gives none. */
  readonly onHint?: Store['onHint']
  readonly clock: Clock
  readonly logger: Logger
}

const EVERY_MS = 500
/** Of that. */
const JITTER = 0.2

export class StoreFollower {
  readonly #options: StoreFollowerOptions
  #cancel: () => void = () => undefined
  #looking: Promise<void> = Promise.resolve()
  #forgetHints: () => void = () => undefined
  #isWaiting = false
  #isHinted = false
  #stopped = false
  #failing = false

  constructor(options: StoreFollowerOptions) {
    this.#options = options
  }

  start(): void {
    const { onHint } = this.#options
    if (onHint)
      this.#forgetHints = onHint(() => {
        this.#hurry()
      })
    this.#wait()
  }

  #wait(): void {
    const { everyMs = EVERY_MS } = this.#options
    const delayMs = everyMs * (1 + (Math.random() - 0.5) * JITTER)
    this.#cancel = this.#options.clock.after(this.#isHinted ? 0 : delayMs, () => {
      this.#isHinted = false
      this.#isWaiting = false
      this.#looking = this.#look().then(() => {
        if (!this.#stopped) this.#wait()
      })
    })
    this.#isWaiting = true
  }

  /** What was committed while a look was under way may not have been in it. */
  #hurry(): void {
    if (this.#stopped || this.#isHinted) return
    this.#isHinted = true
    if (!this.#isWaiting) return
    this.#cancel()
    this.#wait()
  }

  /** Resolves when no look is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#forgetHints()
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
