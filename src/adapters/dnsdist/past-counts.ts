/**
 * What was counted in places where it no longer is: a name whose values changed is counted elsewhere from then on.
 * What must stay true: to leave a place costs no more than a note (it stands on the way of an answer; counters are read later, where
 * they are asked for); what a note is about is added once; nothing is kept of what no longer stands.
 */

export interface LeftPlace {
  /** Of the queries; the values follow, in their order. */
  readonly slot: number
  readonly values: readonly string[]
}

interface Counts {
  readonly queries: number
  readonly values: ReadonlyMap<string, number>
}

export class PastCounts {
  readonly #counts = new Map<string, Counts>()
  /** Not read yet. */
  readonly #left = new Map<string, LeftPlace[]>()

  leave(key: string, place: LeftPlace): void {
    const places = this.#left.get(key)
    if (places === undefined) this.#left.set(key, [place])
    else places.push(place)
  }

  /** Adds what the places that were left hold; `valuesOf`: those that a key is answered with now. */
  take(counters: Float64Array, valuesOf: (key: string) => readonly string[]): void {
    for (const [key, places] of this.#left) {
      const at = (index: number) => counters[index] ?? 0
      const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
      const queries = this.of(key) + sum(places.map(({ slot }) => at(slot)))
      const values = valuesOf(key).map((value) => {
        const counted = places.flatMap((place) => {
          const index = place.values.indexOf(value)
          return index === -1 ? [] : [at(place.slot + 1 + index)]
        })
        return [value, this.of(key, value) + sum(counted)] as const
      })
      this.#counts.set(key, { queries, values: new Map(values) })
    }
    this.#left.clear()
  }

  forget(key: string): void {
    this.#counts.delete(key)
    this.#left.delete(key)
  }

  /** Of a value, or of all queries. */
  of(key: string, value?: string): number {
    const counts = this.#counts.get(key)
    return (value === undefined ? counts?.queries : counts?.values.get(value)) ?? 0
  }
}
