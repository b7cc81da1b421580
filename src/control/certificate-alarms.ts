/** What an operator is told of certificates that should have been renewed, while the node can still come with them, and after. */
import { namedCheckers } from '../core/health/topology.ts'
import type { Configuration } from '../core/model/configuration.ts'
import { formatPeerIdentity, type PeerIdentity } from '../core/model/peer-identity.ts'
import type { NodeCertificates } from './node-certificates.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export function certificateAlarms(
  certificates: NodeCertificates,
  { configuration, wallMs }: { readonly configuration: Configuration; readonly wallMs: number },
): string[] {
  const named = namedCheckers(configuration)
  // A checker that was taken out of the configuration is waited for no more.
  const isExpected = ({ role, name }: PeerIdentity) =>
    role !== 'checker' || named.size === 0 || named.has(name)
  return certificates
    .overdue(wallMs)
    .filter(({ identity }) => isExpected(identity))
    .map(({ identity, endsMs }) => {
      const who = formatPeerIdentity(identity)
      const at = new Date(endsMs).toISOString()
      if (endsMs <= wallMs)
        return `the certificate of ${who} ended at ${at}: it is let in again by another one (fairlead join --force, or new files)`
      return `the certificate of ${who} ends in ${lengthText(endsMs - wallMs)}, at ${at}, and was not renewed: its log says why`
    })
}

function lengthText(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`
  return ms >= 2 * HOUR_MS ? `${Math.floor(ms / HOUR_MS)} hours` : `${Math.ceil(ms / 60_000)} minutes`
}
