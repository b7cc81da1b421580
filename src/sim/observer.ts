/**
 * Sees every verdict of every nameserver, and compares it with the truth: false DOWNs and UPs, how long a death took to be
 * seen, how long nameservers disagreed, and a hash of all that happened.
 */
import { createHash } from 'node:crypto'
import type { Transition, VerdictBook } from '../core/health/verdict-book.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import type { EventQueue } from './event-queue.ts'
import type { SimulatedEndpoint } from './simulated-endpoint.ts'

/** A verdict may follow the truth by so long: settle, lease, and what a probe with its confirmation takes. */
const FOLLOWS_MS = 20_000

interface Reader {
  readonly name: string
}

interface Expected {
  readonly endpoint: EndpointKey
  readonly diedAtMs: number
  readonly boundMs: number
  /** Names of the nameservers that have not seen it yet. */
  readonly waiting: Set<string>
}

export interface ObserverOptions {
  readonly queue: EventQueue
  readonly endpoint: (key: EndpointKey) => SimulatedEndpoint
  /** A death was seen by a nameserver, or never was. */
  readonly onTimed: (isInTime: boolean, text: () => string) => void
}

export class Observer {
  falseDown = 0
  falseUp = 0
  transitions = 0
  /** Summed over all endpoints. */
  disagreementMs = 0
  /** From death to the verdict of each nameserver, ms. */
  readonly detections: number[] = []
  readonly #options: ObserverOptions
  readonly #hash = createHash('sha256')
  readonly #expected: Expected[] = []
  /** What each nameserver holds of each endpoint, once it was decided. */
  readonly #held = new Map<EndpointKey, Map<string, string>>()
  readonly #disagreeingSinceMs = new Map<EndpointKey, number>()

  constructor(options: ObserverOptions) {
    this.#options = options
  }

  /** From now on these nameservers have so long to find out that it is dead. */
  expectDown(endpoint: SimulatedEndpoint, boundMs: number, readers: readonly Reader[]): void {
    const waiting = new Set(readers.map(({ name }) => name))
    this.#expected.push({
      endpoint: endpoint.key,
      diedAtMs: this.#options.queue.nowMs,
      boundMs,
      waiting,
    })
  }

  note(text: string): void {
    this.#hash.update(`${this.#options.queue.nowMs.toFixed(3)} ${text}\n`)
  }

  isFalseDown(endpoint: SimulatedEndpoint): boolean {
    return endpoint.isAlive && endpoint.steadyForMs >= FOLLOWS_MS
  }

  /** It has been dead for so long that everybody who may say so has found out. */
  isLongDead(endpoint: SimulatedEndpoint): boolean {
    return !endpoint.isAlive && endpoint.steadyForMs >= FOLLOWS_MS
  }

  /** A nameserver has a configuration, and holds what it had on disk. */
  began(reader: Reader, standings: ReturnType<VerdictBook['standings']>): void {
    for (const [endpoint, { state }] of standings)
      if (state !== 'unknown') this.#hold(endpoint, reader.name, state)
  }

  transition(reader: Reader, { endpoint: key, from, to }: Transition): void {
    this.note(`${reader.name} ${key} ${from.state} ${to.state}`)
    this.#hold(key, reader.name, to.state)
    if (from.state === to.state) return
    this.transitions += 1
    const endpoint = this.#options.endpoint(key)
    if (to.state === 'down' && this.isFalseDown(endpoint)) this.falseDown += 1
    if (to.state === 'up' && this.isLongDead(endpoint)) this.falseUp += 1
    if (to.state === 'down') this.#found(reader, key)
  }

  /** Its process ended: nobody hears its verdicts. */
  gone(reader: Reader): void {
    for (const [endpoint, held] of this.#held) if (held.delete(reader.name)) this.#compare(endpoint, held)
  }

  /** Deaths that nobody has seen yet count as late. */
  finish(): string {
    const { nowMs } = this.#options.queue
    for (const [endpoint, held] of this.#held) {
      held.clear()
      this.#compare(endpoint, held)
    }
    for (const { endpoint, diedAtMs, waiting } of this.#expected)
      for (const reader of waiting) {
        this.detections.push(nowMs - diedAtMs)
        this.#options.onTimed(
          false,
          () => `${reader} never found out that ${endpoint} died at ${Math.round(diedAtMs)} ms`,
        )
      }
    return this.#hash.digest('hex')
  }

  #found(reader: Reader, endpoint: EndpointKey): void {
    const { nowMs } = this.#options.queue
    for (const expected of this.#expected) {
      if (expected.endpoint !== endpoint || !expected.waiting.delete(reader.name)) continue
      const tookMs = nowMs - expected.diedAtMs
      this.detections.push(tookMs)
      const about = `${reader.name} took ${Math.round(tookMs)} ms for ${endpoint}`
      this.#options.onTimed(
        tookMs <= expected.boundMs,
        () => `${about}, at most ${Math.round(expected.boundMs)} allowed`,
      )
    }
  }

  #hold(endpoint: EndpointKey, reader: string, state: string): void {
    const held = this.#held.get(endpoint) ?? new Map<string, string>()
    this.#held.set(endpoint, held)
    held.set(reader, state)
    this.#compare(endpoint, held)
  }

  #compare(endpoint: EndpointKey, held: ReadonlyMap<string, string>): void {
    const { nowMs } = this.#options.queue
    const sinceMs = this.#disagreeingSinceMs.get(endpoint)
    const disagrees = new Set(held.values()).size > 1
    if (disagrees && sinceMs === undefined) this.#disagreeingSinceMs.set(endpoint, nowMs)
    if (disagrees || sinceMs === undefined) return
    this.disagreementMs += nowMs - sinceMs
    this.#disagreeingSinceMs.delete(endpoint)
  }
}
