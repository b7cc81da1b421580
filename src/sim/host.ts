/**
 * A machine and the processes that live on it one after the other: its clocks, and what a process sees of being killed,
 * stopped (SIGSTOP) and continued.
 * What must stay true: the monotonic clock of a host never goes back, whatever its wall clock does; nothing of a process that
 * was killed happens any more; what a stopped process missed happens when it goes on, in order.
 */
import type { Clock } from '../ports/clock.ts'
import type { EventQueue } from './event-queue.ts'
import type { Random } from './random.ts'

/** Clocks run apart by so much at most: a hundred millionths, as crystals do. */
const MAX_SKEW = 1e-4
const WALL_START_MS = Date.UTC(2026, 0, 1)

export class Host {
  readonly queue: EventQueue
  readonly #rate: number
  readonly #monotonicAtStartMs: number
  #wallAtStartMs: number

  constructor(queue: EventQueue, random: Random, wallShiftMs: number) {
    this.queue = queue
    this.#rate = 1 + random.between(-MAX_SKEW, MAX_SKEW)
    this.#monotonicAtStartMs = Math.floor(random.between(0, 1e9))
    this.#wallAtStartMs = WALL_START_MS + Math.floor(random.between(-60_000, 60_000)) + wallShiftMs
  }

  monotonicMs(): number {
    return this.#monotonicAtStartMs + this.queue.nowMs * this.#rate
  }

  wallMs(): number {
    return Math.floor(this.#wallAtStartMs + this.queue.nowMs * this.#rate)
  }

  /** What NTP or a person does to a wall clock. */
  stepWall(byMs: number): void {
    this.#wallAtStartMs += byMs
  }

  /** From the host's milliseconds to those of the simulation. */
  simulatedMs(delayMs: number): number {
    return delayMs / this.#rate
  }
}

/** One life of a process. */
export class Life implements Clock {
  readonly #host: Host
  #state: 'running' | 'stopped' | 'killed' = 'running'
  /** While stopped. */
  #missed: (() => void)[] = []

  constructor(host: Host) {
    this.#host = host
  }

  monotonicMs(): number {
    return this.#host.monotonicMs()
  }

  wallMs(): number {
    return this.#host.wallMs()
  }

  after(delayMs: number, callback: () => void): () => void {
    let isCancelled = false
    this.#host.queue.after(this.#host.simulatedMs(Math.max(0, delayMs)), () => {
      this.meet(() => {
        if (!isCancelled) callback()
      })
    })
    return () => {
      isCancelled = true
    }
  }

  /** Something comes from outside: now, when the process goes on, or never. */
  meet(happen: () => void): void {
    if (this.#state === 'running') happen()
    else if (this.#state === 'stopped') this.#missed.push(happen)
  }

  kill(): void {
    this.#state = 'killed'
    this.#missed = []
  }

  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped'
  }

  continue(): void {
    if (this.#state !== 'stopped') return
    this.#state = 'running'
    const missed = this.#missed
    this.#missed = []
    for (const [index, happen] of missed.entries())
      this.#host.queue.after(index * 1e-6, () => {
        this.meet(happen)
      })
  }
}
