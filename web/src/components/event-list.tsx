import type { ReadonlySignal } from '@preact/signals'
import type { StatusEvent } from '../../../src/core/views/status.ts'
import { markOf, type Mark } from '../state/mark.ts'
import { clockText } from '../state/time-words.ts'
import { MarkBadge } from './mark-badge.tsx'

interface EventListProps {
  readonly events: readonly StatusEvent[]
  readonly nowMs: ReadonlySignal<number>
}

const LISTED = 20

export function EventList({ events, nowMs }: EventListProps) {
  return (
    <section aria-label="Last events">
      <h2>Last events</h2>
      {events.length === 0 && <p class="empty">Nothing has happened since this control began.</p>}
      <ol class="events">
        {events.slice(0, LISTED).map((event, index) => (
          <li key={`${event.atMs} ${index}`}>
            <time dateTime={new Date(event.atMs).toISOString()}>{clockText(event.atMs, nowMs.value)}</time>
            <EventLine event={event} />
          </li>
        ))}
      </ol>
    </section>
  )
}

function EventLine({ event }: { readonly event: StatusEvent }) {
  const { mark, text } = linesOf(event)
  return (
    <>
      <MarkBadge mark={mark} />
      <p>{text}</p>
    </>
  )
}

function linesOf(event: StatusEvent): { readonly mark: Mark; readonly text: string } {
  switch (event.kind) {
    case 'transition':
      return {
        mark: markOf({ state: event.to, degraded: event.degraded }),
        text: `${event.endpoint}, before ${event.from}: ${event.reason}`,
      }
    case 'publication': {
      const [first = 'nothing', ...rest] = event.owners
      const names = rest.length === 0 ? first : `${first} and ${rest.length} more`
      const by = event.source === undefined ? '' : ` by ${event.source}`
      return { mark: { tone: 'off', word: 'published' }, text: `${names}${by}, serial ${event.serial}` }
    }
    case 'revision': {
      const message = event.message === '' ? '' : `: ${event.message}`
      return {
        mark: { tone: 'off', word: `revision ${event.revision}` },
        text: `by ${event.author}${message}`,
      }
    }
    case 'steering':
      return { mark: { tone: 'off', word: 'steering' }, text: `${event.loadBalancer}: ${event.message}` }
    case 'alarm':
      return { mark: { tone: 'bad', word: 'alarm' }, text: `from ${event.source}: ${event.message}` }
  }
}
