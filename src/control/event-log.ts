/**
 * The last events, for those who watch and for those who come back after an interruption.
 * What must stay true: ids only grow, across restarts too (they start from the wall clock in microseconds); a reader that
 * comes back either gets every event after its last one, once, or is told that it cannot.
 */
import type { Clock } from '../ports/clock.ts'
import type { NodeEvent } from '../ports/report.ts'

export interface LoggedEvent {
  readonly id: number
  readonly event: NodeEvent
}

export type Resumption =
  | { readonly kind: 'resumed'; readonly events: readonly LoggedEvent[] }
  /** Events may have been missed. */
  | { readonly kind: 'reset'; readonly reason: string }

const CAPACITY = 10_000

export class EventLog {
  readonly #events: LoggedEvent[] = []
  readonly #listeners = new Set<(event: LoggedEvent) => void>()
  readonly #capacity: number
  readonly #clock: Clock
  #lastId: number
  /** Ids above this one are all still here. */
  #floor: number

  constructor(clock: Clock, capacity = CAPACITY) {
    this.#clock = clock
    this.#capacity = capacity
    this.#lastId = Math.floor(clock.wallMs() * 1_000)
    this.#floor = this.#lastId
  }

  /** Id of the newest event; before the first one, that of the start. */
  get lastId(): number {
    return this.#lastId
  }

  append(event: NodeEvent): void {
    this.#lastId = Math.max(this.#lastId + 1, Math.floor(this.#clock.wallMs() * 1_000))
    const logged = { id: this.#lastId, event }
    this.#events.push(logged)
    // In blocks: to shift a long array for each event would cost its length.
    if (this.#events.length >= this.#capacity * 1.25) {
      const gone = this.#events.splice(0, this.#events.length - this.#capacity)
      this.#floor = gone.at(-1)?.id ?? this.#floor
    }
    for (const listener of this.#listeners) listener(logged)
  }

  /** What came after the event of this id. */
  after(id: number): Resumption {
    if (id > this.#lastId) return { kind: 'reset', reason: 'that event was never sent by this server' }
    if (id < this.#floor)
      return { kind: 'reset', reason: 'that event is too old: events after it are no longer here' }
    return { kind: 'resumed', events: this.#events.filter((logged) => logged.id > id) }
  }

  /** Newest first. */
  latest(limit: number): readonly NodeEvent[] {
    return this.#events
      .slice(-limit)
      .reverse()
      .map((logged) => logged.event)
  }

  /** Calls `listener` for each later event, in the turn in which it comes. The result ends it. */
  subscribe(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
