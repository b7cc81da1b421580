import type { SessionControl } from '../session/session-control.ts'
import { Header } from './header.tsx'
import { Overview } from './overview.tsx'
import type { Shown } from './shown.ts'
import { SignIn } from './sign-in.tsx'

export function App({ control, shown }: { readonly control: SessionControl; readonly shown: Shown }) {
  const session = control.session.value
  switch (session.kind) {
    case 'starting':
      return <p class="starting">One moment …</p>
    case 'out':
      return <SignIn control={control} session={session} />
    case 'in':
      return (
        <>
          <Header who={session.who} shown={shown} onSignOut={() => void control.signOut()} />
          <Overview shown={shown} />
        </>
      )
  }
}
