/**
 * Whether a certificate leads to one of our authorities: looked at before it is shown to others, who would only say that they
 * do not know it.
 */
import { X509Certificate } from 'node:crypto'

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The certificates of a PEM file, in order. Throws what X509Certificate throws. */
export function certificatesIn(pem: Buffer): X509Certificate[] {
  return Array.from(pem.toString('latin1').matchAll(PEM), ([text]) => new X509Certificate(text))
}

/** True where `chain`, which begins with the certificate itself, leads to one of `authorities`. */
export function leadsTo(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  let [current] = chain
  // Each step uses up one certificate of the chain: a circle of issuers ends too.
  for (let left = chain.slice(1); current !== undefined;) {
    const subject = current
    if (authorities.some((authority) => isIssuedBy(subject, authority))) return true
    const issuer = left.find((one) => isIssuedBy(subject, one))
    left = left.filter((one) => one !== issuer)
    current = issuer
  }
  return false
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}
