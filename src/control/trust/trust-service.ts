/**
 * Who may be a part of the cluster: join tokens, certificates by the cluster's authority, revocations. Any control does all of it: the
 * authority is in the store, its key sealed.
 * What must stay true: a certificate says what the token said, or what the certificate before it said; a token's secret and the key
 * of the authority stand in no log and no answer; who was revoked gets no new certificate.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { formatJoinToken, parseJoinToken } from '../../core/model/join-token.ts'
import { formatPeerIdentity } from '../../core/model/peer-identity.ts'
import type { CreatedJoinToken, JoinTokenRequest, JoinTokenView } from '../../core/views/trust.ts'
import { AuthorityError, type AuthorityOffer } from '../../ports/authority.ts'
import type { Clock } from '../../ports/clock.ts'
import type { IssueOutcome, NodeTrust, RevokedCertificate, ShownCertificate } from '../../ports/trust.ts'
import type {
  Author,
  IssueTerms,
  RedemptionOutcome,
  RevocationOutcome,
  StoredCertificate,
  TrustStore,
} from '../../ports/trust-store.ts'
import type { AuthorityService, Signer, Unable } from './authority-service.ts'

export interface TrustServiceOptions {
  readonly store: TrustStore
  readonly authorities: AuthorityService
  /** Of the certificates. */
  readonly lifeMs: number
  readonly clock: Clock
  /** Told after each look at the store. */
  readonly onRevoked: (serials: readonly string[]) => void
}

const REPLACED = 'the authority of the cluster was replaced since the join token was made: make another one'
/** Clocks may be off by so much; what expired so long ago is believed by nobody. */
const SKEW_MS = 5 * 60_000
/** A serial that is not known here is remembered so long. */
const UNKNOWN_MS = 10 * 365 * 86_400_000

const WHY: Readonly<Record<Exclude<RedemptionOutcome, 'issued'>, string>> = {
  unknown: 'the join token is none of this cluster',
  expired: 'the join token has expired, or was revoked',
  used: 'the join token was used already',
}

export class TrustService implements NodeTrust {
  readonly #options: TrustServiceOptions
  #revoked: readonly RevokedCertificate[] = []
  #serials: readonly string[] = []

  constructor(options: TrustServiceOptions) {
    this.#options = options
  }

