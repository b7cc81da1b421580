/** Why the other end is no control to talk to, from the certificate of its handshake: before the first byte of a request. */
import type { PeerCertificate } from 'node:tls'
import { parsePeerIdentity } from '../../core/model/peer-identity.ts'
import type { Revocations } from './revocations.ts'

/** For `checkServerIdentity`, in a connection without a session of an earlier one: node does not ask again there. */
export function faultOfControl(
  { subjectaltname, subject, serialNumber }: PeerCertificate,
  revocations?: Pick<Revocations, 'has'>,
): Error | undefined {
  const identity = parsePeerIdentity({ subjectAltName: subjectaltname, commonName: commonNameOf(subject) })
  if (identity?.role !== 'control') return new Error('its certificate is not that of a control')
  if (revocations?.has(serialNumber) === true) return new Error(`its certificate ${serialNumber} was revoked`)
  return undefined
}

/** More than one is none. */
function commonNameOf({ CN: name }: PeerCertificate['subject']): string | undefined {
  return typeof name === 'string' ? name : undefined
}
