/**
 * Ramps: the weight of an endpoint that came back grows to its own over its pool's `rampSec`, in tenths (SPEC.md, R1 to R5).
 * What must stay true: a ramp never leaves an endpoint without weight, and it ends.
 */
import type { EndpointKey } from '../../model/resource.ts'
import { DueQueue } from './due-queue.ts'
import type { Now } from './now.ts'

export interface SavedRamp {
  readonly endpoint: EndpointKey
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number
}

interface Ramp {
  /** Monotonic ms. */
  readonly startedAtMs: number
  readonly rampMs: number
  tenths: number
}

export class Ramps {
  readonly #ramps = new Map<EndpointKey, Ramp>()
  readonly #due = new DueQueue()

  /** 0.1 to 1. */
  share(endpoint: EndpointKey): number {
    return (this.#ramps.get(endpoint)?.tenths ?? 10) / 10
  }

  /** Of an endpoint that came back at `startedAtMs` (monotonic), for a reader whose time is `nowMs`. */
  start(
    endpoint: EndpointKey,
    { startedAtMs, rampSec }: { startedAtMs: number; rampSec: number },
    nowMs: number,
  ): void {
    this.end(endpoint)
    const ramp = { startedAtMs, rampMs: rampSec * 1_000, tenths: 1 }
    if (startedAtMs + ramp.rampMs <= nowMs) return
    this.#ramps.set(endpoint, ramp)
    this.#step(endpoint, ramp, nowMs)
  }

  end(endpoint: EndpointKey): void {
    if (this.#ramps.delete(endpoint)) this.#due.delete(endpoint)
  }

  /** The endpoints whose share has grown. */
  tick(nowMs: number): readonly EndpointKey[] {
    const due = this.#due.takeDue(nowMs)
    for (const endpoint of due) {
      const ramp = this.#ramps.get(endpoint)
      if (ramp !== undefined) this.#step(endpoint, ramp, nowMs)
    }
    return due
  }

  /** Monotonic ms. */
  nextAtMs(): number | null {
    return this.#due.nextAtMs()
  }

  /** Those of endpoints that are gone, or whose pool does not ramp any more, end. */
  keep(rampSecOf: (endpoint: EndpointKey) => number): void {
    for (const endpoint of this.#ramps.keys()) if (rampSecOf(endpoint) === 0) this.end(endpoint)
  }

  save(now: Now): SavedRamp[] {
    return Array.from(this.#ramps, ([endpoint, { startedAtMs }]) => ({
      endpoint,
      startedAtMs: now.wallMs - (now.monotonicMs - startedAtMs),
    }))
  }

  #step(endpoint: EndpointKey, ramp: Ramp, nowMs: number): void {
    const { startedAtMs, rampMs } = ramp
    const stepMs = rampMs / 10
    const steps = Math.floor((nowMs - startedAtMs) / stepMs)
    ramp.tenths = Math.max(1, steps)
    if (steps >= 10) this.#ramps.delete(endpoint)
    // The first step is as long as two: a tenth is the least that there is.
    else this.#due.set(endpoint, Math.ceil(startedAtMs + Math.max(2, steps + 1) * stepMs))
  }
}
