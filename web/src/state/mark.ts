/** What a state looks like: a tone, which is a colour and a shape, and always the word. */
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
  }
}

/** Of several: all up, some not, none. What nobody judges does not count. */
export function markOfAll(endpoints: readonly Pick<EndpointStatus, 'state' | 'degraded'>[]): Mark {
  const marks = endpoints.map(markOf).filter(({ tone }) => tone !== 'off')
  const are = (tone: Tone) => marks.filter((one) => one.tone === tone).length
  if (marks.length === 0) return { tone: 'off', word: endpoints.length === 0 ? 'empty' : 'unmonitored' }
  if (are('good') === marks.length) return { tone: 'good', word: 'up' }
  if (are('bad') === marks.length) return { tone: 'bad', word: 'down' }
  if (are('open') === marks.length) return { tone: 'open', word: 'unknown' }
  return { tone: 'warn', word: 'degraded' }
}
