/**
 * When to save what changes often: soon after a change, one write at a time, never on the way of an answer.
 * What must stay true: after the last request a save follows; one that failed is repeated.
 */
import type { Clock } from '../ports/clock.ts'

export interface PacedSavesOptions {
  /** False: it failed, and is to be repeated. Never rejects. */
  readonly save: () => Promise<boolean>
  readonly clock: Clock
}

/** After the answers that follow from the change are written, which takes a few milliseconds. */
const FIRST_MS = 20
/** Between two saves: many changes are one. */
const SPACING_MS = 500
const RETRY_MS = 5_000

export class PacedSaves {
  readonly #options: PacedSavesOptions
  #cancel: (() => void) | null = null
  #saving: Promise<void> = Promise.resolve()
  #notBeforeMs = Number.NEGATIVE_INFINITY

  constructor(options: PacedSavesOptions) {
    this.#options = options
  }

  request(): void {
    this.#saveAfter(Math.max(FIRST_MS, this.#notBeforeMs - this.#options.clock.monotonicMs()))
  }

  /** Resolves when nothing is being saved, and nothing will be. */
  async stop(): Promise<void> {
    this.#cancelTimer()
    await this.#saving
    this.#cancelTimer()
  }

  #saveAfter(delayMs: number): void {
    this.#cancel ??= this.#options.clock.after(delayMs, () => {
      this.#cancel = null
      this.#notBeforeMs = this.#options.clock.monotonicMs() + SPACING_MS
      this.#saving = this.#saving.then(async () => {
        if (!(await this.#options.save())) this.#saveAfter(RETRY_MS)
      })
    })
  }

  #cancelTimer(): void {
    this.#cancel?.()
    this.#cancel = null
  }
}
