/**
 * Simulated time: what is to happen, in order. Time stands still while something happens, and jumps to the next.
 * What must stay true: events of the same moment happen in the order in which they were planned; promises that one event
 * settled have run before the next event.
 */
interface Event {
  readonly atMs: number
  readonly order: number
  run: (() => void) | null
}

export class EventQueue {
  readonly #heap: Event[] = []
  #nowMs = 0
  #order = 0
  #isPromised = false

  get nowMs(): number {
    return this.#nowMs
  }

  /** Not before now. The result cancels it. */
  at(dueMs: number, run: () => void): () => void {
    const event: Event = { atMs: Math.max(dueMs, this.#nowMs), order: this.#order, run }
    this.#order += 1
    this.#push(event)
    return () => {
      event.run = null
    }
  }

  after(delayMs: number, run: () => void): () => void {
    return this.at(this.#nowMs + delayMs, run)
  }

  /** The event at hand settles promises. */
  promised(): void {
    this.#isPromised = true
  }

  /** Until that time, and all that is due then. */
  async run(untilMs: number): Promise<void> {
    await settle()
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop()
      this.#nowMs = next.atMs
      next.run?.()
      if (!this.#isPromised) continue
      this.#isPromised = false
      await settle()
    }
    this.#nowMs = untilMs
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Event
      if (isBefore(above, event)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1
      const below = heap[child] as Event
      if (isBefore(last, below)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
