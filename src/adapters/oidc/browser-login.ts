/**
 * A login in a browser on this machine: authorization code with PKCE (RFC 7636, S256), state and nonce, back to loopback (RFC 8252).
 * What must stay true: no browser is opened here, the address is only told; a code is no good to anybody without the verifier, which
 * never leaves this process.
 */
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import { idTokenOf, sayingWhy, type ProviderClient } from './provider-client.ts'
import { RedirectServer } from './redirect-server.ts'

/** An ID token. Throws CommandError, or the reason of the signal. */
export async function loginByBrowser(client: ProviderClient, onUrl: (url: string) => void): Promise<string> {
  const { configuration, scope, signal } = client
  const { nonce: expectedNonce } = client
  const [pkceCodeVerifier, expectedState] = [randomPKCECodeVerifier(), randomState()]
  const server = await RedirectServer.listen(expectedState)
  try {
    const url = buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: server.uri, scope, state: expectedState, nonce: expectedNonce },
      code_challenge: await calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    })
    onUrl(url.href)
    const back = await server.came(signal)
    const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
    return idTokenOf(await sayingWhy(client, authorizationCodeGrant(configuration, back, checks)))
  } finally {
    server.close()
  }
}
