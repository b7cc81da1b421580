/**
 * Bounds how many probes run at once. What waits is served in order; its waiting is lateness of ours, never the endpoint's:
 * a probe's time begins when it starts.
 */
export class ProbeGate {
  readonly #limit: number
  readonly #waiting = new Set<() => void>()
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Calls `start` when there is room, at once if there is now. Each start is followed by one `leave`. The result withdraws it. */
  enter(start: () => void): () => void {
    const wait = () => {
      start()
    }
    if (this.#running < this.#limit) {
      this.#running += 1
      wait()
    } else this.#waiting.add(wait)
    return () => {
      this.#waiting.delete(wait)
    }
  }

  leave(): void {
    this.#running -= 1
    for (const start of this.#waiting) {
      this.#waiting.delete(start)
      this.#running += 1
      start()
      return
    }
  }
}
