import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JITTER, nextOnGrid } from './phase.ts'

const intervalMs = fc.integer({ min: 100, max: 3_600_000 })
const afterMs = fc.double({ min: 0, max: 1e10, noNaN: true })

it('comes within 1.05 intervals, and the points after one another too', () => {
  fc.assert(
    fc.property(fc.string(), intervalMs, afterMs, (key, interval, after) => {
      let last = nextOnGrid({ key, intervalMs: interval, offset: 0 }, after)
      expect(last).toBeGreaterThan(after)
      expect(last - after).toBeLessThanOrEqual(interval * (1 + 2 * JITTER) + 1e-3)
      for (let round = 0; round < 20; round += 1) {
        const next = nextOnGrid({ key, intervalMs: interval, offset: 0 }, last)
        expect(next - last).toBeGreaterThanOrEqual(interval * (1 - 2 * JITTER) - 1e-3)
        expect(next - last).toBeLessThanOrEqual(interval * (1 + 2 * JITTER) + 1e-3)
        last = next
      }
    }),
  )
})

it('stays on its grid for ever: jitter does not add up', () => {
  let at = 0
  const points = Array.from(
    { length: 10_000 },
    () => (at = nextOnGrid({ key: 'p/e m', intervalMs: 5_000, offset: 0 }, at)),
  )
  const first = points[0]!
  for (const [index, point] of points.entries())
    expect(Math.abs(point - first - index * 5_000)).toBeLessThanOrEqual(2 * JITTER * 5_000)
})

it('is a slot of the same grid wherever it is asked from', () => {
  fc.assert(
    fc.property(fc.string(), intervalMs, afterMs, (key, interval, after) => {
      const point = nextOnGrid({ key, intervalMs: interval, offset: 0 }, after)
      expect(nextOnGrid({ key, intervalMs: interval, offset: 0 }, (after + point) / 2)).toBe(point)
    }),
  )
})

it('spreads endpoints evenly over the interval', () => {
  const buckets = new Array<number>(20).fill(0)
  for (let index = 0; index < 20_000; index += 1) {
    const bucket = Math.floor(
      (nextOnGrid({ key: `pool/endpoint-${index} http`, intervalMs: 1_000, offset: 0 }, 10_000) % 1_000) / 50,
    )
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(200)
})

it('grids of several sites on one endpoint are evenly apart, whenever they are asked', () => {
  const sites = 5
  fc.assert(
    fc.property(fc.string(), intervalMs, afterMs, (key, interval, after) => {
      const points = Array.from({ length: sites }, (_, rank) =>
        nextOnGrid({ key, intervalMs: interval, offset: rank / sites }, after),
      ).sort((a, b) => a - b)
      for (const [index, point] of points.slice(1).entries())
        expect(Math.abs(point - points[index]! - interval / sites)).toBeLessThanOrEqual(
          2 * JITTER * interval + 1e-3,
        )
    }),
  )
})
