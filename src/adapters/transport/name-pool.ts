/**
 * Names that the decoders of one reader share: 15 checkers name the same 100,000 endpoints, and their copies were two thirds of
 * what a nameserver held.
 * What must stay true: it is bounded, whatever is sent; to forget costs memory, and changes nothing.
 */
import type { EndpointKey } from '../../core/model/resource.ts'
import { LIMIT } from './frame-format.ts'

export interface Named {
  readonly endpoint: EndpointKey
  readonly definition: string
}

export class NamePool {
  readonly #named = new Map<EndpointKey, Named>()

  get size(): number {
    return this.#named.size
  }

  /** `named`, or what says the same and was shared before. Only for names out of a frame that is good. */
  share(named: Named): Named {
    const known = this.#named.get(named.endpoint)
    if (known?.definition === named.definition) return known
    if (known === undefined && this.#named.size >= LIMIT.endpoints) this.#named.clear()
    this.#named.set(named.endpoint, named)
    return named
  }
}
