/** What a process has started and must end: in reverse, once, each whatever the others do. */
import type { Logger } from 'pino'

export class StopList {
  readonly #logger: Logger
  readonly #stops: (() => Promise<void> | void)[] = []
  #running: Promise<void> | null = null

  constructor(logger: Logger) {
    this.#logger = logger
  }

  add(stop: () => Promise<void> | void): void {
    this.#stops.push(stop)
  }

  /** Safe to call twice. */
  run(): Promise<void> {
    return (this.#running ??= this.#runAll())
  }

  async #runAll(): Promise<void> {
    for (const stop of this.#stops.reverse()) {
      try {
        await stop()
      } catch (error) {
        this.#logger.error({ err: error }, 'a part did not stop cleanly')
      }
    }
  }
}
