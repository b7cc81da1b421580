import { expect, it } from 'vitest'
import type { StatusEvent } from '../../../src/core/views/status.ts'
import { eventLine } from './event-line.ts'
import { markOf, type Mark } from './mark.ts'

it('shows what it does not know by its own word', () => {
  const unknown = { kind: 'rehearsal', atMs: 1 } as unknown as StatusEvent
  expect(eventLine(unknown)).toMatchObject({ mark: { tone: 'off', word: 'rehearsal' } })
  const paused = { state: 'paused', degraded: false } as unknown as Parameters<typeof markOf>[0]
  expect(markOf(paused)).toEqual({ tone: 'open', word: 'paused' } satisfies Mark)
})

it('says who published what, and how many more', () => {
  const publication: StatusEvent = {
    ...{ kind: 'publication', atMs: 1, zone: 'example.test', serial: 7, owners: ['a', 'b', 'c'] },
    ...{ readBackMs: 1, source: 'ns1' },
  }
  expect(eventLine(publication).text).toBe('a and 2 more by ns1, serial 7')
})
