/**
 * Replaces the certificate of this process before it ends: when a third of its life is left, at a moment of its own, and soon when
 * another authority signs now.
 * What must stay true: what a control answers is looked at before it replaces the files, as a whole, so that what is wrong with it, or
 * what this process would not believe itself, leaves the old ones in force and on disk; a failure is said and tried again, more often
 * the less is left.
 */
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'
import type { TlsIdentity } from '../transport/tls-identity.ts'
import type { BelievedAuthorities } from './believed-authorities.ts'
import { newNodeKey, writeIdentity } from './identity-files.ts'

export interface CertificateRenewalOptions {
  readonly tls: TlsIdentity
  readonly dataDir: string
  readonly believed: BelievedAuthorities
  /** When another authority signs, those of a kind renew within this time; or a part of the life, if that is less. */
  readonly spreadMs: number
  /** A certificate for this public key: PEM. */
  readonly renew: (publicKey: string) => Promise<string>
  readonly clock: Clock
  readonly logger: Logger
}

/** Certificates begin twice so long before they are made. */
const SKEW_MS = 5 * 60_000
/** Timers of more than 24 days fire at once; and the wall clock may be set meanwhile. */
const LONGEST_MS = 3_600_000
const SHORTEST_MS = 500
const SPREAD_PART = 1 / 20
/** Before somebody is asked again for a certificate by the authority that signs now. */
const AGAIN_MS = 30_000

export class CertificateRenewal {
  readonly #options: CertificateRenewalOptions
  /** Between 0 and 1: where in the time that is left for it. */
  readonly #phase = Math.random()
  #cancel: () => void = () => undefined
  #endOffers: () => void = () => undefined
  /** By the clock that is never set; null: the own certificate is by the authority that signs. */
  #outdatedSinceMs: number | null = null
  #isWaiting = false
  #renewing: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: CertificateRenewalOptions) {
    this.#options = options
  }

  start(): void {
    this.#endOffers = this.#options.believed.onOffer(() => {
      this.#lookAgain()
    })
    // An offer may have come before.
    this.#lookAgain()
    this.#wait(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#endOffers()
    this.#cancel()
    await this.#renewing
  }

  #lookAgain(): void {
    const { believed, clock } = this.#options
    const isNew = believed.isOutdated && this.#outdatedSinceMs === null
    if (!believed.isOutdated) this.#outdatedSinceMs = null
    if (!isNew) return
    this.#outdatedSinceMs = clock.monotonicMs()
    if (!this.#isWaiting) return
    this.#cancel()
    this.#wait(0)
  }

  #wait(leastMs: number): void {
    const delayMs = Math.max(leastMs, Math.min(LONGEST_MS, this.#dueInMs()))
    this.#isWaiting = true
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#isWaiting = false
      this.#renewing = this.#renewIfDue().then((retryMs) => {
        if (!this.#stopped) this.#wait(retryMs)
      })
    })
  }

  /** Between two thirds and three quarters of its life, or soon. */
  #dueInMs(): number {
    const { leftMs, lifeMs } = this.#times()
    const dueInMs = Math.max(0, leftMs - lifeMs * (1 / 3 - this.#phase / 12))
    if (this.#outdatedSinceMs === null) return dueInMs
    const soonMs = this.#outdatedSinceMs + this.#phase * this.#spreadMs() - this.#options.clock.monotonicMs()
    return Math.min(dueInMs, Math.max(0, soonMs))
  }

  #spreadMs(): number {
    return Math.min(this.#options.spreadMs, this.#times().lifeMs * SPREAD_PART)
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
    const { tls, dataDir, renew, logger, believed } = this.#options
    try {
      const { key, publicKey } = newNodeKey()
      const chain = await renew(publicKey)
      tls.expectUsable(`${key}${chain}`)
      await writeIdentity(dataDir, { key, chain })
      tls.reload()
      // By the authority before: a control that is older, or does not know yet. It is asked again, in a while.
      const isOutdated = believed.isOutdated && this.#outdatedSinceMs !== null
      this.#outdatedSinceMs = isOutdated ? this.#options.clock.monotonicMs() + AGAIN_MS : null
      logger.info({ until: tls.certificate.validTo }, 'the certificate was renewed')
      return SHORTEST_MS
    } catch (error) {
      const { leftMs } = this.#times()
      const reason = error instanceof Error ? error.message : String(error)
      const says = leftMs > 0 ? 'the certificate could not be renewed' : 'the certificate has expired'
      logger.error({ reason, until: tls.certificate.validTo }, says)
      const longestMs = this.#outdatedSinceMs === null ? LONGEST_MS : AGAIN_MS
      return Math.max(SHORTEST_MS, Math.min(longestMs, Math.abs(leftMs) / 10))
    }
  }
}
