/**
 * Refusals on their way to whoever keeps them: those who knock as often as they like must fill no log and no report.
 * What must stay true: of each WINDOW_MS the first ones are told one by one, and how many more there were is told as well.
 */
import type { Clock } from '../../ports/clock.ts'
import type { OnRefused, Refusal } from '../../ports/refusals.ts'

const WINDOW_MS = 10_000
const TOLD = 50

export class RefusalLimit {
  readonly #onRefused: OnRefused
  readonly #clock: Clock
  #windowEndsMs = Number.NEGATIVE_INFINITY
  #count = 0
  #cancel: () => void = () => undefined

  constructor(onRefused: OnRefused, clock: Clock) {
    this.#onRefused = onRefused
    this.#clock = clock
  }

  tell(what: Refusal): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = nowMs + WINDOW_MS
      this.#count = 0
    }
    this.#count += 1
    if (this.#count <= TOLD) this.#onRefused(what)
    else if (this.#count === TOLD + 1)
      this.#cancel = this.#clock.after(this.#windowEndsMs - nowMs, () => {
        const more = this.#count - TOLD
        this.#onRefused({ who: '', from: '', reason: `${more} more were refused within ten seconds` })
        this.#windowEndsMs = Number.NEGATIVE_INFINITY
      })
  }

  stop(): void {
    this.#cancel()
  }
}
