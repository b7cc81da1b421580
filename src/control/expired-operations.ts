/**
 * Cleans up overrides and drains some time after they have expired. Every reader ignores them from the moment itself; until
 * here they are shown as expired, so that an operator sees what ended.
 * What must stay true: one control does it for all, and two that clean up at once delete each once; what was renewed meanwhile stays.
 */
import type { Logger } from 'pino'
import type { Configuration } from '../core/model/configuration.ts'
import type { Clock } from '../ports/clock.ts'
import { CONTROL_ITSELF } from './actor.ts'
import type { RequestedChange } from './change-plan.ts'
import type { ConfigurationService } from './configuration-service.ts'
import { RecurringWork } from './recurring-work.ts'

export interface ExpiredOperationsOptions {
  readonly service: Pick<ConfigurationService, 'current' | 'change'>
  readonly clock: Clock
  readonly logger: Logger
  /** It is this control's to do now. */
  readonly isOurs: () => boolean
}

/** How long an expired one is shown. */
export const SHOWN_MS = 600_000
const EVERY_MS = 10_000
const JITTER_MS = 2_000

export class ExpiredOperations {
  readonly #options: ExpiredOperationsOptions
  readonly #recurring: RecurringWork

  constructor(options: ExpiredOperationsOptions) {
    this.#options = options
    const work = () => this.#clean()
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

  async #clean(): Promise<void> {
    const { service, clock, logger, isOurs } = this.#options
    if (!isOurs()) return
    const wallMs = clock.wallMs()
    if (expiredIn(service.current.configuration, wallMs).length === 0) return
    try {
      await service.change({
        actor: CONTROL_ITSELF,
        message: 'overrides and drains that have expired',
        dryRun: false,
        decide: ({ configuration }) => ({ kind: 'changes', changes: expiredIn(configuration, wallMs) }),
      })
    } catch (error) {
      logger.error({ err: error }, 'expired overrides and drains could not be cleaned up')
    }
  }
}

function expiredIn({ override, drain }: Configuration, wallMs: number): RequestedChange[] {
  const isOver = ({ expiresAtMs }: { readonly expiresAtMs?: number | undefined }) =>
    expiresAtMs !== undefined && wallMs - expiresAtMs >= SHOWN_MS
  const deletions = (kind: 'override' | 'drain') =>
    [...(kind === 'override' ? override : drain).values()]
      .filter(isOver)
      .map(({ name }) => ({ op: 'delete', kind, key: name, pointer: '' }) as const)
  return [...deletions('override'), ...deletions('drain')]
}
