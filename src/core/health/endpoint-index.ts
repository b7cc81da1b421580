/**
 * Numbers for endpoint keys, so that what is known of 100,000 of them by 15 checkers lies in a few flat arrays.
 * What must stay true: a key keeps its number until it is released; numbers stay dense, released ones are given out again.
 */
import type { EndpointKey } from '../model/resource.ts'

export class EndpointIndex {
  readonly #numbers = new Map<EndpointKey, number>()
  readonly #keys: (EndpointKey | undefined)[] = []
  readonly #free: number[] = []

  /** All numbers are below it. */
  get length(): number {
    return this.#keys.length
  }

  intern(key: EndpointKey): number {
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#free.pop() ?? this.#keys.length
    this.#keys[number] = key
    this.#numbers.set(key, number)
    return number
  }

  numberOf(key: EndpointKey): number | undefined {
    return this.#numbers.get(key)
  }

  /** Throws for a number that was not given out. */
  keyOf(number: number): EndpointKey {
    const key = this.#keys[number]
    if (key === undefined) throw new RangeError(`no endpoint has the number ${number}`)
    return key
  }

  has(number: number): boolean {
    return this.#keys[number] !== undefined
  }

  release(number: number): void {
    const key = this.#keys[number]
    if (key === undefined) return
    this.#numbers.delete(key)
    this.#keys[number] = undefined
    this.#free.push(number)
  }
}
