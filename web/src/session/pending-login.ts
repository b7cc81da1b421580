/** A login that was begun in this tab and went to the identity provider. What must stay true: it is taken once, whatever comes back. */
const KEY = 'fairlead.login'

export interface PendingLogin {
  readonly state: string
  /** Of PKCE (RFC 7636): without it the code is no good to anybody. */
  readonly verifier: string
  /** What the nonce was made with. */
  readonly nonceKey: string
}

export const pendingLogin = {
  keep: (pending: PendingLogin): void => {
    sessionStorage.setItem(KEY, JSON.stringify(pending))
  },
  take: (): PendingLogin | null => {
    const text = sessionStorage.getItem(KEY)
    sessionStorage.removeItem(KEY)
    return text === null ? null : (JSON.parse(text) as PendingLogin)
  },
}
