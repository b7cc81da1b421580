/**
 * What a control does for the nodes that join it: certificates against tokens, new ones in time, and who is revoked.
 * What must stay true: a certificate says what the token said, never what the node asks for.
 */
import type { AuthorityOffer } from './authority.ts'

export interface ShownCertificate {
  readonly serial: string
  readonly identity: string
  /** Fingerprint of the one that it is by; '': of one that nobody knows. */
  readonly authority: string
  readonly believes: readonly string[]
  readonly beginsMs: number
  readonly endsMs: number
}

export type IssueOutcome =
  | {
      readonly kind: 'issued'
      readonly chain: string
      /** PEM: all that are to be believed, the current one first. Older programs write it down as it is. */
      readonly authority: string
      readonly offer: AuthorityOffer
    }
  /** By right: it is not to be asked again. */
  | { readonly kind: 'refused'; readonly reason: string; readonly who: string }
  /** Another control may be able to. */
  | { readonly kind: 'unable'; readonly reason: string }

export interface RevokedCertificate {
  readonly serial: string
  /** Nobody need remember it any more then. */
  readonly notAfterMs: number
}

export interface NodeTrust {
  join(request: { readonly token: string; readonly publicKey: string }): Promise<IssueOutcome>
  /** `serial` and `identity` are those of the certificate that it came with. */
  renew(request: {
    readonly serial: string
    readonly identity: string
    readonly publicKey: string
    /** Fingerprints of the authorities that it has: its certificate is by one of these. */
    readonly believes: readonly string[]
  }): Promise<IssueOutcome>
  revokedSerials(): readonly string[]
  /** The same, each with when it ends. */
  revoked(): readonly RevokedCertificate[]
  offer(): AuthorityOffer
  /** Somebody came with this certificate. Waits for nothing. */
  seen(shown: ShownCertificate): void
}
