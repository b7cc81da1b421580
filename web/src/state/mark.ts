/** What a state looks like: a tone, which is a colour and a shape, and always the word. */
import type { EndpointCounts } from '../../../src/core/views/status.ts'
import type { EndpointStatus } from './known.ts'

export type Tone = 'good' | 'warn' | 'bad' | 'open' | 'off'

export interface Mark {
  readonly tone: Tone
  readonly word: string
}

export function markOf({ state, degraded }: Pick<EndpointStatus, 'state' | 'degraded'>): Mark {
  switch (state) {
    case 'up':
      return degraded ? { tone: 'warn', word: 'degraded' } : { tone: 'good', word: 'up' }
    case 'down':
      return { tone: 'bad', word: 'down' }
    case 'unknown':
      return { tone: 'open', word: 'unknown' }
    case 'disabled':
    case 'unmonitored':
      return { tone: 'off', word: state }
    default:
      // Of a control that is newer than this page.
      return { tone: 'open', word: state }
  }
}

/** Of several: all up, some not, none. What nobody judges does not count. */
export function markOfAll({ total, up, degraded, down, unknown, other }: EndpointCounts): Mark {
  const judged = total - other
  if (judged === 0) return { tone: 'off', word: total === 0 ? 'empty' : 'unmonitored' }
  if (up - degraded === judged) return { tone: 'good', word: 'up' }
  if (down === judged) return { tone: 'bad', word: 'down' }
  if (unknown === judged) return { tone: 'open', word: 'unknown' }
  return { tone: 'warn', word: 'degraded' }
}
