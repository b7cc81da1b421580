/**
 * What the page says of an event.
 * What must stay true: a kind that a newer control has and this page does not know is shown as such, and breaks nothing.
 */
import type { StatusEvent } from '../../../src/core/views/status.ts'
import { markOf, type Mark } from './mark.ts'

export function eventLine(event: StatusEvent): { readonly mark: Mark; readonly text: string } {
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
    default: {
      const { kind } = event as { readonly kind: string }
      return { mark: { tone: 'off', word: kind }, text: 'This page does not know what that is.' }
    }
  }
}
