/**
 * A checker as its readers see it, for tests of what reads frames: it numbers its frames as a real one does and forgets
 * everything at a restart. Nothing here probes; a test says what the registers are.
 */
import type { EndpointKey } from '../../model/resource.ts'
import type { Frame, ReportedRegister } from '../frame.ts'
import type { RegisterState } from '../register.ts'

export const DEFINITION = 'd1'

export class ReportingChecker {
  readonly checker: string
  readonly site: string
  fenced = false
  incarnation = 1
  #sequence = 0
  readonly #registers = new Map<EndpointKey, ReportedRegister>()

  constructor(checker: string, site: string = checker) {
    this.checker = checker
    this.site = site
  }

  state(endpoint: EndpointKey): RegisterState {
    return this.#registers.get(endpoint)?.state ?? 'unknown'
  }

  /** The frame that tells of one register. */
  report(
    endpoint: EndpointKey,
    state: RegisterState,
    { degraded = false, definition = DEFINITION } = {},
  ): Frame {
    const register: ReportedRegister = { endpoint, state, degraded, definition, output: [] }
    this.#registers.set(endpoint, register)
    return this.#next([register], false)
  }

  heartbeat(): Frame {
    return this.#next([], false)
  }

  snapshot(): Frame {
    return this.#next([...this.#registers.values()], true)
  }

  /** The first frame of the next incarnation: nothing is known any more. */
  restart(): Frame {
    this.incarnation += 1
    this.#sequence = 0
    this.#registers.clear()
    return this.#next([], true)
  }

  #next(registers: readonly ReportedRegister[], snapshot: boolean): Frame {
    this.#sequence += 1
    const { checker, site, incarnation, fenced } = this
    return {
      checker,
      site,
      incarnation,
      sequence: this.#sequence,
      revision: 1,
      fenced,
      loss: 0,
      registers,
      snapshot,
    }
  }
}
