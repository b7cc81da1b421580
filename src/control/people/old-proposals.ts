/**
 * Ends proposals that nobody decided on, and deletes those that were decided long ago. What they became stays in the history, and who
 * decided in the audit log.
 * What must stay true: one control does it for all, and two that do it at once end and delete each once; an open one is never deleted;
 * one that cannot be read stands in the way of no other.
 */
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'
import type { ProposalStore } from '../../ports/proposals.ts'
import { RecurringWork } from '../recurring-work.ts'
import { expiryOf, OPEN_DAYS } from './proposal-expiry.ts'

export interface OldProposalsOptions {
  readonly proposals: Pick<ProposalStore, 'get' | 'openBefore' | 'decide' | 'prune'>
  readonly clock: Clock
  readonly logger: Logger
  /** It is this control's to do now. */
  readonly isOurs: () => boolean
}

/** Since they were made. */
export const KEPT_DAYS = 90
const DAY_MS = 86_400_000
const EVERY_MS = 600_000
const JITTER_MS = 60_000
const BATCH = 100

export class OldProposals {
  readonly #options: OldProposalsOptions
  readonly #recurring: RecurringWork

  constructor(options: OldProposalsOptions) {
    this.#options = options
    const work = () => this.clean()
    this.#recurring = new RecurringWork({
      work,
      everyMs: EVERY_MS,
      jitterMs: JITTER_MS,
      clock: options.clock,
    })
  }

  start(): void {
    this.#recurring.start()
  }

  stop(): Promise<void> {
    return this.#recurring.stop()
  }

  /** In small steps. Never rejects. */
  async clean(): Promise<void> {
    const { proposals, clock, logger } = this.#options
    const nowMs = clock.wallMs()
    try {
      while (this.#goesOn() && (await proposals.prune(nowMs - KEPT_DAYS * DAY_MS, BATCH)) === BATCH);
      await this.#expireBefore(nowMs - OPEN_DAYS * DAY_MS)
    } catch (error) {
      logger.error({ err: error }, 'old proposals could not be ended or deleted; it is tried again later')
    }
  }

  #goesOn(): boolean {
    return this.#options.isOurs() && !this.#recurring.isStopped
  }

  async #expireBefore(madeBeforeMs: number): Promise<void> {
    const failed = new Set<string>()
    while (this.#goesOn()) {
      // Those that failed are still the oldest ones.
      const wanted = BATCH + failed.size
      const ids = await this.#options.proposals.openBefore(madeBeforeMs, wanted)
      for (const id of ids) if (!failed.has(id) && this.#goesOn() && !(await this.#expire(id))) failed.add(id)
      if (ids.length < wanted) break
    }
  }

  /** False: it could not be ended. */
  async #expire(id: string): Promise<boolean> {
    const { proposals, clock, logger } = this.#options
    try {
      const proposal = await proposals.get(id)
      if (proposal === null) return true
      const { decision, entry } = expiryOf(proposal, clock.wallMs())
      await proposals.decide(id, decision, entry)
      return true
    } catch (error) {
      logger.error({ err: error, proposal: id }, 'a proposal could not be ended; it is tried again later')
      return false
    }
  }
}
