/**
 * Logins: an ID token of the identity provider for a token of the API, with the role and the scope that the owner's groups give.
 * What must stay true: an ID token is good for one login, at the control that it was asked for; the token ends as the rules say, and sooner
 * where that was asked for; a provider that is away refuses logins and nothing else.
 */
import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { decideLoginAccess } from '../../core/access/login-access.ts'
import { loginName } from '../../core/access/login-name.ts'
import type { LoginRules } from '../../core/access/login-rules.ts'
import { timeSpanMs } from '../../core/model/time-span.ts'
import type { LoginProvider } from '../../core/views/login.ts'
import type { CreatedToken } from '../../core/views/token.ts'
import type { Clock } from '../../ports/clock.ts'
import type { IdentityProvider } from '../../ports/identity-provider.ts'
import type { LoginBinding } from './login-binding.ts'
import type { TokenService } from './token-service.ts'

export interface LoginServiceOptions {
  readonly rules: LoginRules
  readonly provider: IdentityProvider
  readonly binding: Pick<LoginBinding, 'fault'>
  readonly tokens: Pick<TokenService, 'createByLogin'>
  readonly clock: Pick<Clock, 'wallMs'>
  readonly logger: Pick<Logger, 'error'>
}

export interface LoginAttempt {
  readonly idToken: string
  readonly nonceKey: string | undefined
  readonly lifeSec: number | undefined
  /** Address of the client. */
  readonly from: string
  /** It has not failed too often: the provider may be asked something for it. */
  readonly mayAsk: boolean
}

export type LoginOutcome =
  | { readonly kind: 'in'; readonly token: CreatedToken }
  | { readonly kind: 'refused'; readonly reason: string }
  /** It is known who that is, and there is nothing for them here. */
  | { readonly kind: 'no-role'; readonly name: string; readonly reason: string }
  | { readonly kind: 'away'; readonly reason: string }

/** A token is remembered so long after its end: another control's clock may be off. */
const MARGIN_MS = 900_000
/** As of what is denied. */
const MAX_DETAIL = 2_000

export class LoginService {
  readonly #options: LoginServiceOptions
  #told: unknown = null

  constructor(options: LoginServiceOptions) {
    this.#options = options
  }

  /** Where an ID token is to be had. */
  get provider(): LoginProvider {
    const { issuer, clientId, requestScopes: scopes } = this.#options.rules
    return { issuer, clientId, scopes }
  }

  async login({ idToken, nonceKey, lifeSec, from, mayAsk }: LoginAttempt): Promise<LoginOutcome> {
    const { rules, provider, tokens, clock } = this.#options
    const verified = await provider.verify(idToken, { nowMs: clock.wallMs(), mayAsk })
    if (verified.kind === 'refused') return verified
    if (verified.kind === 'away') {
      const reason = `the identity provider ${rules.issuer} does not answer: nobody can log in now; tokens that are there stay good`
      this.#tell(verified.cause, reason)
      return { kind: 'away', reason }
    }
    const { claims, untilMs } = verified
    const elsewhere = this.#options.binding.fault(claims, nonceKey)
    if (elsewhere !== null) return { kind: 'refused', reason: elsewhere }
    const named = loginName(claims, rules.nameClaim)
    if (named.kind === 'nameless') return { kind: 'refused', reason: named.reason }
    const { name, subject } = named
    const decided = decideLoginAccess(claims, rules)
    if (decided.kind === 'denied') return { kind: 'no-role', name, reason: `${name}: ${decided.reason}` }
    const lifeMs = Math.min(timeSpanMs(rules.tokenLife), (lifeSec ?? Infinity) * 1_000)
    const expiresAtMs = clock.wallMs() + lifeMs
    const token = await tokens.createByLogin(
      { name, ...decided.access, expiresAtMs },
      {
        hash: hashOf(idToken),
        untilMs: Math.max(untilMs, expiresAtMs + MARGIN_MS),
        detail:
          `by ${rules.issuer}, subject '${subject}', for ${decided.groups.map((group) => `'${group}'`).join(', ')}`
            .slice(0, MAX_DETAIL)
            .toWellFormed(),
      },
      { name, from, access: decided.access },
    )
    return token === null
      ? { kind: 'refused', reason: 'the ID token has been used already' }
      : { kind: 'in', token }
  }

  /** Once for what the provider did, however many attempts it concerned. */
  #tell(cause: unknown, message: string): void {
    if (cause === this.#told) return
    this.#told = cause
    this.#options.logger.error({ err: cause }, message)
  }
}

/** Without the signature, which can be written in more than one way. */
function hashOf(idToken: string): string {
  return createHash('sha256')
    .update(idToken.slice(0, idToken.lastIndexOf('.')))
    .digest('hex')
}
