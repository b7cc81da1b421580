/**
 * The identity provider as somebody who logs in asks it: a public client, without a secret.
 * What must stay true: nothing is sent to a provider without https beyond this machine; redirects are not followed; each request and
 * the whole login end by `signal`; what goes wrong is one sentence and an exit code.
 */
import {
  allowInsecureRequests,
  AuthorizationResponseError,
  clockTolerance,
  customFetch,
  discovery,
  None,
  ResponseBodyError,
  type Configuration,
} from 'openid-client'
import { isTrustworthy } from '../../core/access/is-trustworthy.ts'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import type { LoginProvider } from '../../core/views/login.ts'

const TIMEOUT_SEC = 15
/** As the control has it. */
const TOLERANCE_SEC = 300

export interface ProviderClient {
  readonly configuration: Configuration
  readonly scope: string
  /** Of this one login, and of the control that it is for: see boundNonce. */
  readonly nonce: string
  /** Ends the login: its reason is what is said then. */
  readonly signal: AbortSignal
  readonly issuer: string
}

/** By its discovery. Throws CommandError. */
export async function findProvider(
  { issuer, clientId, scopes }: LoginProvider,
  { nonce, signal }: Pick<ProviderClient, 'nonce' | 'signal'>,
): Promise<ProviderClient> {
  if (!isTrustworthy(issuer))
    throw new CommandError(EXIT.badInput, `the identity provider ${issuer} is not reached by https`)
  const about = { issuer, nonce, signal, scope: scopes.join(' ') }
  const configuration = await sayingWhy(
    about,
    discovery(new URL(issuer), clientId, { [clockTolerance]: TOLERANCE_SEC }, None(), {
      timeout: TIMEOUT_SEC,
      [customFetch]: (url, { signal: own, ...options }) => {
        // Of a provider on this machine, too, that names a place elsewhere.
        if (!isTrustworthy(url))
          throw new CommandError(EXIT.failure, `${issuer} names ${url}, which is not reached by https`)
        // Its types are those of the standard, ours those of Node.
        return fetch(url, {
          ...options,
          signal: own ? AbortSignal.any([own, signal]) : signal,
        } as RequestInit)
      },
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out: loopback only, by isTrustworthy
      execute: issuer.startsWith('http:') ? [allowInsecureRequests] : [],
    }),
  )
  return { configuration, ...about }
}

/** What the provider was asked, or why it did not work. Throws CommandError, or the reason of `signal`. */
export async function sayingWhy<T>(
  { issuer, signal }: Pick<ProviderClient, 'issuer' | 'signal'>,
  asking: Promise<T>,
): Promise<T> {
  try {
    return await asking
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (error instanceof CommandError) throw error
    if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) {
      const why = error.error_description === undefined ? '' : `: ${error.error_description}`
      throw new CommandError(EXIT.failure, `${issuer} refused the login (${error.error}${why})`, {
        cause: error,
      })
    }
    const { message, cause } = error as Error
    const inner = cause instanceof Error ? `: ${cause.message}` : ''
    const [exitCode, what] = isOfNetwork(error)
      ? [EXIT.unreachable, 'does not answer']
      : [EXIT.failure, 'is not an OpenID Connect provider as it is needed']
    throw new CommandError(exitCode, `the identity provider ${issuer} ${what}: ${message}${inner}`, {
      cause: error,
    })
  }
}

/** `fetch` throws TypeError for all that kept it from an answer, and TimeoutError. */
function isOfNetwork(error: unknown): boolean {
  const all = [error, (error as Error).cause]
  return all.some(
    (one) => one instanceof Error && (one.message === 'fetch failed' || one.name === 'TimeoutError'),
  )
}

/** Throws CommandError where there is none: `openid` was not granted. */
export function idTokenOf({ id_token: idToken }: { readonly id_token?: string | undefined }): string {
  if (idToken !== undefined) return idToken
  throw new CommandError(EXIT.failure, 'the identity provider gave no ID token')
}
