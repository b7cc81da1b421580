/**
 * Whether a certificate leads to one of our authorities: looked at before it is shown to others, who would only say that they
 * do not know it.
 */
import { X509Certificate } from 'node:crypto'

const MAX_CHAIN = 10
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The certificates of a PEM file, in order. Throws what X509Certificate throws. */
export function certificatesIn(pem: Buffer): X509Certificate[] {
  return Array.from(pem.toString('latin1').matchAll(PEM), ([text]) => new X509Certificate(text))
}

/** That of `authorities` which `chain` leads to, beginning with the certificate itself; null: to none. */
export function authorityOf(
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): X509Certificate | null {
  let [current] = chain
  // Each step uses up one certificate of the chain: a circle of issuers ends too.
  for (let left = chain.slice(1); current !== undefined;) {
    const subject = current
    const found = authorities.find((authority) => isIssuedBy(subject, authority))
    if (found !== undefined) return found
    const issuer = left.find((one) => isIssuedBy(subject, one))
    left = left.filter((one) => one !== issuer)
    current = issuer
  }
  return null
}

/** What the other end of a connection showed, the certificate itself first. */
export function chainFrom(first: X509Certificate): X509Certificate[] {
  const chain = [first]
  for (let next = first.issuerCertificate; next !== undefined && chain.length < MAX_CHAIN;) {
    chain.push(next)
    // The last one may be its own issuer.
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}
