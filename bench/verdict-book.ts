/**
 * What the verdicts themselves cost: a VerdictBook that hears 15 checkers about 100,000 endpoints. Time is that of the wall, on
 * one thread that waits for nothing; the median over many goes, so that a neighbour's burst does not count.
 */
import type { Frame, ReportedRegister } from '../src/core/health/frame.ts'
import { healthIntentOf } from '../src/core/health/health-intent.ts'
import { DEFAULT_TIMES, VerdictBook } from '../src/core/health/verdict-book.ts'
import { quantile } from './quantile.ts'
import { CHECKERS, CHECKERS_PER_SITE, registersOf, verdictWorld } from './verdict-world.ts'

export interface BookCost {
  /** A site is gone: who votes is found anew, every vote is counted, every verdict decided. */
  readonly fullRecomputeMs: number
  /** A checker fences itself: every vote is counted, every verdict decided. */
  readonly recountMs: number
  /** One frame that changes one register, merged and judged; one in 15 turns a verdict. */
  readonly oneChangeUs: number
}

const RECOMPUTES = 15
const RECOUNTS = 30
const CHANGE_ROUNDS = 15
/** Each goes down and up again at every checker: 30 frames. */
const CHANGED_ENDPOINTS = 1_000
const BEAT_MS = 1_000

export function measureBook(): BookCost {
  const rig = new BookRig()
  const recounts = times(RECOUNTS, (index) => rig.fence(index % 2 === 0))
  const recomputes = times(RECOMPUTES, () => {
    const ms = rig.loseSite()
    rig.regainSite()
    return ms
  })
  const changes = times(CHANGE_ROUNDS, () => rig.change())
  return {
    fullRecomputeMs: quantile(recomputes, 0.5),
    recountMs: quantile(recounts, 0.5),
    oneChangeUs: quantile(changes, 0.5),
  }
}

class BookRig {
  readonly #registers: readonly ReportedRegister[]
  readonly #book = new VerdictBook({ keepsOutput: false })
  readonly #sequences = CHECKERS.map(() => 0)
  #nowMs = 0

  constructor() {
    const configuration = verdictWorld([])
    this.#registers = registersOf(configuration)
    this.#book.define(healthIntentOf(configuration), this.#nowMs)
    for (const checker of CHECKERS.keys())
      this.#hear(this.#frame(checker, this.#registers, { snapshot: true }))
    const [first] = this.#registers
    if (first === undefined || this.#book.standing(first.endpoint)?.state !== 'up')
      throw new Error('the book did not come to its verdicts')
  }

  fence(fenced: boolean): number {
    const frame = this.#frame(0, [], { fenced })
    return elapsedMs(() => {
      this.#hear(frame)
    })
  }

  /** The first site falls silent until it is gone; the result is what that moment costs. */
  loseSite(): number {
    const others = [...CHECKERS.keys()].slice(CHECKERS_PER_SITE)
    this.#pass(DEFAULT_TIMES.goneMs, others)
    this.#nowMs += BEAT_MS
    return elapsedMs(() => {
      this.#book.tick(this.#nowMs)
    })
  }

  regainSite(): void {
    this.#pass(DEFAULT_TIMES.settleMs + BEAT_MS, [...CHECKERS.keys()])
  }

  /** Microseconds a frame. */
  change(): number {
    const states = ['down', 'up'] as const
    const frames = Array.from({ length: CHANGED_ENDPOINTS }, (_, index) => {
      // Spread over all of them: neighbours would share a line of the cache.
      const register = this.#registers[(index * 7_919) % this.#registers.length]!
      return states.flatMap((state) =>
        Array.from(CHECKERS.keys(), (checker) => this.#frame(checker, [{ ...register, state }])),
      )
    }).flat()
    let transitions = 0
    const ms = elapsedMs(() => {
      for (const frame of frames) transitions += this.#hear(frame)
    })
    if (transitions !== CHANGED_ENDPOINTS * states.length)
      throw new Error(`${transitions} verdicts turned, of ${CHANGED_ENDPOINTS * states.length}`)
    return (ms * 1_000) / frames.length
  }

  #pass(ms: number, speaking: readonly number[]): void {
    for (let passed = 0; passed < ms; passed += BEAT_MS) {
      this.#nowMs += BEAT_MS
      for (const checker of speaking) this.#hear(this.#frame(checker, []))
      this.#book.tick(this.#nowMs)
    }
  }

  /** How many verdicts turned. */
  #hear(frame: Frame): number {
    const { outcome, transitions } = this.#book.hear(frame, this.#nowMs)
    if (outcome.kind !== 'merged') throw new Error(`a frame of ${frame.checker} is ${outcome.kind}`)
    return transitions.length
  }

  #frame(checker: number, registers: readonly ReportedRegister[], more: Partial<Frame> = {}): Frame {
    const { site, name } = CHECKERS[checker]!
    const sequence = (this.#sequences[checker] ?? 0) + 1
    this.#sequences[checker] = sequence
    const fixed = { checker: name, site, incarnation: 1, sequence, revision: 1, fenced: false, loss: 0 }
    return { ...fixed, registers, snapshot: false, ...more }
  }
}

function times(count: number, measure: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => measure(index))
}

function elapsedMs(work: () => void): number {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}
