/**
 * What a control does for the nodes that join it: certificates against tokens, new ones in time, and who is revoked.
 * What must stay true: a certificate says what the token said, never what the node asks for.
 */
export type IssueOutcome =
  | { readonly kind: 'issued'; readonly chain: string; readonly authority: string }
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
  }): Promise<IssueOutcome>
  revokedSerials(): readonly string[]
  /** The same, each with when it ends. */
  revoked(): readonly RevokedCertificate[]
}
