/**
 * The name of somebody who logged in: what history, audit log and approvals know them by.
 * What must stay true: it begins with `oidc:`, which no other token's name does; two who are different to the provider have different
 * names; an address counts only where the provider says that it was verified, as people can write what they like there: no other
 * name has an '@'.
 */
import { claimAt, type Claims } from './claim.ts'

const PREFIX = 'oidc:'
const MAX_LENGTH = 400
/** OpenID Connect Core 1.0, 2. */
const MAX_SUBJECT = 255

export type LoginName =
  | {
      readonly kind: 'name'
      readonly name: string
      /** At the provider, printable. */
      readonly subject: string
    }
  | { readonly kind: 'nameless'; readonly reason: string }

export function isOfLogin(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** The claim that was chosen, or the verified address, or the subject. */
export function loginName(claims: Claims, nameClaim: string | undefined): LoginName {
  const { email, email_verified: isVerified, sub } = claims
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT)
    return nameless(`the ID token has no subject, which is text of at most ${MAX_SUBJECT} characters`)
  const about = { subject: sub, address: isVerified === true && isAddress(email) ? email : null }
  if (nameClaim === undefined) return nameOf(about, about.address ?? sub)
  if (nameClaim === 'email' || nameClaim === '/email')
    return about.address === null
      ? nameless('the ID token has no verified address (email, email_verified) for a name')
      : nameOf(about, about.address)
  const chosen = claimAt(claims, nameClaim)
  if (typeof chosen === 'string' && chosen !== '') return nameOf({ ...about, address: null }, chosen)
  return nameless(`the ID token has no text in the claim '${nameClaim}' for a name`)
}

function isAddress(claim: unknown): claim is string {
  return typeof claim === 'string' && claim.includes('@')
}

function nameOf(
  { subject, address }: { readonly subject: string; readonly address: string | null },
  text: string,
): LoginName {
  // encodeURIComponent has no code for half a character, and one that stood for all of them would make two names one.
  if (!text.isWellFormed() || !subject.isWellFormed())
    return nameless('the subject or the name in the ID token is no proper text')
  // What only looks like an address must not be taken for one.
  const name = text === address ? encoded(text) : encoded(text).replaceAll('@', '%40')
  if (name.length > MAX_LENGTH) return nameless('the name in the ID token is too long')
  return { kind: 'name', name: `${PREFIX}${name}`, subject: encoded(subject) }
}

function nameless(reason: string): LoginName {
  return { kind: 'nameless', reason }
}

/** Printable ASCII without spaces; different texts stay different. */
function encoded(text: string): string {
  return Array.from(text, (character) =>
    /[\x21-\x24\x26-\x7e]/.test(character) ? character : encodeURIComponent(character),
  ).join('')
}
