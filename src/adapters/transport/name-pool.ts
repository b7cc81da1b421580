/**
 * Names that the decoders of one reader share: 15 checkers name the same 100,000 endpoints, and their copies were two thirds of
 * what a nameserver held. With each name its last register: 25,000 registers a second are read again, and nearly all are as
 * they were.
 * What must stay true: it is bounded, whatever is sent; to forget costs memory, and changes nothing.
 */
import type { ProbeOutput, ReportedRegister } from '../../core/health/frame.ts'
import type { RegisterState } from '../../core/health/register.ts'
import type { EndpointKey } from '../../core/model/resource.ts'
import { LIMIT } from './frame-format.ts'

/** An endpoint under a definition, and the register without outputs that was read for it last: most are as they were. */
export class Named {
  readonly endpoint: EndpointKey
  readonly definition: string
  #register: ReportedRegister | null = null

  constructor(endpoint: EndpointKey, definition: string) {
    this.endpoint = endpoint
    this.definition = definition
  }

  /** Without outputs. The same object for the same content, as far as it is the latest. */
  register(state: RegisterState, degraded: boolean): ReportedRegister {
    const latest = this.#register
    if (latest?.state === state && latest.degraded === degraded) return latest
    const { endpoint, definition } = this
    return (this.#register = { endpoint, state, degraded, definition, output: NO_OUTPUT })
  }
}

const NO_OUTPUT: readonly ProbeOutput[] = []

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
