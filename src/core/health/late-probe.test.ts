import { expect, it } from 'vitest'
import { lateAfterMs, usualAfter } from './late-probe.ts'

it('H4 late is a tenth of the time-out and 0.1 s at least, or three times what the endpoint takes', () => {
  expect(lateAfterMs(250, 3)).toBe(100)
  expect(lateAfterMs(1_000, 3)).toBe(100)
  expect(lateAfterMs(1_000, 100)).toBe(300)
  expect(lateAfterMs(10_000, 3)).toBe(1_000)
})

it('H5 nothing is late where that is near the time-out, or nothing is known of the endpoint', () => {
  expect(lateAfterMs(1_000, 270)).toBeNull()
  expect(lateAfterMs(1_000, null)).toBeNull()
  expect(lateAfterMs(120, 3)).toBeNull()
})

it('H6 what the endpoint takes is its slowest, forgotten by a tenth with each success', () => {
  expect(usualAfter(null, 5)).toBe(5)
  expect(usualAfter(100, 5)).toBe(90)
  expect(usualAfter(100, 400)).toBe(400)
  let usualMs = 250
  for (let success = 0; success < 20; success += 1) usualMs = usualAfter(usualMs, 5)
  expect(lateAfterMs(1_000, usualMs)).toBe(100)
})
