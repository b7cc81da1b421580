/**
 * Something that there is little of, for many who ask: who asks without end takes nothing of what is kept for another.
 * What must stay true: each gets a few; the first of each is kept for it, for as many as may be known; what is remembered is bounded.
 */
export interface ShareOf {
  /** For one of them. */
  readonly each: number
  /** Those that are known; whoever comes later gets nothing. */
  readonly known: number
  /** For all of them together, beside the first one of each. */
  readonly more: number
}

export class FairShare {
  readonly #size: ShareOf
  readonly #taken = new Map<string, number>()
  #more = 0

  constructor(size: ShareOf) {
    this.#size = size
  }

  /** There is something left for it. */
  has(who: string): boolean {
    const { each, known, more } = this.#size
    const taken = this.#taken.get(who) ?? 0
    return taken === 0 ? this.#taken.size < known : taken < each && this.#more < more
  }

  /** False: there is nothing left for it. */
  take(who: string): boolean {
    if (!this.has(who)) return false
    const taken = this.#taken.get(who) ?? 0
    if (taken > 0) this.#more += 1
    this.#taken.set(who, taken + 1)
    return true
  }

  /** It has had some. */
  knows(who: string): boolean {
    return this.#taken.has(who)
  }

  /** Everybody begins anew. */
  reset(): void {
    this.#taken.clear()
    this.#more = 0
  }
}
