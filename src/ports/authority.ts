/**
 * The cluster's authority: what makes certificates. `identity` is a URI of core/model/peer-identity.ts everywhere.
 * What must stay true: its key leaves it sealed only; a certificate says no more than the order.
 */
export interface CertificateOrder {
  /** DER of a SubjectPublicKeyInfo, base64. */
  readonly publicKey: string
  readonly identity: string
  /** DNS names and addresses that it serves at. */
  readonly names: readonly string[]
  readonly nowMs: number
  readonly lifeMs: number
}

export interface IssuedCertificate {
  /** PEM: the certificate, and the authority's own behind it. */
  readonly chain: string
  /** Hexadecimal, in capitals. */
  readonly serial: string
  readonly notAfterMs: number
}

export interface AuthorityFacts {
  /** PEM, and nothing beside it. */
  readonly certificate: string
  /** SHA-256 of it, hexadecimal. */
  readonly fingerprint: string
  readonly notAfterMs: number
}

export interface Authority extends AuthorityFacts {
  /** DER of a SubjectPublicKeyInfo, base64. */
  readonly publicKey: string
  /** Throws where the public key is none of the curve P-256. */
  issue(order: CertificateOrder): IssuedCertificate
  /** Whoever believes this one may believe that one too: a signature, base64. */
  endorse(other: { readonly certificate: string }): string
}

/** What a control says whom to believe. The version is that of AuthorityBook; the current one comes first. */
export interface AuthorityOffer {
  readonly version: number
  readonly authorities: readonly OfferedAuthority[]
}

export interface OfferedAuthority {
  /** PEM. */
  readonly certificate: string
  /** By whom, as a fingerprint. */
  readonly endorsements: readonly { readonly by: string; readonly signature: string }[]
}

/** PEM. */
export interface AuthorityMaterial {
  readonly certificate: string
  readonly key: string
}

export interface Authorities {
  create(nowMs: number): AuthorityMaterial
  /** Throws AuthorityError. */
  open(material: AuthorityMaterial): Authority
  /** Of the certificate of one, PEM. */
  read(certificate: string): AuthorityFacts
}

/** Its message is a sentence for the operator. */
export class AuthorityError extends Error {
  override readonly name = 'AuthorityError'
}
