import { expect, it } from 'vitest'
import type { Latch } from '../core/model/latch.ts'
import { LatchReports } from './latch-reports.ts'

const latch = (name: string, ...pools: string[]): Latch => ({
  ...{ name, generation: 0 },
  tiers: pools.map((pool) => ({ route: -1, type: 'A', pool })),
})

it('a report tells of what it says anew or no more, and of nothing else', () => {
  const reports = new LatchReports()
  expect(reports.heard('ams/ns1', [latch('a', 'p1'), latch('b')], 0)).toEqual(['a', 'b'])
  expect(reports.heard('ams/ns1', [latch('a', 'p1'), latch('b')], 1)).toEqual([])
  expect(reports.heard('fra/ns1', [latch('a', 'p1')], 1)).toEqual(['a'])
  expect(reports.heard('ams/ns1', [latch('a', 'p2')], 2)).toEqual(['b', 'a'])
  expect(reports.of('a')).toEqual([latch('a', 'p2'), latch('a', 'p1')])
  expect(reports.of('b')).toEqual([])
  expect([...reports.balancers()]).toEqual(['a'])
  expect(reports.whoLatched(['a', 'b'])).toEqual(['ams/ns1', 'fra/ns1'])
})

it('who has not reported for ten seconds is forgotten, with all that it said', () => {
  const reports = new LatchReports()
  reports.heard('ams/ns1', [latch('a', 'p1')], 0)
  reports.heard('fra/ns1', [], 5)
  expect(reports.forgetSilent(10_000)).toEqual([])
  expect(reports.forgetSilent(10_001)).toEqual(['ams/ns1'])
  expect([reports.size, [...reports.balancers()]]).toEqual([1, []])
})
