/**
 * Reads again when it is asked to, and now and then without: ages and alarms change without an event.
 * What must stay true: a burst of asking costs one reading; what was asked for while one was under way is read after it.
 */
import { pause } from './pause.ts'

/** Between two readings. */
const PAUSE_MS = 1_000
const UNASKED_MS = 5_000

export class PacedReading {
  #asked = Promise.withResolvers<undefined>()

  ask(): void {
    this.#asked.resolve(undefined)
  }

  /** Until `signal` aborts; at once for the first time. */
  async run(read: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const ended = () => signal.aborted
    while (!ended()) {
      this.#asked = Promise.withResolvers<undefined>()
      await read()
      await pause(PAUSE_MS, signal)
      const waiting = new AbortController()
      const either = AbortSignal.any([signal, waiting.signal])
      await Promise.race([this.#asked.promise, pause(UNASKED_MS, either)])
      waiting.abort()
    }
  }
}
