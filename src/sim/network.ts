/**
 * The network between places (sites, canaries, the cloud in which endpoints are): delay, loss, and cuts, also in one direction.
 * Probes and frames may go by different ways: a cut or a loss is of one plane, or of both.
 */
import type { EventQueue } from './event-queue.ts'
import type { Random } from './random.ts'

export type Plane = 'probe' | 'frame'
const PLANES: readonly Plane[] = ['probe', 'frame']

export const ANYWHERE = '*'
/** TCP repeats a lost segment after 200 ms, then after twice as long each time; then the connection is given up. */
const FIRST_REPEAT_MS = 200
const REPEATS = 4

interface Message {
  /** Places. */
  readonly from: string
  readonly to: string
  /** Names the processes at both ends, and the direction. */
  readonly connection: string
}

export class Network {
  /** False: messages overtake each other, which no TCP connection does: harder than it can come. */
  keepsOrder = true
  readonly #queue: EventQueue
  readonly #random: Random
  readonly #cuts = new Set<string>()
  readonly #losses = new Map<string, number>()
  readonly #delays = new Map<string, number>()
  /** Of each connection: when its last message arrives. */
  readonly #arrivesMs = new Map<string, number>()

  constructor(queue: EventQueue, random: Random) {
    this.#queue = queue
    this.#random = random
  }

  /** No packet goes from the one to the other any more. */
  cut(from: string, to: string, planes = PLANES): void {
    for (const plane of planes) this.#cuts.add(`${plane} ${from} ${to}`)
  }

  mend(from: string, to: string, planes = PLANES): void {
    for (const plane of planes) this.#cuts.delete(`${plane} ${from} ${to}`)
  }

  /** A place and everything else, both ways. */
  isolate(place: string, planes = PLANES): void {
    this.cut(place, ANYWHERE, planes)
    this.cut(ANYWHERE, place, planes)
  }

  rejoin(place: string, planes = PLANES): void {
    this.mend(place, ANYWHERE, planes)
    this.mend(ANYWHERE, place, planes)
  }

  /** Of all round trips that begin or end at the place this share is lost, 0 to 1. */
  lose(place: string, share: number): void {
    this.#losses.set(place, share)
  }

  /** ms until the reply is there; null: it never comes. */
  roundTrip(from: string, to: string, plane: Plane = 'probe'): number | null {
    if (this.#isCut(from, to, plane) || this.#isCut(to, from, plane)) return null
    if (this.#random.chance(this.#lossBetween(from, to))) return null
    return 2 * this.#delay(from, to)
  }

  /**
   * Brings a message over the connection between two processes. Lost segments are repeated, and what comes after waits for them,
   * as in TCP; unless `keepsOrder` is false.
   */
  send({ from, to, connection }: Message, arrive: () => void): void {
    if (this.#isCut(from, to, 'frame')) return
    const lossOneWay = 1 - Math.sqrt(1 - this.#lossBetween(from, to))
    let delayMs = this.#delay(from, to)
    for (let repeat = 0; this.#random.chance(lossOneWay); repeat += 1) {
      if (repeat === REPEATS) return
      delayMs += FIRST_REPEAT_MS * 2 ** repeat
    }
    const earliestMs = this.keepsOrder ? (this.#arrivesMs.get(connection) ?? 0) : 0
    const arrivesMs = Math.max(this.#queue.nowMs + delayMs, earliestMs)
    this.#arrivesMs.set(connection, arrivesMs)
    this.#queue.at(arrivesMs, () => {
      if (!this.#isCut(from, to, 'frame')) arrive()
    })
  }

  #isCut(from: string, to: string, plane: Plane): boolean {
    if (from === to || this.#cuts.size === 0) return false
    const cuts = this.#cuts
    return (
      cuts.has(`${plane} ${from} ${to}`) ||
      cuts.has(`${plane} ${from} ${ANYWHERE}`) ||
      cuts.has(`${plane} ${ANYWHERE} ${to}`)
    )
  }

  #lossBetween(from: string, to: string): number {
    if (from === to || this.#losses.size === 0) return 0
    return 1 - (1 - (this.#losses.get(from) ?? 0)) * (1 - (this.#losses.get(to) ?? 0))
  }

  /** One way: what lies between the places, and what the queues on the way add. */
  #delay(from: string, to: string): number {
    if (from === to) return 0.2
    const way = from < to ? `${from} ${to}` : `${to} ${from}`
    let base = this.#delays.get(way)
    if (base === undefined) {
      base = this.#random.between(2, 60)
      this.#delays.set(way, base)
    }
    return base - 5 * Math.log(1 - this.#random.next())
  }
}
