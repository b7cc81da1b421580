/** A login in a browser elsewhere, for machines that have none: the device authorization grant (RFC 8628). */
import { initiateDeviceAuthorization, pollDeviceAuthorizationGrant } from 'openid-client'
import { CommandError, EXIT } from '../../core/exit-code.ts'
import { idTokenOf, sayingWhy, type ProviderClient } from './provider-client.ts'

export interface DeviceCode {
  readonly url: string
  /** To be typed there. */
  readonly userCode: string
  /** With the code in it; null: the provider has none. */
  readonly completeUrl: string | null
}

/** An ID token. Throws CommandError, or the reason of the signal. */
export async function loginByDevice(
  client: ProviderClient,
  onCode: (code: DeviceCode) => void,
): Promise<string> {
  const { configuration, scope, nonce, signal, issuer } = client
  if (configuration.serverMetadata().device_authorization_endpoint === undefined)
    throw new CommandError(
      EXIT.failure,
      `${issuer} has no device authorization: log in without --device on a machine with a browser, or let the provider allow it`,
    )
  // RFC 8628 does not have it: some providers give it back in the ID token, others leave it out.
  const started = await sayingWhy(client, initiateDeviceAuthorization(configuration, { scope, nonce }))
  const {
    verification_uri: url,
    user_code: userCode,
    verification_uri_complete: completeUrl = null,
  } = started
  onCode({ url, userCode, completeUrl })
  const ends = AbortSignal.timeout(started.expires_in * 1_000)
  const polling = pollDeviceAuthorizationGrant(configuration, started, undefined, {
    signal: AbortSignal.any([signal, ends]),
  }).catch((error: unknown) => {
    if (ends.aborted && !signal.aborted)
      throw new CommandError(EXIT.failure, `the code ${userCode} has expired: log in again`)
    throw error
  })
  const reply = await sayingWhy(client, polling)
  const { nonce: given = nonce } = reply.claims() ?? {}
  if (given === nonce) return idTokenOf(reply)
  throw new CommandError(EXIT.failure, `${issuer} gave an ID token of another login`)
}
