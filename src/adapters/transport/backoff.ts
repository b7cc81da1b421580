/**
 * How long to wait before the next attempt: doubled after each failure, with a jitter of half, so that a thousand who lost the
 * same peer do not come back in step.
 */
export class Backoff {
  readonly #firstMs: number
  readonly #maxMs: number
  #nextMs: number

  constructor({ firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number }) {
    this.#firstMs = firstMs
    this.#maxMs = maxMs
    this.#nextMs = firstMs
  }

  /** `random` from 0 to 1. */
  next(random: number): number {
    const delayMs = this.#nextMs * (0.5 + random / 2)
    this.#nextMs = Math.min(this.#maxMs, this.#nextMs * 2)
    return delayMs
  }

  reset(): void {
    this.#nextMs = this.#firstMs
  }
}
