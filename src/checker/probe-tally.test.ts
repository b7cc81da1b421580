import { expect, it } from 'vitest'
import { LATE_BOUNDS_MS, ProbeTally } from './probe-tally.ts'

it('counts every probe once by its lateness: up to and including a bound, or above the last', () => {
  const tally = new ProbeTally()
  for (const lateMs of [-1, 0, 5, 5.1, 10, 50, 1_000, 1_000.1]) tally.started(lateMs)
  const counted = tally.lateCounts.map((count, index) => [LATE_BOUNDS_MS[index] ?? Infinity, count])
  expect(counted.filter(([, count]) => count !== 0)).toEqual([
    [5, 3],
    [10, 2],
    [50, 1],
    [1_000, 1],
    [Infinity, 1],
  ])
  expect(tally.lateMaxMs).toBe(1_000.1)
})
