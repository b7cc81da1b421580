import { clockText } from '../state/time-words.ts'
import type { Shown } from './shown.ts'

/** Whether what is shown is the present. It is said aloud when that changes. */
export function LiveBadge({ shown }: { readonly shown: Shown }) {
  const connection = shown.connection.value
  return (
    <p class={`live ${connection.kind}`} role="status">
      <span class="live-dot" aria-hidden="true" />
      {connection.kind === 'live' && 'Live'}
      {connection.kind === 'connecting' && 'Connecting …'}
      {connection.kind === 'paced' && `Read every few seconds: ${connection.reason}`}
      {connection.kind === 'lost' && (
        <span>
          <b>Not live since {clockText(connection.sinceMs, connection.sinceMs)}</b>: {connection.reason}. What
          is shown is of then.
        </span>
      )}
    </p>
  )
}
