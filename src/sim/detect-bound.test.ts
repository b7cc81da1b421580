import { expect, it } from 'vitest'
import { monitorSchema } from '../core/model/monitor.ts'
import { detectBoundMs } from './detect-bound.ts'
import { MONITOR, VOTERS } from './shape.ts'

it('is that of invariant 7, with the defaults of a monitor', () => {
  const defaults = monitorSchema.parse({ kind: 'http', name: 'web' })
  expect(MONITOR).toMatchObject({
    intervalMs: defaults.intervalMs,
    fastIntervalMs: defaults.fastIntervalMs,
    timeoutMs: defaults.timeoutMs,
    fall: defaults.fall,
    rise: defaults.rise,
  })
  expect(defaults.voters).toBe(VOTERS)
  expect(detectBoundMs(MONITOR, { voters: 5, healthy: 5, settles: false })).toBeCloseTo(4_650)
  expect(detectBoundMs(MONITOR, { voters: 5, healthy: 3, settles: false })).toBeCloseTo(6_750)
  expect(detectBoundMs(MONITOR, { voters: 3, healthy: 3, settles: true })).toBeCloseTo(15_350)
})
