/**
 * The authorities of the cluster, and the steps by which one takes the place of another (src/core/trust/SPEC.md).
 * What must stay true: who signs is read from the store for each certificate, so that no control goes on with the one before; whom to
 * believe is said from memory, for controls whose store is away; keys are opened here and stand in no log and no answer.
 */
import { certifiedBy, withoutAuthority } from '../../core/trust/living-holders.ts'
import type { AuthorityView } from '../../core/views/authority.ts'
import {
  AuthorityError,
  type Authorities,
  type Authority,
  type AuthorityMaterial,
  type AuthorityOffer,
} from '../../ports/authority.ts'
import type {
  AuthorityBook,
  AuthorityState,
  AuthorityStore,
  KnownAuthority,
  StepOutcome,
} from '../../ports/authority-store.ts'
import type { Clock } from '../../ports/clock.ts'
import { VaultError, type KeyVault } from '../../ports/key-vault.ts'
import type { IssueOutcome, ShownCertificate } from '../../ports/trust.ts'
import type { Author } from '../../ports/trust-store.ts'

export interface AuthorityServiceOptions {
  readonly store: AuthorityStore
  /** Opens and seals the keys of authorities. */
  readonly vault: KeyVault
  readonly authorities: Authorities
  readonly clock: Clock
  /** Told after each look at the store. Resolves with what this control itself shows then; null: nothing. */
  readonly onOffer: (offer: AuthorityOffer) => Promise<ShownCertificate | null>
}

export type Unable = Extract<IssueOutcome, { kind: 'unable' }>
export interface Signer {
  readonly kind: 'authority'
  readonly authority: Authority
  /** Whom to believe, and the fingerprints of these. */
  readonly offer: AuthorityOffer
  readonly offered: readonly string[]
}
/** 'refused': with the reason. 'waiting': identities that are not ready. */
export type AuthorityOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'waiting'; readonly identities: readonly string[] }
export type AuthorityAction = 'promote' | 'retire' | 'abandon'

/** For what the keys of authorities are sealed. */
export const AUTHORITY_PURPOSE = 'cluster authority'
/** While a rotation is under way, what a node shows is written down again after so long: another control may have written what was before. */
const AGAIN_MS = 20_000
/** Certificates begin so long before they are made. */
const BEFORE_MS = 10 * 60_000

const NONE: Unable = {
  ...{ kind: 'unable', reason: "the cluster has no authority: make one with 'fairlead init'" },
}
const NO_KEY =
  'this control does not have the key-encryption key of the authority: give --authority-key-file or FAIRLEAD_AUTHORITY_KEY'
const SUBJECTS = { promote: 'next', retire: 'retiring', abandon: 'next' } as const
const ABSENT: Readonly<Record<AuthorityAction, string>> = {
  promote: "there is no next authority: 'fairlead authority rotate' makes one",
  retire:
    "no authority is retiring: 'fairlead authority promote' puts the next one in the place of the current one",
  abandon: 'there is no next authority',
}
const NOTHING: AuthorityOffer = { version: 0, authorities: [] }

export class AuthorityService {
  readonly #options: AuthorityServiceOptions
  /** By its sealed key. */
  readonly #opened = new Map<string, Authority>()
  /** By serial: what was written down of it. */
  readonly #seen = new Map<
    string,
    { readonly text: string; readonly atMs: number; readonly endsMs: number }
  >()
  #offer = NOTHING

  constructor(options: AuthorityServiceOptions) {
    this.#options = options
  }

