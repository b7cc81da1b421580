/**
 * The authorities that this process believes, in its ca.pem, as controls offer them.
 * What must stay true: the file is replaced as a whole before anything goes by it; an offer that is older than what is there is left
 * alone, because a control that is late would take back what others count on; that of the own certificate stays as long as this is
 * the own one, so that the files always go together.
 */
import type { X509Certificate } from 'node:crypto'
import type { Logger } from 'pino'
import type { AuthorityOffer } from '../../ports/authority.ts'
import type { Clock } from '../../ports/clock.ts'
import { replaceFile } from '../durable-file/replace-file.ts'
import type { TlsIdentity } from '../transport/tls-identity.ts'
import { acceptAuthorities } from './accept-authorities.ts'
import { AUTHORITY_FILE } from './authority-file.ts'
import { fingerprintOf } from './fingerprint.ts'

export interface BelievedAuthoritiesOptions {
  readonly tls: TlsIdentity
  /** Absolute; null: the files are somebody else's, and nothing is written. */
  readonly caFile: string | null
  readonly clock: Clock
  readonly logger: Logger
}

/** Versions are times: clocks may be off, and steps follow each other. */
const AHEAD_MS = 3_600_000

export class BelievedAuthorities {
  readonly #options: BelievedAuthoritiesOptions
  readonly #listeners = new Set<() => void>()
  #current: string | null = null
  #heard = 0
  #saidStrangers = 0
  #taking: Promise<void> = Promise.resolve()

  constructor(options: BelievedAuthoritiesOptions) {
    this.#options = options
  }

  /** Of the last offer, whatever became of it. */
  get heardVersion(): number {
    return this.#heard
  }

  /** The own certificate is by another authority than the one that signs now, which is believed here. */
  get isOutdated(): boolean {
    const { tls } = this.#options
    return this.#current !== null && this.#current !== tls.authority && tls.believes(this.#current)
  }

  /** Calls `listener` after each offer. The result ends it. */
  onOffer(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** One at a time. Rejects with what the disk says: the authorities before stay in force. */
  take(offer: AuthorityOffer): Promise<void> {
    const taking = this.#taking.then(() => this.#take(offer))
    this.#taking = taking.catch(() => undefined)
    return taking
  }

  async #take(offer: AuthorityOffer): Promise<void> {
    const { tls, caFile, clock, logger } = this.#options
    const isLate = offer.version < Math.max(this.#heard, versionOf(tls))
    // One of the far future would be the last one for ever.
    if (offer.version === 0 || isLate || offer.version > clock.wallMs() + AHEAD_MS) return
    this.#heard = offer.version
    const { authorities, strangers } = acceptAuthorities(offer.authorities, tls.authorities)
    if (strangers.length > 0) {
      if (this.#saidStrangers !== offer.version)
        logger.error(
          { strangers },
          'a control offers an authority that none of those believed here vouches for: they stay as they are. If the authority of the cluster was replaced while this machine was away, let it join again with a new token',
        )
      this.#saidStrangers = offer.version
      return
    }
    const next = withOwn(authorities, tls)
    const isNews = offer.version > versionOf(tls) || !isSame(next, tls.authorities)
    if (caFile !== null && isNews) {
      await replaceFile(caFile, AUTHORITY_FILE.format(next, offer.version))
      tls.reload()
      logger.info({ authorities: next.map(fingerprintOf) }, 'these authorities are believed now')
    }
    this.#current = authorities[0] === undefined ? null : fingerprintOf(authorities[0])
    for (const listener of this.#listeners) listener()
  }
}

function versionOf({ options: { ca } }: TlsIdentity): number {
  return AUTHORITY_FILE.versionOf(String(ca))
}

function withOwn(authorities: readonly X509Certificate[], tls: TlsIdentity): readonly X509Certificate[] {
  if (authorities.some((one) => fingerprintOf(one) === tls.authority)) return authorities
  return [...authorities, ...tls.authorities.filter((one) => fingerprintOf(one) === tls.authority)]
}

function isSame(one: readonly X509Certificate[], other: readonly X509Certificate[]): boolean {
  const set = new Set(other.map(fingerprintOf))
  return one.length === set.size && one.every((each) => set.has(fingerprintOf(each)))
}
