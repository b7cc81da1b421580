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
import { AuthorityError, type Authorities, type Authority } from '../../ports/authority.ts'
import type { Clock } from '../../ports/clock.ts'
import { VaultError, type KeyVault } from '../../ports/key-vault.ts'
import type { IssueOutcome, NodeTrust, RevokedCertificate } from '../../ports/trust.ts'
import type {
  Author,
  RedemptionOutcome,
  RevocationOutcome,
  StoredCertificate,
  TrustStore,
} from '../../ports/trust-store.ts'

export interface TrustServiceOptions {
  readonly store: TrustStore
  /** Opens the key of the authority. */
  readonly vault: KeyVault
  readonly authorities: Authorities
  /** Of the certificates. */
  readonly lifeMs: number
  readonly clock: Clock
  /** Told after each look at the store. */
  readonly onRevoked: (serials: readonly string[]) => void
}

/** For what the key of the authority is sealed. */
export const AUTHORITY_PURPOSE = 'cluster authority'
/** Clocks may be off by so much; what expired so long ago is believed by nobody. */
const SKEW_MS = 5 * 60_000
/** A serial that is not known here is remembered so long. */
const UNKNOWN_MS = 10 * 365 * 86_400_000

const WHY: Readonly<Record<Exclude<RedemptionOutcome, 'issued'>, string>> = {
  unknown: 'the join token is none of this cluster',
  expired: 'the join token has expired, or was revoked',
  used: 'the join token was used already',
}

const NO_KEY =
  'this control does not have the key-encryption key of the authority: give --authority-key-file or FAIRLEAD_AUTHORITY_KEY'

type Opened = { readonly kind: 'authority'; readonly authority: Authority } | Unable
type Unable = Extract<IssueOutcome, { kind: 'unable' }>

export class TrustService implements NodeTrust {
  readonly #options: TrustServiceOptions
  #authority: Authority | null = null
  #revoked: readonly RevokedCertificate[] = []
  #serials: readonly string[] = []

  constructor(options: TrustServiceOptions) {
    this.#options = options
  }

  /** Takes over what other controls have revoked. Throws what the store throws. */
  async refresh(): Promise<void> {
    const { store, clock, onRevoked } = this.#options
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

  /** 'unable': there is no authority, or its key cannot be opened here. */
  async createJoinToken(
    request: Pick<JoinTokenRequest, 'role' | 'name' | 'expiresSec'> & {
      readonly site: string
      readonly addresses: readonly string[]
    },
    actor: Author,
  ): Promise<CreatedJoinToken | Unable> {
    const opened = await this.#open()
    if (opened.kind === 'unable') return opened
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
    const { fingerprint } = opened.authority
    return { token: formatJoinToken({ fingerprint, secret }), identity, fingerprint, expiresAtMs }
  }

  async join({
    token,
    publicKey,
  }: {
    readonly token: string
    readonly publicKey: string
  }): Promise<IssueOutcome> {
    const { store } = this.#options
    const parsed = parseJoinToken(token)
    const hash = hashOf(parsed?.secret ?? '')
    const known = parsed === null ? null : await store.joinToken(hash)
    if (known === null) return { kind: 'refused', who: '', reason: WHY.unknown }
    const { identity, names } = known
    return this.#issue({ identity, names, publicKey }, async (certificate) => {
      const outcome = await store.redeem({ hash, keyHash: hashOf(publicKey), certificate }, nodeOf(identity))
      return outcome === 'issued' ? null : WHY[outcome]
    })
  }

  async renew(request: {
    readonly serial: string
    readonly identity: string
    readonly publicKey: string
  }): Promise<IssueOutcome> {
    return this.#renew({ ...request, names: [] })
  }

  /** Of this control itself, with the names that it has. */
  renewOwn(request: {
    readonly serial: string
    readonly identity: string
    readonly publicKey: string
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

  #renew(request: {
    readonly serial: string
    readonly identity: string
    readonly publicKey: string
    readonly names: readonly string[]
  }): Promise<IssueOutcome> {
    return this.#issue(request, async (certificate) => {
      const outcome = await this.#options.store.record(certificate, {
        ...{ instead: request.serial, by: nodeOf(request.identity) },
      })
      return outcome === 'issued' ? null : 'its certificate was revoked'
    })
  }

  /** `commit` says why not, or null. */
  async #issue(
    about: { readonly identity: string; readonly names: readonly string[]; readonly publicKey: string },
    commit: (certificate: StoredCertificate) => Promise<string | null>,
  ): Promise<IssueOutcome> {
    const opened = await this.#open()
    if (opened.kind === 'unable') return opened
    const { clock, lifeMs } = this.#options
    const nowMs = clock.wallMs()
    const { identity } = about
    const issued = asked(() => opened.authority.issue({ ...about, nowMs, lifeMs }))
    if (issued instanceof AuthorityError) return { kind: 'refused', who: identity, reason: issued.message }
    const { serial, notAfterMs, chain } = issued
    const fault = await commit({ serial, identity, issuedAtMs: nowMs, notAfterMs, revokedAtMs: null })
    if (fault !== null) return { kind: 'refused', who: identity, reason: fault }
    return { kind: 'issued', chain, authority: opened.authority.certificate }
  }

  async #open(): Promise<Opened> {
    if (this.#authority !== null) return { kind: 'authority', authority: this.#authority }
    const { store, vault, authorities } = this.#options
    const stored = await store.authority()
    if (stored === null)
      return { kind: 'unable', reason: "the cluster has no authority: make one with 'fairlead init'" }
    if (!vault.hasKey) return { kind: 'unable', reason: NO_KEY }
    try {
      const key = vault.open(stored.sealedKey, AUTHORITY_PURPOSE)
      this.#authority = authorities.open({ certificate: stored.certificate, key })
    } catch (error) {
      if (!(error instanceof VaultError) && !(error instanceof AuthorityError)) throw error
      return { kind: 'unable', reason: `this control cannot use the key of the authority: ${error.message}` }
    }
    return { kind: 'authority', authority: this.#authority }
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
