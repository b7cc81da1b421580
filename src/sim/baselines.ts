/**
 * The same probes, judged as simpler systems do: by any one checker, and by a majority of those that there are. Both are given
 * the best of conditions: every outcome is known to the judge at once, no network lies between.
 */
import type { EndpointKey } from '../core/model/resource.ts'
import { NAIVE_START, nextNaive, type NaiveOpinion } from './naive-checker.ts'
import type { SimulatedEndpoint } from './simulated-endpoint.ts'

export type BaselineName = 'anyOne' | 'majority'

export interface BaselineOptions {
  readonly rules: { readonly fall: number; readonly rise: number }
  readonly isFalseDown: (endpoint: SimulatedEndpoint) => boolean
}

const JUDGES: Readonly<Record<BaselineName, (down: number, all: number) => boolean>> = {
  anyOne: (down) => down > 0,
  majority: (down, all) => down * 2 > all,
}

export class Baselines {
  readonly falseDown: Record<BaselineName, number> = { anyOne: 0, majority: 0 }
  readonly #options: BaselineOptions
  /** By endpoint, then by checker. */
  readonly #opinions = new Map<EndpointKey, Map<string, NaiveOpinion>>()
  readonly #down: Record<BaselineName, Set<EndpointKey>> = { anyOne: new Set(), majority: new Set() }

  constructor(options: BaselineOptions) {
    this.#options = options
  }

  hear(checker: string, endpoint: SimulatedEndpoint, isSuccess: boolean): void {
    const opinions = this.#opinions.get(endpoint.key) ?? new Map<string, NaiveOpinion>()
    this.#opinions.set(endpoint.key, opinions)
    const before = opinions.get(checker) ?? NAIVE_START
    const after = nextNaive(before, isSuccess, this.#options.rules)
    opinions.set(checker, after)
    if (before.isDown === after.isDown && opinions.size > 1) return
    this.#judge(endpoint, opinions)
  }

  /** The checker is no longer there, and with it what it thought. */
  forget(checker: string): void {
    for (const opinions of this.#opinions.values()) opinions.delete(checker)
  }

  #judge(endpoint: SimulatedEndpoint, opinions: ReadonlyMap<string, NaiveOpinion>): void {
    let down = 0
    for (const { isDown } of opinions.values()) if (isDown) down += 1
    for (const [name, judge] of Object.entries(JUDGES) as [BaselineName, (typeof JUDGES)[BaselineName]][]) {
      const known = this.#down[name]
      if (!judge(down, opinions.size)) known.delete(endpoint.key)
      else if (!known.has(endpoint.key)) {
        known.add(endpoint.key)
        if (this.#options.isFalseDown(endpoint)) this.falseDown[name] += 1
      }
    }
  }
}
