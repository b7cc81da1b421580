/** Warnings that somebody else may cause as often as they like: one in five seconds is written, the others are counted. */
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'

const EVERY_MS = 5_000

export class SparseLog {
  readonly #logger: Logger
  readonly #clock: Clock
  #nextMs = Number.NEGATIVE_INFINITY
  #unsaid = 0

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  warn(message: string): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs < this.#nextMs) {
      this.#unsaid += 1
      return
    }
    this.#nextMs = nowMs + EVERY_MS
    this.#logger.warn(this.#unsaid === 0 ? {} : { alike: this.#unsaid }, message)
    this.#unsaid = 0
  }
}
