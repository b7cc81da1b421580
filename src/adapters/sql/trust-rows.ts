/** Rows of certificates, and of who holds them, as what they mean. */
import type { CertificateHolder } from '../../core/trust/living-holders.ts'
import type { StoredCertificate } from '../../ports/trust-store.ts'
import type { StoreSchema } from './store-schema.ts'

/** What has expired is remembered so long, for people. */
export const KEPT_MS = 90 * 86_400_000

export function certificateOf(row: StoreSchema['certificates']): StoredCertificate {
  const { serial, identity, issued_at_ms: issuedAtMs, not_after_ms: notAfterMs } = row
  const revokedAtMs = row.revoked_at_ms === 0 ? null : row.revoked_at_ms
  return { serial, identity, issuedAtMs, notAfterMs, revokedAtMs }
}

export function holderOf(row: StoreSchema['certificate_holders']): CertificateHolder {
  const { serial, identity, authority, believes, issued_at_ms: issuedAtMs, not_after_ms: notAfterMs } = row
  return {
    ...{ serial, identity, authority, issuedAtMs, notAfterMs },
    believes: believes === '' ? [] : believes.split(' '),
    seenAtMs: row.seen_at_ms === 0 ? null : row.seen_at_ms,
  }
}
