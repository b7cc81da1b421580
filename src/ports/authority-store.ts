/**
 * The cluster's authorities while one takes the place of another, and who holds a certificate of which (src/core/trust/SPEC.md).
 * What must stay true of every store (test/contract/authorities.ts): of each state there is one at most; a step is one transaction,
 * judged in it by who holds what, with its entry in the audit log; each step has a higher version than any before it.
 */
import type { CertificateHolder } from '../core/trust/living-holders.ts'
import type { Author } from './trust-store.ts'

/** One that signs is current; the one after it is next; the one before it is retiring. */
export type AuthorityState = 'current' | 'next' | 'retiring'

export interface KnownAuthority {
  readonly state: AuthorityState
  /** PEM. */
  readonly certificate: string
  /** By the vault. */
  readonly sealedKey: string
  readonly createdAtMs: number
}

/** By one authority of another: whoever believes the one may believe the other. Authorities by their fingerprints. */
export interface Endorsement {
  readonly of: string
  readonly by: string
  /** Base64. */
  readonly signature: string
}

export interface AuthorityBook {
  /** Of the last step, in milliseconds since the epoch where clocks are right; 0: there never was one. */
  readonly version: number
  /** The current one first; none: there is no authority. */
  readonly authorities: readonly KnownAuthority[]
  readonly endorsements: readonly Endorsement[]
}

export interface AuthorityStep {
  /** Fingerprint of the authority that the step is about: the next one, or the one that retires. */
  readonly fingerprint: string
  /** Its certificate, as the book has it. */
  readonly certificate: string
  /** Fingerprint of the authority that signed what older programs wrote down without saying so. */
  readonly unsaid: string
  readonly atMs: number
  /** Why, though somebody is not ready for it; null: not then. */
  readonly force: string | null
}

export type StepOutcome =
  | { readonly kind: 'done' }
  /** Identities that are not ready. */
  | { readonly kind: 'waiting'; readonly identities: readonly string[] }
  /** No authority is in that state, or another one. */
  | { readonly kind: 'absent' }

export interface NextAuthority {
  readonly fingerprint: string
  readonly certificate: string
  readonly sealedKey: string
  readonly createdAtMs: number
  readonly endorsements: readonly Endorsement[]
  /** Certificate of the current one, which endorsed it. */
  readonly beside: string
}

export interface AuthorityStore {
  book(): Promise<AuthorityBook>
  /** 'under-way': there is a next or a retiring one already, or another current one. */
  begin(next: NextAuthority, by: Author): Promise<'done' | 'under-way'>
  /** The next one signs from now on; tokens that nobody has used yet end, because they name the one before. */
  promote(step: AuthorityStep, by: Author): Promise<StepOutcome>
  /** The retiring one is gone, and its key with it. */
  retire(step: AuthorityStep, by: Author): Promise<StepOutcome>
  /** The next one is gone: nothing was ever signed by it. */
  abandon(step: AuthorityStep, by: Author): Promise<StepOutcome>

  /** What the holder of a certificate shows of itself. Nothing is written where that is known. */
  note(holder: CertificateHolder): Promise<void>
  /** Those that live at that moment. */
  holders(about: { readonly unsaid: string; readonly atMs: number }): Promise<readonly CertificateHolder[]>
}
