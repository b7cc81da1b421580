/** The SHA-256 of a certificate, hexadecimal: how authorities are named everywhere. */
import { createHash, X509Certificate } from 'node:crypto'

/** Of PEM: the first certificate in it. Throws where there is none. */
export function fingerprintOf(certificate: X509Certificate | string): string {
  const { raw } = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate
  return createHash('sha256').update(raw).digest('hex')
}
