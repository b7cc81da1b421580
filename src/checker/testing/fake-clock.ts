/** A clock that stands still until it is advanced: for tests alone. Callbacks run in the order in which they are due. */
import type { Clock } from '../../ports/clock.ts'

interface Pending {
  readonly dueMs: number
  readonly callback: () => void
}

export class FakeClock implements Clock {
  #nowMs: number
  #wallOffsetMs = 1_700_000_000_000
  readonly #pending = new Set<Pending>()

  constructor(nowMs = 0) {
    this.#nowMs = nowMs
  }

  get timers(): number {
    return this.#pending.size
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#wallOffsetMs + this.#nowMs
  }

  shiftWall(byMs: number): void {
    this.#wallOffsetMs += byMs
  }

  after(delayMs: number, callback: () => void): () => void {
    const pending = { dueMs: this.#nowMs + delayMs, callback }
    this.#pending.add(pending)
    return () => this.#pending.delete(pending)
  }

  /** Time passes without a callback running: what a stalled loop sees. The next advance runs what is overdue. */
  stall(byMs: number): void {
    this.#nowMs += byMs
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (let next = this.#nextDue(untilMs); next !== null; next = this.#nextDue(untilMs)) this.#fire(next)
    this.#nowMs = untilMs
  }

  /** As `advance`, and lets promises settle after each callback. */
  async run(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs
    await settle()
    for (let next = this.#nextDue(untilMs); next !== null; next = this.#nextDue(untilMs)) {
      this.#fire(next)
      await settle()
    }
    this.#nowMs = untilMs
  }

  /** As `run`, callback by callback until it holds; an error when it does not by then. */
  async until(holds: () => boolean, withinMs: number): Promise<void> {
    const untilMs = this.#nowMs + withinMs
    await settle()
    while (!holds()) {
      const next = this.#nextDue(untilMs)
      if (next === null) throw new Error(`does not hold within ${withinMs} ms`)
      this.#fire(next)
      await settle()
    }
  }

  #fire(pending: Pending): void {
    this.#pending.delete(pending)
    this.#nowMs = Math.max(this.#nowMs, pending.dueMs)
    pending.callback()
  }

  #nextDue(untilMs: number): Pending | null {
    let next: Pending | null = null
    for (const pending of this.#pending)
      if (pending.dueMs <= untilMs && (next === null || pending.dueMs < next.dueMs)) next = pending
    return next
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
