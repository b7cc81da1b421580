/**
 * The name of somebody who logged in: what history, audit log and approvals know them by.
 * What must stay true: it begins with `oidc:`, which no other token's name does; two who are different to the provider have different
 * names; an address counts only where the provider says that it was verified, as people can write what they like there.
 */
import { claimAt, type Claims } from './claim.ts'

const PREFIX = 'oidc:'
const MAX_LENGTH = 400

export type LoginName =
  { readonly kind: 'name'; readonly name: string } | { readonly kind: 'nameless'; readonly reason: string }

export function isOfLogin(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** The claim that was chosen, or the verified address, or the subject. */
export function loginName(claims: Claims, nameClaim: string | undefined): LoginName {
  if (nameClaim !== undefined) {
    const chosen = claimAt(claims, nameClaim)
    if (typeof chosen === 'string' && chosen !== '') return nameOf(encoded(chosen))
    return { kind: 'nameless', reason: `the ID token has no text in the claim '${nameClaim}' for a name` }
  }
  const { email, email_verified: isVerified, sub } = claims
  if (isVerified === true && typeof email === 'string' && email.includes('@')) return nameOf(encoded(email))
  if (typeof sub !== 'string' || sub === '')
    return { kind: 'nameless', reason: 'the ID token has no subject' }
  // A subject that looks like an address must not be taken for one.
  return nameOf(encoded(sub).replaceAll('@', '%40'))
}

function nameOf(text: string): LoginName {
  if (text.length <= MAX_LENGTH) return { kind: 'name', name: `${PREFIX}${text}` }
  return { kind: 'nameless', reason: 'the name in the ID token is too long' }
}

/** Printable ASCII without spaces; different texts stay different. */
function encoded(text: string): string {
  return Array.from(text.toWellFormed(), (character) =>
    /[\x21-\x24\x26-\x7e]/.test(character) ? character : encodeURIComponent(character),
  ).join('')
}
