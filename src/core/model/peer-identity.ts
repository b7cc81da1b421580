/**
 * Who is at the other end: role, site and name, as the certificate says it, in a URI (subject alternative name, or else the
 * common name): fairlead://checker/SITE/NAME, fairlead://nameserver/SITE/NAME, fairlead://control/NAME.
 * What must stay true: a certificate says one thing or nothing; whatever is unclear is nothing.
 */
export type PeerIdentity =
  | { readonly role: 'checker'; readonly site: string; readonly name: string }
  | { readonly role: 'nameserver'; readonly site: string; readonly name: string }
  | { readonly role: 'control'; readonly name: string }

const NAME = '[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?'
const URI = new RegExp(`^fairlead://(?:(checker|nameserver)/(${NAME})/(${NAME})|control/(${NAME}))$`)

/** `subjectAltName` as node:crypto prints it, `commonName` from the subject; null when there is no identity, or more than one. */
export function parsePeerIdentity(certificate: {
  readonly subjectAltName: string | undefined
  readonly commonName: string | undefined
}): PeerIdentity | null {
  const { subjectAltName = '', commonName = '' } = certificate
  // Names with commas or quotes in them are printed in quotes: none of ours needs any, and none is guessed at.
  if (subjectAltName.includes('"')) return null
  const uris = subjectAltName
    .split(', ')
    .filter((entry) => entry.startsWith('URI:fairlead:'))
    .map((entry) => entry.slice('URI:'.length))
  if (uris.length > 1) return null
  return parseUri(uris[0] ?? commonName)
}

export function formatPeerIdentity(identity: PeerIdentity): string {
  const site = identity.role === 'control' ? '' : `${identity.site}/`
  return `fairlead://${identity.role}/${site}${identity.name}`
}

function parseUri(text: string): PeerIdentity | null {
  const [match, role, site = '', name = '', control = ''] = URI.exec(text) ?? []
  if (match === undefined) return null
  return role === 'checker' || role === 'nameserver'
    ? { role, site, name }
    : { role: 'control', name: control }
}
