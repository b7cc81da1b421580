/** One event as one line: for the live view, `watch`, and `up` without a terminal. */
import type { StatusEvent } from '../../core/views/status.ts'
import { printable } from './printable.ts'
import type { Paint } from './paint.ts'

export interface EventText {
  readonly style: keyof Paint
  /** The event in words, without its time. */
  readonly text: string
}

export function describeEvent(event: StatusEvent): EventText {
  switch (event.kind) {
    case 'transition': {
      const style = event.to === 'down' ? 'red' : event.to === 'up' ? 'green' : 'yellow'
      const degraded = event.degraded ? ' (degraded)' : ''
      const text = `${event.endpoint} ${event.from} -> ${event.to}${degraded}: ${event.reason} [${event.rule}]`
      return { style, text: printable(text) }
    }
    case 'publication': {
      const seen =
        event.readBackMs === null ? 'not read back yet' : `read back in ${event.readBackMs.toFixed(1)} ms`
      const by = event.source === undefined ? '' : ` by ${event.source}`
      const text = `published ${shortList(event.owners)} in ${event.zone}${by}, serial ${event.serial}, ${seen}`
      return { style: event.readBackMs === null ? 'yellow' : 'cyan', text: printable(text) }
    }
    case 'revision': {
      const message = event.message === '' ? '' : `: ${event.message}`
      return { style: 'bold', text: printable(`revision ${event.revision} by ${event.author}${message}`) }
    }
    case 'steering':
      return { style: 'cyan', text: printable(`${event.loadBalancer}: ${event.message}`) }
    case 'alarm':
      return { style: 'yellow', text: printable(`alarm from ${event.source}: ${event.message}`) }
  }
}

/** RFC 3339 in UTC: what logs of several machines can be compared by. */
export function eventLine(event: StatusEvent): string {
  return `${new Date(event.atMs).toISOString()} ${event.kind} ${describeEvent(event).text}`
}

function shortList(names: readonly string[]): string {
  const [first = 'nothing', ...rest] = names
  return rest.length === 0 ? first : `${first} and ${rest.length} more`
}
