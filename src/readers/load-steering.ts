/** The steering state of a reader as its last run left it, with what keeps it current and saved. */
import type { VerdictBook } from '../core/health/verdict-book.ts'
import { SteeringState } from '../core/steering/state/steering-state.ts'
import type { Clock } from '../ports/clock.ts'
import type { SteeringStorage } from '../ports/steering-storage.ts'
import { SteeringKeeper } from './steering-keeper.ts'
import { SteeringSaver } from './steering-saver.ts'

export interface LoadSteeringOptions {
  readonly storage: SteeringStorage
  readonly book: Pick<VerdictBook, 'standing'>
  readonly clock: Clock
  /** In words, for the log and for control. */
  readonly onAlarm: (message: string) => void
}

/** Throws what loading throws. */
export async function loadSteering(options: LoadSteeringOptions): Promise<SteeringKeeper> {
  const { storage, book, clock, onAlarm } = options
  const saved = await storage.load()
  const state = new SteeringState({ verdict: (endpoint) => book.standing(endpoint), saved })
  const read = () => state.save({ wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() })
  const saver = new SteeringSaver({ storage, read, clock, onAlarm })
  return new SteeringKeeper({ state, saver, clock })
}
