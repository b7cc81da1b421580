/**
 * Reads now and then what was asked and answered: for views, never on the way of an answer.
 * What must stay true: one that cannot be read costs nothing else; what was read before stands until it is read again.
 */
import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { TrafficReport } from '../ports/report.ts'

export interface TrafficMeterOptions {
  readonly read: () => Promise<TrafficReport>
  readonly clock: Clock
  readonly logger: Logger
}

const EVERY_MS = 2_000

export class TrafficMeter {
  readonly #options: TrafficMeterOptions
  #latest: TrafficReport | null = null
  #cancel: (() => void) | null = null
  #stopped = false

  constructor(options: TrafficMeterOptions) {
    this.#options = options
  }

  /** null: nothing was read yet. */
  get latest(): TrafficReport | null {
    return this.#latest
  }

  start(): void {
    if (this.#stopped) return
    this.#cancel = this.#options.clock.after(EVERY_MS, () => {
      void this.#read().then(() => {
        this.start()
      })
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  async #read(): Promise<void> {
    const { read, logger } = this.#options
    try {
      this.#latest = await read()
    } catch (error) {
      logger.debug({ err: error }, 'the traffic could not be read')
    }
  }
}
