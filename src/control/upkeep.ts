/**
 * Work that one control does for all: expiry of operations and proposals, and by its word the pruning of the history.
 * What must stay true: the lease only keeps several from doing the same; all of it is safe if two do it.
 */
import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import type { LeaseStorage } from '../ports/leases.ts'
import { LeaseKeeper } from '../readers/lease-keeper.ts'
import { OldProposals, type OldProposalsOptions } from './people/old-proposals.ts'
import { ExpiredOperations, type ExpiredOperationsOptions } from './expired-operations.ts'

export interface UpkeepOptions {
  readonly service: ExpiredOperationsOptions['service']
  readonly proposals: OldProposalsOptions['proposals']
  /** null: this control is alone on its store. */
  readonly lease: { readonly leases: LeaseStorage; readonly holder: string } | null
  readonly clock: Clock
  readonly logger: Logger
}

/** It may wait: another control goes on with it after so long. */
const LASTS_MS = 30_000

export class Upkeep {
  readonly #keeper: LeaseKeeper | null
  readonly #expired: ExpiredOperations
  readonly #proposals: OldProposals

  constructor({ service, proposals, lease, clock, logger }: UpkeepOptions) {
    const onFault = (error: unknown) => {
      logger.warn({ err: error }, 'the lease of upkeep could not be read or kept; it is tried again')
    }
    this.#keeper = lease && new LeaseKeeper({ ...lease, name: 'upkeep', lastsMs: LASTS_MS, clock, onFault })
    const isOurs = () => this.isOurs
    this.#expired = new ExpiredOperations({ service, clock, logger, isOurs })
    this.#proposals = new OldProposals({ proposals, clock, logger, isOurs })
  }

  get isOurs(): boolean {
    return this.#keeper?.isHeld ?? true
  }

  start(): void {
    this.#keeper?.start()
    this.#expired.start()
    this.#proposals.start()
  }

  async stop(): Promise<void> {
    await this.#expired.stop()
    await this.#proposals.stop()
    await this.#keeper?.stop()
  }
}
