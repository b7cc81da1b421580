import { useSignal } from '@preact/signals'
import type { Notice } from '../session/notice.ts'
import type { SessionControl } from '../session/session-control.ts'
import type { Session, SignInWay } from '../session/session.ts'
import { Brand } from './brand.tsx'

interface SignInProps {
  readonly control: SessionControl
  readonly session: Extract<Session, { kind: 'out' }>
}

export function SignIn({ control, session: { way, notice, isBusy } }: SignInProps) {
  return (
    <main class="sign-in">
      <h1>
        <Brand />
      </h1>
      <p class="where">The console of {location.host}</p>
      <div role="status" aria-live="polite">
        {notice !== null && <NoticeBox notice={notice} />}
      </div>
      <ByProvider way={way} isBusy={isBusy} control={control} />
      <ByToken isBusy={isBusy} isOnlyWay={way.kind === 'token-only'} control={control} />
    </main>
  )
}

function NoticeBox({ notice: { tone, text, mend } }: { readonly notice: Notice }) {
  return (
    <div class={`notice ${tone}`}>
      <p>{text}</p>
      {mend !== '' && <p class="mend">{mend}</p>}
    </div>
  )
}

interface ByProviderProps {
  readonly way: SignInWay
  readonly isBusy: boolean
  readonly control: SessionControl
}

function ByProvider({ way, isBusy, control }: ByProviderProps) {
  switch (way.kind) {
    case 'asking':
    case 'token-only':
      return null
    case 'not-known':
      return (
        <p class="by-provider">
          How people sign in here is not known: the control does not answer.{' '}
          <button
            type="button"
            class="quiet"
            onClick={() => {
              control.again()
            }}
          >
            Ask again
          </button>
        </p>
      )
    case 'provider': {
      const { provider } = way
      return (
        <div class="by-provider">
          <button
            type="button"
            class="strong"
            disabled={isBusy}
            onClick={() => void control.signInByProvider(provider)}
          >
            Sign in
          </button>
          <p class="hint">
            by <b>{new URL(provider.issuer).host}</b>, the identity provider of this cluster
          </p>
        </div>
      )
    }
  }
}

interface ByTokenProps {
  readonly isBusy: boolean
  readonly isOnlyWay: boolean
  readonly control: SessionControl
}

/** Open where it is the only way. */
function ByToken({ isBusy, isOnlyWay, control }: ByTokenProps) {
  const text = useSignal('')
  const submit = (event: Event) => {
    event.preventDefault()
    const token = text.value.trim()
    text.value = ''
    if (token !== '') void control.signInByToken(token)
  }
  return (
    <details class="by-token" open={isOnlyWay}>
      <summary>Use an API token</summary>
      <form onSubmit={submit}>
        <label for="token">API token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <button type="submit" class={isOnlyWay ? 'strong' : ''} disabled={isBusy}>
          Sign in with this token
        </button>
        <p class="hint">
          It is kept for this tab alone, until you sign out. The token of a control on your machine is in the
          file <code>token</code> of its data directory.
        </p>
      </form>
    </details>
  )
}
