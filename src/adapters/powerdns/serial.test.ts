import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isLater, nextSerial } from './serial.ts'

it('is the time in seconds, or one more where that would not be later', () => {
  expect(nextSerial(null, 1_800_000_000_999)).toBe(1_800_000_000)
  expect(nextSerial(1_700_000_000, 1_800_000_000_000)).toBe(1_800_000_000)
  expect(nextSerial(1_800_000_000, 1_800_000_000_000)).toBe(1_800_000_001)
  expect(nextSerial(1_800_000_500, 1_800_000_000_000)).toBe(1_800_000_501)
  expect(nextSerial(4_294_967_295, 4_294_967_295_000)).toBe(1)
})

it('never goes back, whatever the clock does (RFC 1982)', () => {
  const wallMs = fc
    .oneof(fc.nat(2 ** 31 - 1), fc.integer({ min: 0, max: 2 ** 33 }))
    .map((seconds) => seconds * 1_000)
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.array(wallMs, { maxLength: 50 }), (first, clock) => {
      let serial = first * 2
      for (const now of clock) {
        const next = nextSerial(serial, now)
        expect(isLater(next, serial)).toBe(true)
        expect(next).toBeLessThan(2 ** 32)
        serial = next
      }
    }),
  )
})
