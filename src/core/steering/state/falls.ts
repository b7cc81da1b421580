/**
 * Falls: the endpoints whose verdict went from up to down, and who takes them out of the answers: the verdict, which the
 * withdrawal budget counts, or an operator, which it does not (SPEC.md, F1 to F6).
 * What must stay true: an endpoint that an operator had out already is not taken out once more by its verdict.
 */
import type { Configuration } from '../../model/configuration.ts'
import type { EndpointKey } from '../../model/resource.ts'
import { overrideInForce } from '../operations-in-force.ts'
import { isOutByOperator } from './out-by-operator.ts'

/** counted: the verdict took it out; forced-up: it is still answered; out: an operator had it out when it fell, or since. */
export type FallKind = 'counted' | 'forced-up' | 'out'

export interface SavedFall {
  readonly endpoint: EndpointKey
  readonly kind: FallKind
}

/** To be told to the budget. */
export interface FallChange {
  readonly endpoint: EndpointKey
  readonly to: 'withdrawn' | 'forgotten'
}

export class Falls {
  readonly #falls = new Map<EndpointKey, FallKind>()

  has(endpoint: EndpointKey): boolean {
    return this.#falls.has(endpoint)
  }

  keys(): Iterable<EndpointKey> {
    return this.#falls.keys()
  }

  isForcedUp(endpoint: EndpointKey): boolean {
    return this.#falls.get(endpoint) === 'forced-up'
  }

  fell(endpoint: EndpointKey, configuration: Configuration, wallMs: number): FallChange[] {
    const kind = operatorsWord(endpoint, configuration, wallMs) ?? 'counted'
    this.#falls.set(endpoint, kind)
    return kind === 'counted' ? [{ endpoint, to: 'withdrawn' }] : []
  }

  /** It is up, or gone. */
  ended(endpoint: EndpointKey): FallChange[] {
    const kind = this.#falls.get(endpoint)
    this.#falls.delete(endpoint)
    return kind === 'counted' ? [{ endpoint, to: 'forgotten' }] : []
  }

  /** Operators may say something else of these now. */
  review(endpoints: Iterable<EndpointKey>, configuration: Configuration, wallMs: number): FallChange[] {
    const changes: FallChange[] = []
    for (const endpoint of endpoints) {
      const before = this.#falls.get(endpoint)
      if (before === undefined) continue
      const word = operatorsWord(endpoint, configuration, wallMs)
      // Of those that an operator had out and lets in again nothing is taken: they were not answered.
      const after = word ?? (before === 'forced-up' ? 'counted' : before)
      this.#falls.set(endpoint, after)
      if (before === 'counted' && after !== 'counted') changes.push({ endpoint, to: 'forgotten' })
      if (before !== 'counted' && after === 'counted') changes.push({ endpoint, to: 'withdrawn' })
    }
    return changes
  }

  save(): SavedFall[] {
    return Array.from(this.#falls, ([endpoint, kind]) => ({ endpoint, kind }))
  }

  restore(saved: readonly SavedFall[]): void {
    for (const { endpoint, kind } of saved) this.#falls.set(endpoint, kind)
  }
}

/** What an operator decides of the endpoint whatever its verdict; null: the verdict decides. */
function operatorsWord(
  endpoint: EndpointKey,
  configuration: Configuration,
  wallMs: number,
): Exclude<FallKind, 'counted'> | null {
  const override = overrideInForce(configuration, endpoint, wallMs)
  if (override?.state === 'forced-up') return 'forced-up'
  return isOutByOperator(endpoint, configuration, wallMs) ? 'out' : null
}
