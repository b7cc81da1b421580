/**
 * What the store keeps of trust: the authority, tokens to join by, certificates and which of them are revoked.
 * What must stay true of every store (test/contract/trust.ts): there is one current authority; a token is spent in the transaction that
 * records its certificate, by one key only; a revoked certificate is never renewed; each write leaves its entry in the audit log, in
 * the same transaction.
 */
import type { RevokedCertificate } from './trust.ts'

export interface StoredAuthority {
  /** PEM. */
  readonly certificate: string
  /** By the vault. */
  readonly sealedKey: string
  readonly createdAtMs: number
}

/** For the audit log: who, and from where. */
export interface Author {
  readonly name: string
  readonly from: string
}

export interface StoredJoinToken {
  readonly id: string
  /** SHA-256 of the token's secret, hexadecimal. */
  readonly hash: string
  /** What it gives: the identity, and the names of the certificate. */
  readonly identity: string
  readonly names: readonly string[]
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

export interface StoredCertificate {
  /** Hexadecimal, in capitals. */
  readonly serial: string
  readonly identity: string
  readonly issuedAtMs: number
  readonly notAfterMs: number
  /** null: it is good. */
  readonly revokedAtMs: number | null
}

/** Of a certificate: who signed it, and whom its holder believes. Authorities by their fingerprints. */
export interface IssueTerms {
  readonly authority: string
  readonly believes: readonly string[]
}

export interface Redemption {
  /** Of the token. */
  readonly hash: string
  /** SHA-256 of the public key, hexadecimal. */
  readonly keyHash: string
  readonly certificate: StoredCertificate
  /** Absent: of a program that knows one authority only. */
  readonly terms?: IssueTerms
}

/** 'used': by another key, or what it gave was revoked. */
export type RedemptionOutcome = 'issued' | 'unknown' | 'expired' | 'used'

export interface TrustStore {
  /** The current one; null: there is none yet. */
  authority(): Promise<StoredAuthority | null>
  /** False: there is one already. */
  addAuthority(authority: StoredAuthority, by: Author): Promise<boolean>

  /** The sealed keys of all authorities that are kept. */
  sealedKeys(): Promise<readonly string[]>
  /** The same key, sealed by another key-encryption key. False: `before` is not there any more. */
  reseal(
    seal: { readonly before: string; readonly sealedKey: string; readonly atMs: number },
    by: Author,
  ): Promise<boolean>

  addJoinToken(token: StoredJoinToken, by: Author): Promise<void>
  joinToken(hash: string): Promise<StoredJoinToken | null>
  /** Newest first; `isSpent`: somebody has joined by it. */
  joinTokens(): Promise<readonly (StoredJoinToken & { readonly isSpent: boolean })[]>
  /** Ends a token before its time. False: there is none of that id. */
  endJoinToken(end: { readonly id: string; readonly atMs: number }, by: Author): Promise<boolean>
  /**
   * Spends a token. The same key may come again for as long as the token lasts: whoever was cut off in the middle of joining.
   */
  redeem(redemption: Redemption, by: Author): Promise<RedemptionOutcome>
  /** A certificate in the place of another, where `instead` names one. 'revoked': not of that one. */
  record(
    certificate: StoredCertificate,
    about: { readonly instead: string | null; readonly by: Author; readonly terms?: IssueTerms },
  ): Promise<'issued' | 'revoked'>

  /** Newest first. */
  certificates(): Promise<readonly StoredCertificate[]>
  /**
   * By serial or by identity. An identity's open join tokens end in the same transaction: one that was not used yet would give it a
   * new certificate.
   */
  revoke(which: Revocation, by: Author): Promise<RevocationOutcome>
  /** Those that are revoked and were still valid at that moment. */
  revokedSince(atMs: number): Promise<readonly RevokedCertificate[]>
}

export interface Revocation {
  readonly by: { readonly serial: string } | { readonly identity: string }
  readonly atMs: number
  /** A serial that is not known here is added, and remembered until then; null: it is not. */
  readonly untilMs: number | null
}

export interface RevocationOutcome {
  /** Those that it revoked or that were revoked already. */
  readonly certificates: readonly StoredCertificate[]
  /** Join tokens that it ended. */
  readonly joinTokens: number
}
