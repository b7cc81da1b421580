import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SLOT_MS, TimerWheel } from './timer-wheel.ts'

const noop = (): void => undefined

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('schedule' as const),
      inMs: fc.double({ min: -50, max: 30_000, noNaN: true }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), byMs: fc.nat(12_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stall' as const), byMs: fc.nat(40_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), inMs: fc.nat(500) }) },
)

it('fires everything once that was not cancelled, never early, at most a slot late, with one timer', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(100_000), (steps, startMs) => {
      const clock = new FakeClock(startMs)
      const wheel = new TimerWheel(clock)
      const entries: { dueMs: number; cancel: () => void; state: 'waiting' | 'fired' | 'cancelled' }[] = []
      let stalledUntilMs = -Infinity
      const schedule = (dueMs: number, then?: () => void) => {
        const setAtMs = clock.monotonicMs()
        const entry = {
          dueMs,
          cancel: noop,
          state: 'waiting' as 'waiting' | 'fired' | 'cancelled',
        }
        entry.cancel = wheel.schedule(dueMs, () => {
          expect(entry.state).toBe('waiting')
          entry.state = 'fired'
          const nowMs = clock.monotonicMs()
          expect(nowMs).toBeGreaterThanOrEqual(dueMs)
          expect(nowMs).toBeLessThanOrEqual(Math.max(dueMs, setAtMs, stalledUntilMs) + SLOT_MS + 1)
          then?.()
        })
        entries.push(entry)
      }
      for (const action of steps) {
        if (action.kind === 'schedule') schedule(clock.monotonicMs() + action.inMs)
        else if (action.kind === 'again')
          schedule(clock.monotonicMs(), () => {
            schedule(clock.monotonicMs() + action.inMs)
          })
        else if (action.kind === 'advance') clock.advance(action.byMs)
        else if (action.kind === 'stall') {
          clock.stall(action.byMs)
          stalledUntilMs = clock.monotonicMs()
        } else {
          const entry = entries[action.which]
          entry?.cancel()
          if (entry?.state === 'waiting') entry.state = 'cancelled'
        }
        expect(clock.timers).toBeLessThanOrEqual(1)
        expect(wheel.size).toBe(entries.filter(({ state }) => state === 'waiting').length)
      }
      clock.advance(100_000)
      expect(entries.filter(({ state }) => state === 'waiting')).toEqual([])
      expect(clock.timers).toBe(0)
    }),
    { numRuns: 300 },
  )
})

it('does not fire what a callback of the same turn cancels', () => {
  const clock = new FakeClock()
  const wheel = new TimerWheel(clock)
  const fired: string[] = []
  wheel.schedule(5, () => {
    fired.push('first')
    cancel()
  })
  const cancel = wheel.schedule(5, () => fired.push('second'))
  clock.advance(1_000)
  expect(fired).toEqual(['first'])
})
