/**
 * Writes transitions to the store as they come, and deletes old ones.
 * What must stay true: whoever tells of a transition never waits, whatever the store does; what waits is bounded, and what had to
 * be left out is counted and said aloud; one control prunes for all, and two that prune at once delete each row once.
 */
import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { RecordedTransition, TransitionHistory } from '../ports/history.ts'
import { RecurringWork } from './recurring-work.ts'

export interface HistoryWriterOptions {
  readonly history: Pick<TransitionHistory, 'record' | 'prune'>
  readonly clock: Clock
  readonly logger: Logger
  readonly keepDays: number
  /** Pruning is this control's to do now. */
  readonly isOurs: () => boolean
  readonly onAlarm: (message: string) => void
  /** Told how many were left out. */
  readonly onLost: (count: number) => void
}

const MAX_WAITING = 20_000
/** In one transaction. */
const BATCH = 200
const RETRY_MS = 1_000
const PRUNE_EVERY_MS = 600_000
const PRUNE_JITTER_MS = 60_000
const PRUNE_BATCH = 500
const DAY_MS = 86_400_000

export class HistoryWriter {
  readonly #options: HistoryWriterOptions
  readonly #waiting: RecordedTransition[] = []
  #writing: Promise<boolean> | null = null
  #cancelRetry: (() => void) | null = null
  readonly #pruning: RecurringWork
  #failing = false
  #stopped = false

  constructor(options: HistoryWriterOptions) {
    this.#options = options
    const times = { everyMs: PRUNE_EVERY_MS, jitterMs: PRUNE_JITTER_MS }
    this.#pruning = new RecurringWork({ work: () => this.prune(), ...times, clock: options.clock })
  }

  start(): void {
    this.#pruning.start()
  }

  /** Writes what still waits; what cannot be written is lost, and counted. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    this.#cancelRetry = null
    await this.#pruning.stop()
    await this.#writing
    while (this.#waiting.length > 0 && (await this.#write()));
    if (this.#waiting.length > 0) this.#options.onLost(this.#waiting.length)
  }

  add(transitions: readonly RecordedTransition[]): void {
    this.#waiting.push(...transitions)
    const over = this.#waiting.length - MAX_WAITING
    if (over > 0) {
      this.#waiting.splice(0, over)
      this.#options.onLost(over)
    }
    this.#kick()
  }

  /** Deletes what is older than is to be kept, in small steps. Never rejects. */
  async prune(): Promise<void> {
    const { history, clock, keepDays, logger, isOurs } = this.#options
    const goesOn = () => isOurs() && !this.#stopped
    const beforeMs = clock.wallMs() - keepDays * DAY_MS
    try {
      while (goesOn() && (await history.prune(beforeMs, PRUNE_BATCH)) === PRUNE_BATCH);
    } catch (error) {
      logger.error({ err: error }, 'old transitions could not be deleted; it is tried again later')
    }
  }

  #kick(): void {
    if (this.#writing !== null || this.#cancelRetry !== null || this.#stopped) return
    this.#writing = this.#write().finally(() => {
      this.#writing = null
      if (this.#waiting.length > 0) this.#kick()
    })
  }

  /** One batch. false: it could not be written, and waits. */
  async #write(): Promise<boolean> {
    const { history, clock, logger, onAlarm } = this.#options
    const batch = this.#waiting.slice(0, BATCH)
    try {
      await history.record(batch)
      // Those at the front may have been left out meanwhile: what was written is found by itself.
      const written = new Set(batch)
      while (this.#waiting[0] !== undefined && written.has(this.#waiting[0])) this.#waiting.shift()
      this.#failing = false
      return true
    } catch (error) {
      logger.error({ err: error, waiting: this.#waiting.length }, 'the history could not be written')
      if (!this.#failing)
        onAlarm(
          'transitions cannot be written to the store: the history has a hole until they can; health goes on',
        )
      this.#failing = true
      if (this.#stopped) return false
      this.#cancelRetry = clock.after(RETRY_MS, () => {
        this.#cancelRetry = null
        this.#kick()
      })
      return false
    }
  }
}