  /** Takes over whom to believe, then what other controls have revoked. Throws what the store throws. */
  async refresh(): Promise<void> {
    const { store, clock, onRevoked, authorities } = this.#options
    await authorities.refresh()
    this.#revoked = await store.revokedSince(clock.wallMs() - 2 * SKEW_MS)
    this.#serials = this.#revoked.map(({ serial }) => serial)
    onRevoked(this.#serials)
  }

  revokedSerials(): readonly string[] {
    return this.#serials
  }

  revoked(): readonly RevokedCertificate[] {
    return this.#revoked
  }

  offer(): AuthorityOffer {
    return this.#options.authorities.offer()
  }

  seen(shown: ShownCertificate): void {
    this.#options.authorities.seen(shown)
  }

  /** 'unable': there is no authority, or its key cannot be opened here. */
  async createJoinToken(
    request: Pick<JoinTokenRequest, 'role' | 'name' | 'expiresSec'> & {
      readonly site: string
      readonly addresses: readonly string[]
    },
    actor: Author,
  ): Promise<CreatedJoinToken | Unable> {
    const signer = await this.#options.authorities.signer(null)
    if (signer.kind !== 'authority') return { kind: 'unable', reason: signer.reason }
    const { role, site, name, addresses, expiresSec } = request
    const identity = formatPeerIdentity(role === 'control' ? { role, name } : { role, site, name })
    const secret = randomBytes(32).toString('base64url')
    const { store, clock } = this.#options
    const createdAtMs = clock.wallMs()
    const expiresAtMs = createdAtMs + expiresSec * 1_000
    const names = role === 'control' ? withLoopback(addresses) : []
    await store.addJoinToken(
      {
        id: randomUUID(),
        hash: hashOf(secret),
        identity,
        names,
        createdAtMs,
        expiresAtMs,
      },
      actor,
    )
    const { fingerprint } = signer.authority
    return { token: formatJoinToken({ fingerprint, secret }), identity, fingerprint, expiresAtMs }
  }

  async join({
    token,
    publicKey,
  }: {
    readonly token: string
    readonly publicKey: string
  }): Promise<IssueOutcome> {
    const { store, authorities } = this.#options
    const parsed = parseJoinToken(token)
    const hash = hashOf(parsed?.secret ?? '')
    const known = parsed === null ? null : await store.joinToken(hash)
    if (known === null) return { kind: 'refused', who: '', reason: WHY.unknown }
    const { identity, names } = known
    const signer = await authorities.signer(null)
    if (signer.kind !== 'authority') return signer
    if (parsed?.fingerprint !== signer.authority.fingerprint)
      return { kind: 'refused', who: identity, reason: REPLACED }
    // All that the answer carries are on its disk before its certificate is.
    const believes = signer.offered
    return this.#issue({ identity, names, publicKey, believes, signer }, async (certificate, terms) => {
      const redemption = { hash, keyHash: hashOf(publicKey), certificate, terms }
      const outcome = await store.redeem(redemption, nodeOf(identity))
      return outcome === 'issued' ? null : WHY[outcome]
    })
  }

  renew(request: {
    readonly serial: string
    readonly identity: string
    readonly publicKey: string
    readonly believes: readonly string[]
  }): Promise<IssueOutcome> {
    return this.#renew({ ...request, names: [] })
  }

  /** Of this control itself, with the names that it has. */
  renewOwn(request: {
    readonly serial: string
    readonly identity: string
    readonly publicKey: string
    readonly believes: readonly string[]
    readonly names: readonly string[]
  }): Promise<IssueOutcome> {
    return this.#renew(request)
  }

  certificates(): Promise<readonly StoredCertificate[]> {
    return this.#options.store.certificates()
  }

  async joinTokens(): Promise<readonly JoinTokenView[]> {
    const nowMs = this.#options.clock.wallMs()
    return (await this.#options.store.joinTokens()).map(({ id, identity, createdAtMs, ...one }) => ({
      ...{ id, identity, createdAtMs, expiresAtMs: one.expiresAtMs },
      state: one.isSpent ? 'used' : one.expiresAtMs <= nowMs ? 'expired' : 'open',
    }))
  }

  /** False: there is none of that id. */
  endJoinToken(id: string, actor: Author): Promise<boolean> {
    return this.#options.store.endJoinToken({ id, atMs: this.#options.clock.wallMs() }, actor)
  }

  /** What is revoked now. `which`: a serial or an identity; `unknown`: also a serial that was not made here. */
  async revoke(
    { which, unknown }: { readonly which: string; readonly unknown: boolean },
    actor: Author,
  ): Promise<RevocationOutcome> {
    const { store, clock } = this.#options
    const atMs = clock.wallMs()
    const by = which.startsWith('fairlead:')
      ? { identity: which }
      : { serial: which.replaceAll(':', '').toUpperCase() }
    const revoked = await store.revoke({ by, atMs, untilMs: unknown ? atMs + UNKNOWN_MS : null }, actor)
    await this.refresh()
    return revoked
  }

  async #renew(request: {
    readonly serial: string
    readonly identity: string
    readonly publicKey: string
    readonly believes: readonly string[]
    readonly names: readonly string[]
  }): Promise<IssueOutcome> {
    const signer = await this.#options.authorities.signer(request.believes)
    if (signer.kind === 'refused') return { ...signer, who: request.identity }
    if (signer.kind === 'unable') return signer
    return this.#issue({ ...request, signer }, async (certificate, terms) => {
      const about = { instead: request.serial, by: nodeOf(request.identity), terms }
      const outcome = await this.#options.store.record(certificate, about)
      return outcome === 'issued' ? null : 'its certificate was revoked'
    })
  }

  /** `commit` says why not, or null. */
  async #issue(
    about: {
      readonly identity: string
      readonly names: readonly string[]
      readonly publicKey: string
      readonly believes: readonly string[]
      readonly signer: Signer
    },
    commit: (certificate: StoredCertificate, terms: IssueTerms) => Promise<string | null>,
  ): Promise<IssueOutcome> {
    const { clock, lifeMs } = this.#options
    const nowMs = clock.wallMs()
    const { identity, names, publicKey, believes } = about
    const { authority, offer } = about.signer
    const issued = asked(() => authority.issue({ identity, names, publicKey, nowMs, lifeMs }))
    if (issued instanceof AuthorityError) return { kind: 'refused', who: identity, reason: issued.message }
    const { serial, notAfterMs, chain } = issued
    const certificate = { serial, identity, issuedAtMs: nowMs, notAfterMs, revokedAtMs: null }
    const fault = await commit(certificate, { authority: authority.fingerprint, believes })
    if (fault !== null) return { kind: 'refused', who: identity, reason: fault }
    const all = offer.authorities.map((one) => one.certificate)
    return { kind: 'issued', chain, authority: all.join(''), offer }
  }
}

function asked<T>(work: () => T): T | AuthorityError {
  try {
    return work()
  } catch (error) {
    if (error instanceof AuthorityError) return error
    throw error
  }
}

/** The command line on the same machine finds the API there. */
export function withLoopback(names: readonly string[]): string[] {
  return [...new Set([...names, 'localhost', '127.0.0.1', '::1'])]
}

/** Whoever gets a certificate, as the audit log names it. */
function nodeOf(identity: string): Author {
  return { name: identity, from: 'node' }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
