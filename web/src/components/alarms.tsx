import type { Status } from '../../../src/core/views/status.ts'
import { MarkBadge } from './mark-badge.tsx'

export function Alarms({ status: { alarms }, isOld }: { readonly status: Status; readonly isOld: boolean }) {
  return (
    <section class={alarms.length === 0 ? 'alarms none' : 'alarms'} aria-label="Alarms" aria-live="polite">
      {alarms.length === 0 ? (
        <p>
          <MarkBadge
            mark={{
              tone: 'good',
              word: isOld ? 'Nothing needed an operator then.' : 'Nothing needs an operator.',
            }}
          />
        </p>
      ) : (
        <ul>
          {alarms.map((alarm) => (
            <li key={alarm}>
              <MarkBadge mark={{ tone: 'bad', word: 'alarm' }} />
              <span>{alarm}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
