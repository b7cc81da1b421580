import { expect, it } from 'vitest'
import { systemClock } from './system-clock.ts'

it('calls once, not early by the monotonic clock, and not at all when cancelled', async () => {
  const startMs = systemClock.monotonicMs()
  const calls: string[] = []
  const cancel = systemClock.after(5, () => calls.push('cancelled'))
  cancel()
  await new Promise<void>((resolve) => {
    systemClock.after(20, () => {
      calls.push('called')
      resolve()
    })
  })
  expect(calls).toEqual(['called'])
  // A timer of node may come a millisecond early.
  expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(19)
})

it('wall time is that of the machine', () => {
  const before = Date.now()
  const wallMs = systemClock.wallMs()
  expect(wallMs).toBeGreaterThanOrEqual(before)
  expect(wallMs).toBeLessThanOrEqual(Date.now())
})
