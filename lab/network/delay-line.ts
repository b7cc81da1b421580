/**
 * Holds what enters for a time, and gives it out in the order in which it came, also when the time changes meanwhile. What must stay
 * true: it never holds more than so much; what enters when it is full, or before the time is told, is lost. Pure: `nowMs` is an
 * argument.
 */
export class DelayLine<T> {
  readonly #capacity: number
  readonly #held: { readonly item: T; readonly dueMs: number }[] = []
  /** null: nothing passes. */
  delayMs: number | null = null

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** false: it is lost. */
  enter(item: T, nowMs: number): boolean {
    if (this.delayMs === null || this.#held.length >= this.#capacity) return false
    const lastMs = this.#held.at(-1)?.dueMs ?? -Infinity
    this.#held.push({ item, dueMs: Math.max(lastMs, nowMs + this.delayMs) })
    return true
  }

  /** What has been held for its time. */
  leave(nowMs: number): T[] {
    const held = this.#held.findIndex(({ dueMs }) => dueMs > nowMs)
    return this.#held.splice(0, held === -1 ? this.#held.length : held).map(({ item }) => item)
  }

  /** null: it holds nothing. */
  get nextMs(): number | null {
    return this.#held[0]?.dueMs ?? null
  }
}
