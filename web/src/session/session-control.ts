/**
 * Signing in and out.
 * What must stay true: the token is kept for this tab only, goes away with signing out and when it is refused; where a login made it, it
 * is revoked when its owner signs out or another takes its place; what the provider sent is off the address bar before anything else happens.
 */
import { signal } from '@preact/signals'
import { isOfLogin } from '../../../src/core/access/login-name.ts'
import type { LoginProvider } from '../../../src/core/views/login.ts'
import type { CreatedToken, WhoAmI } from '../../../src/core/views/token.ts'
import { call } from '../api/call.ts'
import { bad, noticeOfLogin, noticeOfSignOut, noticeOfToken, type Notice } from './notice.ts'
import { pendingLogin, type PendingLogin } from './pending-login.ts'
import type { Session, SignInWay } from './session.ts'
import { tokenStore } from './token-store.ts'

const ENDED: Notice = { tone: 'plain', text: 'Your token has ended or was revoked.', mend: 'Sign in again.' }
const NOT_BEGUN = bad(
  'This answer of the identity provider belongs to no login that was begun in this tab, or has been used already.',
  'Sign in again. If you have begun none, somebody else sent you here: you are not signed in.',
)

const OTHER_VERSION = bad(
  'This control no longer has what this page was made with.',
  'Load this page anew, then sign in.',
)

/** What a browser can send; with anything else `fetch` fails as if nobody answered. */
const IN_A_HEADER = /^[\x21-\x7e]+$/
const NOT_A_TOKEN = bad(
  'This is no token: it has a space or a character that no token has.',
  'It was copied cut off, or with something else: copy it anew.',
)

/** Loaded when somebody needs it; null: the control was upgraded since this page came from it, or does not answer. */
function loginCode() {
  return import('./provider-login.ts').catch(() => null)
}

export class SessionControl {
  readonly session = signal<Session>({ kind: 'starting' })

  /** Of a page that has just been opened, perhaps by the identity provider. */
  async start(): Promise<void> {
    const url = new URL(location.href)
    const isBack = ['code', 'error', 'state'].some((name) => url.searchParams.has(name))
    if (isBack) history.replaceState(null, '', location.pathname)
    const token = tokenStore.read()
    const pending = isBack ? pendingLogin.take() : null
    if (pending !== null && url.searchParams.get('state') === pending.state)
      await this.#finish({ url, pending })
    else if (token !== null) await this.#resume(token)
    else this.#out(isBack ? NOT_BEGUN : null)
  }

  async signInByProvider(provider: LoginProvider): Promise<void> {
    this.#busy()
    const code = await loginCode()
    const notice = code === null ? OTHER_VERSION : await code.leaveForProvider(provider)
    if (notice !== null) this.#out(notice)
  }

  async signInByToken(token: string): Promise<void> {
    if (!IN_A_HEADER.test(token)) {
      this.#out(NOT_A_TOKEN)
      return
    }
    this.#busy()
    const reply = await call<WhoAmI>({ path: '/v1/whoami', token })
    if (reply.kind === 'ok') this.#in(token, reply.body)
    else this.#out(noticeOfToken(reply))
  }

  /** Of a login: the token is revoked. One that somebody brought stays good, for where else it is used. */
  async signOut(): Promise<void> {
    const { value } = this.session
    if (value.kind !== 'in') return
    tokenStore.forget()
    this.session.value = { kind: 'starting' }
    if (!isOfLogin(value.who.name)) {
      this.#out({
        tone: 'plain',
        text: 'This tab has forgotten your token, which stays good elsewhere.',
        mend: '',
      })
      return
    }
    const reply = await call({ method: 'DELETE', path: '/v1/login', token: value.token })
    this.#out(noticeOfSignOut(reply))
  }

  /** The control no longer takes the token. */
  refused(): void {
    tokenStore.forget()
    this.#out(ENDED)
  }

  /** Asks again how people sign in here. */
  again(): void {
    this.#out(null)
  }

  /** The page itself could not go on. */
  failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#out(
      bad(`This page cannot work here: ${why}.`, 'Allow it to keep data for this tab, then load it anew.'),
    )
  }

  async #resume(token: string): Promise<void> {
    const reply = await call<WhoAmI>({ path: '/v1/whoami', token })
    if (reply.kind === 'ok') this.#in(token, reply.body)
    else if (reply.kind === 'refused' && reply.status === 401) this.refused()
    // It may be good still: a reload of the page tries it again.
    else
      this.#out(
        bad(`${reply.kind === 'away' ? reply.reason : reply.sentence}.`, 'Reload this page in a moment.'),
      )
  }

  async #finish(back: { readonly url: URL; readonly pending: PendingLogin }): Promise<void> {
    const asked = await call<LoginProvider>({ method: 'POST', path: '/v1/login', body: {} })
    if (asked.kind !== 'ok') {
      this.#out(noticeOfLogin(asked, location.origin))
      return
    }
    const code = await loginCode()
    if (code === null) {
      this.#out(OTHER_VERSION)
      return
    }
    const got = await code.idTokenOf(asked.body, back)
    if (got.kind === 'failed') {
      this.#out(got.notice)
      return
    }
    const { idToken, nonceKey } = got
    const traded = await call<CreatedToken>({
      method: 'POST',
      path: '/v1/login',
      body: { idToken, nonceKey },
    })
    if (traded.kind === 'ok') this.#in(traded.body.token, traded.body)
    else this.#out(noticeOfLogin(traded, location.origin))
  }

  #in(token: string, { name, role, scope, expiresAtMs }: WhoAmI): void {
    const before = tokenStore.read()
    tokenStore.keep(token)
    // Of a login that could not go on: nobody has it any more. The control revokes it only if a login made it.
    if (before !== null && before !== token) void call({ method: 'DELETE', path: '/v1/login', token: before })
    this.session.value = { kind: 'in', token, who: { name, role, scope, expiresAtMs } }
  }

  #busy(): void {
    const { value } = this.session
    if (value.kind === 'out') this.session.value = { ...value, isBusy: true, notice: null }
  }

  #out(notice: Notice | null): void {
    this.session.value = { kind: 'out', way: { kind: 'asking' }, notice, isBusy: false }
    void this.#ask()
  }

  async #ask(): Promise<void> {
    const reply = await call<LoginProvider>({ method: 'POST', path: '/v1/login', body: {} })
    const way: SignInWay =
      reply.kind === 'ok'
        ? { kind: 'provider', provider: reply.body }
        : { kind: reply.kind === 'refused' && reply.status === 404 ? 'token-only' : 'not-known' }
    const { value } = this.session
    if (value.kind === 'out') this.session.value = { ...value, way }
  }
}
