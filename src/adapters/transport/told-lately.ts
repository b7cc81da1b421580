/**
 * What goes on for ever and is told each time, such as a checker at a wrong site that asks again and again: at once, and then once an hour.
 * What must stay true: what is new is told at once, and so is what comes again after it was over; what is remembered is bounded.
 */
import type { Clock } from '../../ports/clock.ts'

interface Told {
  readonly atMs: number
  untold: number
}

const AGAIN_MS = 3_600_000
/** Of one of them, who may come from any address: more are told each time, as if nothing was known of them. */
const MAX_OF_ONE = 20
const MAX_KNOWN = 1_000

export class ToldLately {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #told = new Map<string, Map<string, Told>>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** To be told now, with how many were not since the last time; null: it is not to be told. */
  tell(who: string, what: string): number | null {
    const nowMs = this.#clock.monotonicMs()
    const known = this.#told.get(who) ?? new Map<string, Told>()
    const told = known.get(what)
    if (told !== undefined && nowMs - told.atMs < AGAIN_MS) {
      told.untold += 1
      return null
    }
    if (told === undefined && (known.size >= MAX_OF_ONE || (known.size === 0 && !this.#hasRoom(nowMs))))
      return 0
    known.set(what, { atMs: nowMs, untold: 0 })
    this.#told.set(who, known)
    return told?.untold ?? 0
  }

  /** It is over. */
  forget(who: string): void {
    this.#told.delete(who)
  }

  #hasRoom(nowMs: number): boolean {
    if (this.#told.size < MAX_KNOWN) return true
    for (const [who, known] of this.#told)
      if ([...known.values()].every(({ atMs }) => nowMs - atMs >= AGAIN_MS)) this.#told.delete(who)
    return this.#told.size < MAX_KNOWN
  }
}
