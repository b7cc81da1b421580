/**
 * Who says who people are: an OpenID Connect provider, as the control asks it.
 * What must stay true: what is 'verified' was signed by the provider for us, and is neither expired nor of long ago.
 */
import type { Claims } from '../core/access/claim.ts'

export type VerifiedIdToken =
  | {
      readonly kind: 'verified'
      readonly claims: Claims
      /** It is refused by itself from then on, by any clock that is not off by more than is tolerated; ms since the epoch. */
      readonly untilMs: number
    }
  /** A sentence for whoever sent it. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The provider cannot be asked for its keys. */
  | { readonly kind: 'away'; readonly cause: unknown }

export interface IdentityProvider {
  /** `mayAsk`: the provider may be asked for keys; otherwise those that are there have to do. */
  verify(
    idToken: string,
    about: { readonly nowMs: number; readonly mayAsk: boolean },
  ): Promise<VerifiedIdToken>
}
