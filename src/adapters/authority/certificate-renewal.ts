/**
 * Replaces the certificate of this process before it ends: when a third of its life is left, at a moment of its own.
 * What must stay true: what a control answers is looked at before it replaces the files, as a whole, so that what is wrong with it
 * leaves the old ones in force and on disk; a failure is said and tried again, more often the less is left.
 */
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'
import type { TlsIdentity } from '../transport/tls-identity.ts'
import { newNodeKey, writeIdentity } from './identity-files.ts'

export interface CertificateRenewalOptions {
  readonly tls: TlsIdentity
  readonly dataDir: string
  /** A certificate for this public key: PEM. */
  readonly renew: (publicKey: string) => Promise<string>
  readonly clock: Clock
  readonly logger: Logger
}

/** Certificates begin so long before they are made. */
const SKEW_MS = 5 * 60_000
/** Timers of more than 24 days fire at once; and the wall clock may be set meanwhile. */
const LONGEST_MS = 3_600_000
const SHORTEST_MS = 500

export class CertificateRenewal {
  readonly #options: CertificateRenewalOptions
  /** Between 0 and 1: where in the time that is left for it. */
  readonly #phase = Math.random()
  #cancel: () => void = () => undefined
  #renewing: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: CertificateRenewalOptions) {
    this.#options = options
  }

  start(): void {
    this.#wait(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#renewing
  }

  #wait(leastMs: number): void {
    const delayMs = Math.max(leastMs, Math.min(LONGEST_MS, this.#dueInMs()))
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#renewing = this.#renewIfDue().then((retryMs) => {
        if (!this.#stopped) this.#wait(retryMs)
      })
    })
  }

  /** Between two thirds and three quarters of its life. */
  #dueInMs(): number {
    const { leftMs, lifeMs } = this.#times()
    return Math.max(0, leftMs - lifeMs * (1 / 3 - this.#phase / 12))
  }

  #times(): { readonly leftMs: number; readonly lifeMs: number } {
    const { tls, clock } = this.#options
    const { validFromDate, validToDate } = tls.certificate
    const endsMs = validToDate.getTime()
    return { leftMs: endsMs - clock.wallMs(), lifeMs: endsMs - validFromDate.getTime() - 2 * SKEW_MS }
  }

  /** How long to wait at least before the next try. */
  async #renewIfDue(): Promise<number> {
    if (this.#dueInMs() > 0) return 0
    const { tls, dataDir, renew, logger } = this.#options
    try {
      const { key, publicKey } = newNodeKey()
      const chain = await renew(publicKey)
      tls.expectUsable(`${key}${chain}`)
      await writeIdentity(dataDir, { key, chain })
      tls.reload()
      logger.info({ until: tls.certificate.validTo }, 'the certificate was renewed')
      return SHORTEST_MS
    } catch (error) {
      const { leftMs } = this.#times()
      const reason = error instanceof Error ? error.message : String(error)
      const says = leftMs > 0 ? 'the certificate could not be renewed' : 'the certificate has expired'
      logger.error({ reason, until: tls.certificate.validTo }, says)
      return Math.max(SHORTEST_MS, Math.min(LONGEST_MS, Math.abs(leftMs) / 10))
    }
  }
}