  /** Takes over what other controls did. Throws what the store throws. */
  async refresh(): Promise<void> {
    const { store, onOffer, clock, authorities } = this.#options
    const book = await store.book()
    this.#offer = offerOf(book, authorities)
    for (const sealedKey of this.#opened.keys())
      if (!book.authorities.some((one) => one.sealedKey === sealedKey)) this.#opened.delete(sealedKey)
    const own = await onOffer(this.#offer)
    if (own !== null) this.seen(own)
    for (const [serial, { endsMs }] of this.#seen) if (endsMs < clock.wallMs()) this.#seen.delete(serial)
  }

  /** As of the last look. */
  offer(): AuthorityOffer {
    return this.#offer
  }

  seen({ serial, identity, authority, believes, beginsMs, endsMs }: ShownCertificate): void {
    const { store, clock } = this.#options
    // All certificates are somebody else's, then, and so is their rotation.
    if (this.#offer.authorities.length === 0) return
    const [text, atMs] = [[authority, ...believes].join(), clock.monotonicMs()]
    const known = this.#seen.get(serial)
    const againMs = this.#offer.authorities.length > 1 ? AGAIN_MS : Infinity
    if (known?.text === text && atMs < known.atMs + againMs) return
    this.#seen.set(serial, { text, atMs, endsMs })
    const times = { issuedAtMs: beginsMs + BEFORE_MS, notAfterMs: endsMs, seenAtMs: clock.wallMs() }
    // It comes again soon; that the store is away is said by who follows it.
    store.note({ serial, identity, authority, believes, ...times }).catch(() => this.#seen.delete(serial))
  }

  /** Who signs for somebody who believes these: the current one, or else the one before. null: the current one. */
  async signer(
    believes: readonly string[] | null,
  ): Promise<Signer | Exclude<IssueOutcome, { kind: 'issued' }>> {
    const { store, authorities } = this.#options
    const book = await store.book()
    const [current] = book.authorities
    if (current === undefined) return NONE
    const offer = offerOf(book, authorities)
    const isBelieved = ({ certificate }: KnownAuthority) =>
      believes === null || believes.includes(authorities.read(certificate).fingerprint)
    const signing = book.authorities.filter(({ state }) => state !== 'next')
    const chosen = signing.length === 1 ? current : signing.find(isBelieved)
    if (chosen === undefined)
      return {
        ...{ kind: 'refused', who: '' },
        reason: 'it believes no authority of this cluster any more: let it join again with a new token',
      }
    const opened = this.#open(chosen)
    if (opened.kind === 'unable') return opened
    const offered = offer.authorities.map(({ certificate }) => authorities.read(certificate).fingerprint)
    return { ...opened, offer, offered }
  }

  /** Another authority, which everybody is to believe before it signs. null: it is made here. */
  async rotate(own: AuthorityMaterial | null, actor: Author): Promise<AuthorityOutcome> {
    const { store, vault, authorities, clock } = this.#options
    const [stored] = (await store.book()).authorities
    const opened = stored === undefined ? NONE : this.#open(stored)
    if (opened.kind === 'unable' || stored === undefined) return { ...NONE, ...opened, kind: 'refused' }
    const createdAtMs = clock.wallMs()
    const material = own ?? authorities.create(createdAtMs)
    const next = asked(() => authorities.open(material))
    if (next instanceof AuthorityError) return { kind: 'refused', reason: next.message }
    const { authority: current } = opened
    if (next.publicKey === current.publicKey)
      return { kind: 'refused', reason: 'it has the key of the current authority: another key is expected' }
    if (next.notAfterMs <= createdAtMs)
      return { kind: 'refused', reason: "the authority's own certificate has expired" }
    const endorsements = [
      { of: next.fingerprint, by: current.fingerprint, signature: current.endorse(next) },
      { of: current.fingerprint, by: next.fingerprint, signature: next.endorse(current) },
    ]
    const { fingerprint, certificate } = next
    const sealedKey = vault.seal(material.key, AUTHORITY_PURPOSE)
    const begun = {
      fingerprint,
      certificate,
      sealedKey,
      createdAtMs,
      endorsements,
      beside: stored.certificate,
    }
    if ((await store.begin(begun, actor)) === 'under-way')
      return {
        kind: 'refused',
        reason: "a rotation is under way: 'fairlead authority show' says how far it has come",
      }
    await this.refresh()
    return { kind: 'done' }
  }

  /** `force`: why, though somebody is not ready. */
  async take(
    action: AuthorityAction,
    { force, actor }: { readonly force: string | null; readonly actor: Author },
  ): Promise<AuthorityOutcome> {
    const { store, authorities, clock } = this.#options
    const book = await store.book()
    const subject = inState(book, SUBJECTS[action])
    if (subject === undefined) return { kind: 'refused', reason: ABSENT[action] }
    const opened = action === 'promote' ? this.#open(subject) : null
    if (opened?.kind === 'unable') return { kind: 'refused', reason: opened.reason }
    const { fingerprint } = authorities.read(subject.certificate)
    const about = { fingerprint, certificate: subject.certificate, unsaid: this.#unsaid(book), force }
    const outcome: StepOutcome = await store[action]({ ...about, atMs: clock.wallMs() }, actor)
    if (outcome.kind === 'absent') return { kind: 'refused', reason: ABSENT[action] }
    await this.refresh()
    return outcome
  }

  /** The current one first. */
  async view(): Promise<AuthorityView[]> {
    const { store, authorities, clock } = this.#options
    const book = await store.book()
    if (book.authorities.length === 0) return []
    const holders = await store.holders({ unsaid: this.#unsaid(book), atMs: clock.wallMs() })
    return book.authorities.map(({ state, certificate, createdAtMs }) => {
      const { fingerprint, notAfterMs } = authorities.read(certificate)
      return {
        ...{ fingerprint, state, createdAtMs, notAfterMs },
        certificates: holders.filter(({ authority }) => authority === fingerprint).length,
        heldBy: certifiedBy(holders, fingerprint),
        unknownTo: withoutAuthority(holders, fingerprint),
      }
    })
  }

  /** The oldest one: of what programs signed that knew one only. */
  #unsaid(book: AuthorityBook): string {
    const oldest = inState(book, 'retiring') ?? inState(book, 'current')
    return oldest === undefined ? '' : this.#options.authorities.read(oldest.certificate).fingerprint
  }

  #open({ sealedKey, certificate }: KnownAuthority): { kind: 'authority'; authority: Authority } | Unable {
    const { vault, authorities } = this.#options
    const known = this.#opened.get(sealedKey)
    if (known !== undefined) return { kind: 'authority', authority: known }
    if (!vault.hasKey) return { kind: 'unable', reason: NO_KEY }
    try {
      const authority = authorities.open({ certificate, key: vault.open(sealedKey, AUTHORITY_PURPOSE) })
      this.#opened.set(sealedKey, authority)
      return { kind: 'authority', authority }
    } catch (error) {
      if (!(error instanceof VaultError) && !(error instanceof AuthorityError)) throw error
      return { kind: 'unable', reason: `this control cannot use the key of the authority: ${error.message}` }
    }
  }
}

function inState({ authorities }: AuthorityBook, state: AuthorityState): KnownAuthority | undefined {
  return authorities.find((one) => one.state === state)
}

/** What nodes are told of a book. */
export function offerOf(
  { version, authorities: known, endorsements }: AuthorityBook,
  by: Authorities,
): AuthorityOffer {
  const authorities = known.map(({ certificate: stored }) => {
    const { certificate, fingerprint } = by.read(stored)
    const given = endorsements.filter(({ of }) => of === fingerprint)
    return {
      certificate,
      endorsements: given.map(({ by: endorser, signature }) => ({ by: endorser, signature })),
    }
  })
  return { version, authorities }
}

function asked<T>(work: () => T): T | AuthorityError {
  try {
    return work()
  } catch (error) {
    if (error instanceof AuthorityError) return error
    throw error
  }
}
