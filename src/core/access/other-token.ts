/**
 * Which JWTs of a provider are no ID tokens, though they are signed with the same keys and may name us as their audience: access tokens,
 * tokens of a logout.
 * What must stay true: they are told apart by what ID tokens never have; the `typ` of the header is no help, as many providers write
 * JWT into all of them.
 */
import type { Claims } from './claim.ts'

/** Why it is none; null: it is an ID token of a login. */
export function otherToken(claims: Claims): string | null {
  const { typ, events, token_use: use, scope, scp } = claims
  const own = {
    // Keycloak: ID, Bearer, Refresh, Logout.
    typ: typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'ID'),
    // OpenID Connect Back-Channel Logout 1.0, 2.4.
    events: events === undefined,
    // Cognito.
    token_use: use === undefined || use === 'id',
    // RFC 9068, 2.2.3, and as Okta and Entra ID write it.
    scope: scope === undefined,
    scp: scp === undefined,
  }
  const [wrong] = Object.entries(own).find(([, isRight]) => !isRight) ?? []
  return wrong === undefined ? null : `this is no ID token, by its claim '${wrong}'`
}
