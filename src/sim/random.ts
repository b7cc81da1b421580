/** Chance from a seed: the same seed draws the same numbers, on every machine. sfc32 (Chris Doty-Humphrey, PractRand). */
export class Random {
  #a = 0x9e3779b9
  #b = 0x243f6a88
  #c = 0xb7e15162
  #counter: number

  /** Of the seed the lower 32 bits count. */
  constructor(seed: number) {
    this.#counter = seed >>> 0
    for (let round = 0; round < 16; round += 1) this.next()
  }

  /** 0 to 1, without 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  /** 0 to count - 1. */
  index(count: number): number {
    return Math.floor(this.next() * count)
  }

  /** One of at least one. */
  pick<T>(from: readonly T[]): T {
    return from[this.index(from.length)] as T
  }

  /** So many different ones, in an order by chance. */
  sample<T>(from: readonly T[], count: number): T[] {
    const left = [...from]
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const [taken] = left.splice(this.index(left.length), 1)
      return taken as T
    })
  }
}
