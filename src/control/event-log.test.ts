import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Clock } from '../ports/clock.ts'
import { EventLog } from './event-log.ts'

const alarm = (message: string) => ({ kind: 'alarm', atMs: 0, source: 's', message }) as const

function clockAt(wall: { ms: number }): Clock {
  return { monotonicMs: () => wall.ms, wallMs: () => wall.ms, after: () => () => undefined }
}

it('gives each event after an id once and in order, or says that it cannot', () => {
  const steps = fc.array(fc.oneof(fc.constant('event' as const), fc.integer({ min: -50, max: 50 })), {
    maxLength: 80,
  })
  fc.assert(
    fc.property(steps, fc.nat(), (moves, pick) => {
      const wall = { ms: 1_000 }
      const log = new EventLog(clockAt(wall), 8)
      const heard: number[] = [log.lastId]
      log.subscribe(({ id }) => heard.push(id))
      for (const move of moves) {
        if (move === 'event') log.append(alarm(String(heard.length)))
        else wall.ms += move
      }
      expect(heard).toEqual([...new Set(heard)].sort((a, b) => a - b))
      const from = pick % heard.length
      const resumption = log.after(heard[from] ?? -1)
      if (resumption.kind === 'resumed')
        expect(resumption.events.map((logged) => logged.id)).toEqual(heard.slice(from + 1))
      else expect(heard.length - 1 - from).toBeGreaterThan(8)
    }),
  )
})

it('is a reset for ids from before the start and from the future', () => {
  const log = new EventLog(clockAt({ ms: 1_000 }))
  expect(log.after(999_999).kind).toBe('reset')
  expect(log.after(1_000_000).kind).toBe('resumed')
  expect(log.after(1_000_001).kind).toBe('reset')
})
