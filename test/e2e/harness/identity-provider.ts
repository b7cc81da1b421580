/** A real OpenID Connect provider (node-oidc-provider) on loopback, with keys that the test holds, and somebody at a browser. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import type { AddressInfo } from 'node:net'
import type { webcrypto } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose'
import { Provider } from 'oidc-provider'
import { boundNonce } from '../../../src/adapters/oidc/bound-nonce.ts'

export const CLIENT_ID = 'fairlead'
/** ID tokens of `idToken` are for a control of this address. */
export const FOR = { address: 'https://fairlead.test', nonceKey: 'k'.repeat(43) }

export interface Person {
  readonly email?: string
  readonly email_verified?: boolean
  readonly groups?: readonly string[]
}

interface SigningKey {
  readonly jwk: JWK
  readonly key: webcrypto.CryptoKey
}

export class IdentityProvider {
  readonly people = new Map<string, Person>()
  readonly #server: Server
  #handle: ReturnType<Provider['callback']> = () => Promise.resolve()
  #key: SigningKey | null = null
  #keysMade = 0
  issuer = ''
  /** That it was asked. */
  requests = 0

  private constructor(tls: SecureContextOptions | null) {
    const listener: RequestListener = (request, response) => {
      this.requests += 1
      void this.#handle(request, response)
    }
    this.#server = tls === null ? createServer(listener) : createTlsServer(tls, listener)
  }

  /** By https where there is a certificate. */
  static async start(tls: SecureContextOptions | null = null): Promise<IdentityProvider> {
    const made = new IdentityProvider(tls)
    made.#server.listen(0, '127.0.0.1')
    await once(made.#server, 'listening')
    made.issuer = `${tls === null ? 'http' : 'https'}://127.0.0.1:${(made.#server.address() as AddressInfo).port}`
    await made.rotateKeys()
    return made
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  /** From now on it signs with a new key, and publishes no other. Whoever was logged in is no more. */
  async rotateKeys(): Promise<void> {
    this.#keysMade += 1
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const about = { kid: `key-${this.#keysMade}`, alg: 'ES256', use: 'sig' }
    this.#key = { jwk: { ...(await exportJWK(publicKey)), ...about }, key: privateKey }
    this.#handle = this.#provider({ ...(await exportJWK(privateKey)), ...about }).callback()
  }

  /** As the provider would make one, but for what is said. */
  async idToken(claims: JWTPayload = {}, header: { alg?: string; typ?: string } = {}): Promise<string> {
    const nowSec = Math.floor(Date.now() / 1_000)
    const life = { iat: nowSec, exp: nowSec + 3_600 }
    const about = {
      iss: this.issuer,
      aud: CLIENT_ID,
      sub: 'ann',
      nonce: boundNonce(FOR.nonceKey, FOR.address),
      ...life,
    }
    const { jwk, key } = this.signingKey
    return new SignJWT({ ...about, jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: jwk.kid ?? '', ...header })
      .sign(key)
  }

  get signingKey(): SigningKey {
    if (this.#key === null) throw new Error('the provider was not started')
    return this.#key
  }

  #provider(jwk: JWK): Provider {
    const provider = new Provider(this.issuer, {
      jwks: { keys: [jwk] },
      clients: [
        {
          ...{ client_id: CLIENT_ID, application_type: 'native', token_endpoint_auth_method: 'none' },
          grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
          redirect_uris: ['http://127.0.0.1/callback', 'http://127.0.0.1/console/'],
          ...{ response_types: ['code'], id_token_signed_response_alg: 'ES256' },
        },
      ],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
      scopes: ['openid', 'email', 'groups'],
      conformIdTokenClaims: false,
      // Of controls on this machine, for the console.
      clientBasedCORS: (_context, origin) => new URL(origin).hostname === '127.0.0.1',
      enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
      features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
      cookies: { keys: ['of this test'] },
      findAccount: (_context, accountId) => ({
        accountId,
        claims: () => ({ sub: accountId, ...this.people.get(accountId) }),
      }),
    })
    provider.use(async (context, next) => {
      await next()
      // As providers may: the default, five seconds, is long for a test.
      if (context.path === '/device/auth' && context.status === 200)
        context.body = { ...(context.body as object), interval: 1 }
    })
    return provider
  }
}

const PAGES = 20

/** Follows where the pages lead, as that person, or as one who does not want to; gives back the last page's text. */
export async function browse(from: string, login: string | null): Promise<string> {
  const cookies = new Map<string, string>()
  let request: { url: string; form?: URLSearchParams } = { url: from }
  for (let page = 0; page < PAGES; page += 1) {
    const { url, form } = request
    const response = await fetch(url, {
      ...{ redirect: 'manual', method: form === undefined ? 'GET' : 'POST' },
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form !== undefined && { body: form }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get('location')
    const text = await response.text()
    const abort = login === null ? /href="([^"]*\/abort)"/.exec(text)?.[1] : undefined
    const next = formOf(text, login ?? '')
    if (abort !== undefined) request = { url: new URL(abort, url).href }
    else if (location !== null) request = { url: new URL(location, url).href }
    else if (next !== null) request = { url: new URL(next.action || url, url).href, form: next.fields }
    else return text
  }
  throw new Error(`these pages do not end: ${from}`)
}

function formOf(html: string, login: string): { action: string; fields: URLSearchParams } | null {
  const [, action, inner = ''] = /<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/s.exec(html) ?? []
  if (action === undefined) return null
  const fields = new URLSearchParams()
  for (const [input] of inner.matchAll(/<input[^>]*>/gs)) {
    const name = /name="([^"]*)"/.exec(input)?.[1] ?? ''
    const value = /value="([^"]*)"/.exec(input)?.[1] ?? ''
    fields.set(name, /^(?:login|password)$/.test(name) ? login : value)
  }
  return { action: action.replaceAll('&amp;', '&'), fields }
}
