/**
 * A login by the identity provider: authorization code with PKCE (RFC 7636, S256), state and nonce, as a public client.
 * What must stay true: what comes back counts once, in the tab that asked for it; the nonce is of this page's origin, so that no other
 * control takes the ID token; nobody is sent to a provider without https beyond this machine.
 */
import * as openid from 'openid-client'
import { isTrustworthy } from '../../../src/core/access/is-trustworthy.ts'
import type { LoginProvider } from '../../../src/core/views/login.ts'
import { boundNonce, nonceKey } from './bound-nonce.ts'
import { bad, type Notice } from './notice.ts'
import { pendingLogin, type PendingLogin } from './pending-login.ts'

export type ProviderLogin =
  | { readonly kind: 'id-token'; readonly idToken: string; readonly nonceKey: string }
  | { readonly kind: 'failed'; readonly notice: Notice }

const TIMEOUT_SEC = 15
/** As the control has it. */
const TOLERANCE_SEC = 300

/** Registered at the provider, for each control. */
export function redirectUri(): string {
  return new URL('/console/', location.origin).href
}

/** Leaves the page; or says why not. */
export async function leaveForProvider(provider: LoginProvider): Promise<Notice | null> {
  const [state, verifier, key] = [openid.randomState(), openid.randomPKCECodeVerifier(), nonceKey()]
  try {
    const url = openid.buildAuthorizationUrl(await discover(provider), {
      ...{ redirect_uri: redirectUri(), scope: provider.scopes.join(' '), state },
      nonce: await boundNonce(key, location.origin),
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    if (!isTrustworthy(url.href))
      return bad(`${provider.issuer} sends people to ${url.origin}, without https.`, '')
    pendingLogin.keep({ state, verifier, nonceKey: key })
    location.assign(url)
    return null
  } catch (error) {
    return noticeOf(error, provider)
  }
}

/** `back`: the address that the provider sent the browser to, which is no longer that of the page. */
export async function idTokenOf(
  provider: LoginProvider,
  back: { readonly url: URL; readonly pending: PendingLogin },
): Promise<ProviderLogin> {
  const { state: expectedState, verifier, nonceKey: key } = back.pending
  try {
    const configuration = await discover(provider)
    const { id_token: idToken } = await openid.authorizationCodeGrant(configuration, back.url, {
      ...{ pkceCodeVerifier: verifier, expectedState, idTokenExpected: true },
      expectedNonce: await boundNonce(key, location.origin),
    })
    if (idToken !== undefined) return { kind: 'id-token', idToken, nonceKey: key }
    return failed(bad('The identity provider gave no ID token.', "'openid' must be among requestScopes."))
  } catch (error) {
    return failed(noticeOf(error, provider))
  }
}

function failed(notice: Notice): ProviderLogin {
  return { kind: 'failed', notice }
}

async function discover({ issuer, clientId }: LoginProvider): Promise<openid.Configuration> {
  return openid.discovery(
    new URL(issuer),
    clientId,
    { [openid.clockTolerance]: TOLERANCE_SEC },
    openid.None(),
    {
      timeout: TIMEOUT_SEC,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out: loopback only, by isTrustworthy
      execute: issuer.startsWith('http:') && isTrustworthy(issuer) ? [openid.allowInsecureRequests] : [],
    },
  )
}

function noticeOf(error: unknown, { issuer, clientId }: LoginProvider): Notice {
  if (error instanceof openid.AuthorizationResponseError || error instanceof openid.ResponseBodyError) {
    const why = error.error_description === undefined ? '' : `: ${error.error_description}`
    return bad(
      `${issuer} refused the login (${error.error}${why}).`,
      'Sign in again; or ask whoever runs it.',
    )
  }
  const { message, cause } = error as Error
  if (error instanceof TypeError || (error as Error).name === 'TimeoutError')
    return bad(
      `The identity provider ${issuer} cannot be asked from this page.`,
      `Either it is away, or it does not know this page: its client '${clientId}' needs ${redirectUri()} as a redirect URI, and ${location.origin} as a web origin (CORS).`,
    )
  if (error instanceof openid.ClientError && error.code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED')
    return bad(
      `The ID token of ${issuer} has expired, or is not good yet, by the clock of this machine.`,
      'Sign in again. If it stays so, compare the clocks of this machine and of the provider.',
    )
  const inner = cause instanceof Error ? `: ${cause.message}` : ''
  return bad(
    `What ${issuer} answers is not for this login: ${message}${inner}.`,
    'Sign in again, here and in one tab.',
  )
}
