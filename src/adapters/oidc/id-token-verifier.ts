/**
 * ID tokens, verified as OpenID Connect Core 1.0, 3.1.3.7 has it, by the keys that the provider publishes.
 * What must stay true: only signatures that the provider alone can make count (no `none`, no shared secret); a token is for our client
 * and of a moment ago; keys are read anew after ten minutes, or when a token names one that is not known, at most once a second, and
 * never for somebody who has failed too often.
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose'
import { z } from 'zod'
import type { Claims } from '../../core/access/claim.ts'
import { isTrustworthy } from '../../core/access/is-trustworthy.ts'
import { otherToken } from '../../core/access/other-token.ts'
import type { IdentityProvider, VerifiedIdToken } from '../../ports/identity-provider.ts'
import { ProviderAway, ProviderFetch } from './provider-fetch.ts'

const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
/** Clocks may be off by so much. */
const TOLERANCE_SEC = 300
/** Whoever logs in sends it at once. */
const MAX_AGE_SEC = 600
const KEYS_AGE_MS = 600_000
const KEYS_REST_MS = 1_000

type Keys = ReturnType<typeof createRemoteJWKSet>

const descriptionSchema = z.object({ issuer: z.string(), jwks_uri: z.string() })

export class IdTokenVerifier implements IdentityProvider {
  readonly #issuer: string
  readonly #clientId: string
  readonly #fetch = new ProviderFetch()
  #keys: { readonly keys: Keys; readonly atMs: number } | null = null
  #reading: Promise<Keys> | null = null

  constructor({ issuer, clientId }: { readonly issuer: string; readonly clientId: string }) {
    this.#issuer = issuer
    this.#clientId = clientId
  }

  async verify(
    idToken: string,
    { nowMs, mayAsk }: { readonly nowMs: number; readonly mayAsk: boolean },
  ): Promise<VerifiedIdToken> {
    try {
      const wrong = this.#wrongAtSight(idToken)
      if (wrong !== null) return { kind: 'refused', reason: wrong }
      const keys = mayAsk ? await this.#currentKeys() : this.#keysThere()
      if (keys === null) return { kind: 'refused', reason: 'no keys of the provider are there' }
      const { payload } = await jwtVerify(idToken, keys, {
        ...{ issuer: this.#issuer, audience: this.#clientId, algorithms: ALGORITHMS },
        ...{ clockTolerance: TOLERANCE_SEC, maxTokenAge: MAX_AGE_SEC, currentDate: new Date(nowMs) },
        requiredClaims: ['exp', 'iat', 'sub'],
      })
      const other = otherToken(payload)
      if (other !== null) return { kind: 'refused', reason: other }
      const { aud, azp, exp = 0, iat = 0 } = payload
      if ((azp !== undefined || [aud].flat().length > 1) && azp !== this.#clientId)
        return { kind: 'refused', reason: 'the ID token was made for another client' }
      const endSec = Math.min(exp, iat + MAX_AGE_SEC) + 3 * TOLERANCE_SEC
      return { kind: 'verified', claims: payload, untilMs: endSec * 1_000 }
    } catch (error) {
      const reason = refusalOf(error)
      return reason === null ? { kind: 'away', cause: error } : { kind: 'refused', reason }
    }
  }

  /** Before the provider is asked anything. */
  #wrongAtSight(idToken: string): string | null {
    const seen = atSight(idToken)
    if (seen === null) return 'this is no ID token'
    const { typ, iss } = seen
    // Of access tokens and tokens of a logout, where the provider says it here: see otherToken.
    if (typ !== undefined && (typeof typ !== 'string' || typ.toUpperCase() !== 'JWT'))
      return 'this is no ID token, by its own type'
    return iss === this.#issuer ? null : `the ID token is not of the issuer ${this.#issuer}`
  }

  /** Without asking anybody; null: none are, or they are old. */
  #keysThere(): JWTVerifyGetKey | null {
    const keys = this.#describedKeys()
    const read = keys?.fresh === true ? keys.jwks() : undefined
    return read === undefined ? null : createLocalJWKSet(read)
  }

  #describedKeys(): Keys | null {
    const { keys, atMs } = this.#keys ?? { keys: null, atMs: -Infinity }
    return performance.now() - atMs < KEYS_AGE_MS ? keys : null
  }

  async #currentKeys(): Promise<Keys> {
    const keys = this.#describedKeys()
    if (keys !== null) return keys
    this.#reading ??= this.#readDescription().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** OpenID Connect Discovery 1.0, 4. */
  async #readDescription(): Promise<Keys> {
    const url = `${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const text = await this.#fetch.text(url)
    const { issuer, jwks_uri: keysUrl } = parseDescription(text, url)
    if (issuer !== this.#issuer)
      throw new ProviderAway(`${url} is about another issuer: the setting has to be the same to the letter`)
    if (!isTrustworthy(keysUrl)) throw new ProviderAway(`${url} names keys without https`)
    const keys = createRemoteJWKSet(new URL(keysUrl), {
      ...{ cooldownDuration: KEYS_REST_MS, cacheMaxAge: KEYS_AGE_MS },
      [customFetch]: async (from) => new Response(await this.#fetch.text(from)),
    })
    this.#keys = { keys, atMs: performance.now() }
    return keys
  }
}

function parseDescription(text: string, url: string): z.output<typeof descriptionSchema> {
  try {
    return descriptionSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ProviderAway(`${url} does not describe a provider`, { cause })
  }
}

/** A sentence about the ID token; null: it is the provider that is at fault. What nobody thought of is the token's. */
function refusalOf(error: unknown): string | null {
  const isOfProvider = error instanceof ProviderAway || error instanceof errors.JWKSInvalid
  // jose's own word for keys that are no JSON.
  if (isOfProvider || (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC')) return null
  if (error instanceof errors.JWTExpired)
    return error.claim === 'iat' ? 'the ID token is of too long ago' : 'the ID token has expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'the ID token was made for another client'
    return `the claim '${error.claim}' of the ID token is missing or not right`
  }
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'the signature of the ID token is not of the provider'
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'the ID token is not signed with a key of the provider'
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return 'the ID token is signed in a way that is not accepted'
  return 'this is no ID token'
}

/** What it says of itself, which nobody has verified; null: it is no JWT. */
function atSight(idToken: string): { readonly typ: unknown; readonly iss: unknown } | null {
  try {
    const { typ }: Claims = { ...decodeProtectedHeader(idToken) }
    const { iss }: Claims = decodeJwt(idToken)
    return { typ, iss }
  } catch {
    return null
  }
}
