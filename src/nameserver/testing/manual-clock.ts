/**
 * Time that moves only when it is told to, for tests of what waits, retries and backs off.
 * What must stay true: timers run in the order in which they are due, and promises settle between two of them.
 */
import type { Clock } from '../../ports/clock.ts'

export class ManualClock implements Clock {
  #now = 0
  #timers: { readonly atMs: number; readonly callback: () => void }[] = []
  monotonicMs = () => this.#now
  wallMs = () => 1_800_000_000_000 + this.#now
  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#now + delayMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }
  /** Runs what is due, in order, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    for (;;) {
      const [next] = this.#timers.filter((timer) => timer.atMs <= until).sort((a, b) => a.atMs - b.atMs)
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.atMs)
      this.#timers = this.#timers.filter((timer) => timer !== next)
      next.callback()
      await settle()
    }
    this.#now = until
  }
}

export const turn = () => new Promise((resolve) => setImmediate(resolve))

/** As many turns of the loop as anything here needs that waits for no timer. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 8; turns += 1) await turn()
}
