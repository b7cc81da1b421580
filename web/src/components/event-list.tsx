import type { ReadonlySignal } from '@preact/signals'
import type { StatusEvent } from '../../../src/core/views/status.ts'
import { eventLine } from '../state/event-line.ts'
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
  const { mark, text } = eventLine(event)
  return (
    <>
      <MarkBadge mark={mark} />
      <p>{text}</p>
    </>
  )
}
