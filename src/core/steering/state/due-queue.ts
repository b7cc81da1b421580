/**
 * What is due when: one time for each key, the earliest first. What must stay true: setting, taking and looking cost what is
 * due, and the logarithm of what there is.
 */
export class DueQueue {
  readonly #times = new Map<string, number>()
  /** A binary heap by time. Entries whose time is no longer that of their key are passed over. */
  #heap: Entry[] = []

  get size(): number {
    return this.#times.size
  }

  /** The key is due then, and at no other time. */
  set(key: string, atMs: number): void {
    if (this.#times.get(key) === atMs) return
    this.#times.set(key, atMs)
    this.#push({ key, atMs })
    if (this.#heap.length > 2 * this.#times.size + 64) this.#rebuild()
  }

  delete(key: string): void {
    this.#times.delete(key)
  }

  clear(): void {
    this.#times.clear()
    this.#heap = []
  }

  nextAtMs(): number | null {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined) return null
      if (this.#times.get(first.key) === first.atMs) return first.atMs
      this.#pop()
    }
  }

  /** Takes out what is due, in order of time. */
  takeDue(nowMs: number): string[] {
    const due: string[] = []
    for (;;) {
      const atMs = this.nextAtMs()
      if (atMs === null || atMs > nowMs) return due
      const entry = this.#pop()
      if (entry === undefined) return due
      this.#times.delete(entry.key)
      due.push(entry.key)
    }
  }

  #rebuild(): void {
    this.#heap = Array.from(this.#times, ([key, atMs]) => ({ key, atMs })).sort((a, b) => a.atMs - b.atMs)
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    while (at > 0) {
      const above = (at - 1) >>> 1
      const parent = heap[above]
      if (parent === undefined || parent.atMs <= entry.atMs) break
      heap[at] = parent
      at = above
    }
    heap[at] = entry
  }

  #pop(): Entry | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      const isRight = left !== undefined && right !== undefined && right.atMs < left.atMs
      const child = isRight ? right : left
      if (child === undefined || child.atMs >= last.atMs) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = last
    return first
  }
}

interface Entry {
  readonly key: string
  readonly atMs: number
}
