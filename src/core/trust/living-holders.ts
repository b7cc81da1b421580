/**
 * Who is a part of the cluster by which certificate, and who is not ready for a step of its authority (SPEC.md).
 * What must stay true: nobody who may still come with a certificate is left out; one that its holder has replaced, and was seen to
 * have replaced, holds nobody up.
 */
export interface CertificateHolder {
  readonly serial: string
  /** A URI of core/model/peer-identity.ts. */
  readonly identity: string
  /** Fingerprint of the authority that signed it. */
  readonly authority: string
  /** Fingerprints of the authorities that it has on its disk. */
  readonly believes: readonly string[]
  readonly issuedAtMs: number
  readonly notAfterMs: number
  /** When it came with this certificate and these authorities; null: not yet. */
  readonly seenAtMs: number | null
}

export interface GivenCertificate {
  readonly serial: string
  readonly identity: string
  readonly issuedAtMs: number
  readonly notAfterMs: number
  readonly revokedAtMs: number | null
}

/** Clocks may be off by so much. */
const SKEW_MS = 5 * 60_000

/** `noted`: also of certificates that were made elsewhere. `unsaid`: the authority of what nothing is noted of. By identity. */
export function livingHolders(about: {
  readonly certificates: readonly GivenCertificate[]
  readonly noted: readonly CertificateHolder[]
  readonly unsaid: string
  readonly nowMs: number
}): CertificateHolder[] {
  const { certificates, noted, unsaid, nowMs } = about
  const bySerial = new Map(noted.map((one) => [one.serial, one]))
  for (const given of certificates) {
    const { serial, identity, issuedAtMs, notAfterMs, revokedAtMs } = given
    if (revokedAtMs !== null) {
      bySerial.delete(serial)
      continue
    }
    const unknown = { authority: unsaid, believes: [], seenAtMs: null }
    bySerial.set(serial, { ...unknown, ...bySerial.get(serial), serial, identity, issuedAtMs, notAfterMs })
  }
  const living = Array.from(bySerial.values()).filter(({ notAfterMs }) => notAfterMs + SKEW_MS > nowMs)
  const newest = new Map<string, number>()
  for (const { identity, issuedAtMs, seenAtMs } of living)
    if (seenAtMs !== null) newest.set(identity, Math.max(issuedAtMs, newest.get(identity) ?? 0))
  return living
    .filter(({ identity, issuedAtMs }) => issuedAtMs >= (newest.get(identity) ?? 0))
    .sort((a, b) =>
      a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : b.issuedAtMs - a.issuedAtMs,
    )
}

/** Identities that would not believe certificates of that authority. */
export function withoutAuthority(holders: readonly CertificateHolder[], fingerprint: string): string[] {
  return identitiesOf(holders.filter(({ believes }) => !believes.includes(fingerprint)))
}

/** Identities that come with a certificate of that authority. */
export function certifiedBy(holders: readonly CertificateHolder[], fingerprint: string): string[] {
  return identitiesOf(holders.filter(({ authority }) => authority === fingerprint))
}

function identitiesOf(holders: readonly CertificateHolder[]): string[] {
  return [...new Set(holders.map(({ identity }) => identity))]
}
