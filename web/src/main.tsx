/** The console: one page, made of what the API says to whoever is signed in. Starts everything, and only here. */
import { computed, effect, signal } from '@preact/signals'
import { render } from 'preact'
import { App } from './components/app.tsx'
import { ControlFollower } from './live/control-follower.ts'
import { SessionControl } from './session/session-control.ts'
import type { Connection } from './state/connection.ts'
import type { Known } from './state/known.ts'

const control = new SessionControl()
const known = signal<Known | null>(null)
const connection = signal<Connection>({ kind: 'connecting' })
const nowMs = signal(Date.now())
const asOfMs = computed(() => (connection.value.kind === 'lost' ? connection.value.sinceMs : nowMs.value))

// What one person saw is not there for the next.
effect(() => {
  const { value: session } = control.session
  if (session.kind !== 'in') return
  const { token } = session
  const follower = new ControlFollower({
    ...{ token, known, connection },
    onRefused: () => {
      control.refused()
    },
  })
  void follower.run()
  return () => {
    follower.stop()
    known.value = null
    connection.value = { kind: 'connecting' }
  }
})
setInterval(() => {
  nowMs.value = Date.now()
}, 1_000)

const place = document.getElementById('console')
if (place !== null) render(<App control={control} shown={{ known, connection, nowMs, asOfMs }} />, place)
control.start().catch((error: unknown) => {
  // Such as a browser that keeps nothing for this page.
  control.failed(error)
})
