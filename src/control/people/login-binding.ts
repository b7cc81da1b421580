/**
 * Whether an ID token was asked for to log in at this control: by its nonce, which its owner made of the address that they talked to.
 * What must stay true: what another control was sent does not count here, whatever that one passes on; without a nonce an ID token
 * counts only where the settings say so.
 */
import type { Claims } from '../../core/access/claim.ts'
import type { LoginRules } from '../../core/access/login-rules.ts'

export interface LoginBindingOptions {
  readonly rules: Pick<LoginRules, 'addresses' | 'deviceWithoutNonce'>
  /** As the command line makes it. */
  readonly nonceOf: (key: string, origin: string) => string
  /** Where it listens, once it does. */
  readonly url: () => string
}

/** A control on this machine is known by each of them. */
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']
const WILDCARDS = ['0.0.0.0', '[::]']

export class LoginBinding {
  readonly #options: LoginBindingOptions

  constructor(options: LoginBindingOptions) {
    this.#options = options
  }

  /** A sentence for whoever sent it; null: it is for this control. */
  fault({ nonce }: Claims, nonceKey: string | undefined): string | null {
    if (nonce === undefined)
      return this.#options.rules.deviceWithoutNonce
        ? null
        : 'the ID token has no nonce, as with --device at many providers: deviceWithoutNonce in the file of oidcFile takes it all the same'
    if (nonceKey === undefined) return 'the nonce of the ID token cannot be checked without nonceKey'
    if (this.#origins().some((origin) => this.#options.nonceOf(nonceKey, origin) === nonce)) return null
    return 'the ID token was asked for at another address than those of this control: if this is the right one, name its address in the file of oidcFile, as one of addresses'
  }

  #origins(): readonly string[] {
    const own = new URL(this.#options.url())
    const names = LOOPBACK.includes(own.hostname) || WILDCARDS.includes(own.hostname) ? LOOPBACK : []
    const here = names.map((name) => `${own.protocol}//${name}:${own.port}`)
    const all = [own.origin, ...here, ...this.#options.rules.addresses]
    return all.flatMap((text) => URL.parse(text)?.origin ?? [])
  }
}
