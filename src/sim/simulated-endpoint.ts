/** The truth about an endpoint: what it does with a probe, and since when. Only the simulation knows it. */
import type { EndpointKey } from '../core/model/resource.ts'
import type { EventQueue } from './event-queue.ts'

/** refusing: nobody listens there. silent: packets vanish, as when the machine or its network is dead. */
export type Condition = 'alive' | 'refusing' | 'silent'

export class SimulatedEndpoint {
  readonly key: EndpointKey
  readonly address: string
  /** Where it is, on the network. */
  readonly place: string
  readonly #queue: EventQueue
  #condition: Condition = 'alive'
  #changedAtMs = -Infinity

  constructor(queue: EventQueue, about: Pick<SimulatedEndpoint, 'key' | 'address' | 'place'>) {
    this.#queue = queue
    this.key = about.key
    this.address = about.address
    this.place = about.place
  }

  get condition(): Condition {
    return this.#condition
  }

  get isAlive(): boolean {
    return this.#condition === 'alive'
  }

  become(condition: Condition): void {
    if ((condition === 'alive') !== this.isAlive) this.#changedAtMs = this.#queue.nowMs
    this.#condition = condition
  }

  /** It has been alive, or dead, for so long. */
  get steadyForMs(): number {
    return this.#queue.nowMs - this.#changedAtMs
  }
}
