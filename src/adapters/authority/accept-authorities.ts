/**
 * Which authorities a process believes next, of those that a control offers.
 * What must stay true: nobody is believed but who is believed already or whom one of these has endorsed with its key, step by step; so
 * that neither a control nor the store can bring in an authority of its own without the key of one.
 */
import { verify, X509Certificate } from 'node:crypto'
import type { OfferedAuthority } from '../../ports/authority.ts'
import { fingerprintOf } from './fingerprint.ts'

/** Nothing else that an authority signs begins like this. */
export function endorsedText(authority: X509Certificate): Buffer {
  return Buffer.concat([Buffer.from('fairlead authority endorsed\n'), authority.raw])
}

export interface Accepted {
  /** In the order of the offer. */
  readonly authorities: readonly X509Certificate[]
  /** Fingerprints of those that nobody vouches for. */
  readonly strangers: readonly string[]
}

/** Throws what X509Certificate throws. */
export function acceptAuthorities(
  offered: readonly OfferedAuthority[],
  believed: readonly X509Certificate[],
): Accepted {
  const known = new Map(believed.map((one) => [fingerprintOf(one), one]))
  const all = offered.map(({ certificate, endorsements }) => {
    const parsed = new X509Certificate(certificate)
    return { parsed, fingerprint: fingerprintOf(parsed), endorsements }
  })
  for (let isMore = true; isMore;) {
    const found = all.filter(
      ({ parsed, fingerprint, endorsements }) =>
        !known.has(fingerprint) &&
        parsed.ca &&
        endorsements.some(({ by, signature }) => isEndorsed(parsed, known.get(by), signature)),
    )
    for (const { fingerprint, parsed } of found) known.set(fingerprint, parsed)
    isMore = found.length > 0
  }
  return {
    authorities: all.filter(({ fingerprint }) => known.has(fingerprint)).map(({ parsed }) => parsed),
    strangers: all.filter(({ fingerprint }) => !known.has(fingerprint)).map(({ fingerprint }) => fingerprint),
  }
}

function isEndorsed(authority: X509Certificate, by: X509Certificate | undefined, signature: string): boolean {
  if (by === undefined) return false
  return verify('sha256', endorsedText(authority), by.publicKey, Buffer.from(signature, 'base64'))
}
