import { expect, it } from 'vitest'
import { connectionAfter, type Connection } from './connection.ts'
import { retryPauseMs } from './retry-pause.ts'

it('is lost since it was last heard, however often it is tried again', () => {
  const live = connectionAfter({ kind: 'connecting' }, { kind: 'read', without: '' })
  expect(live).toEqual({ kind: 'live' })
  const lost = connectionAfter(live, { kind: 'broke', heardAtMs: 5, reason: 'it ended' })
  expect(lost).toEqual({ kind: 'lost', sinceMs: 5, reason: 'it ended' })
  const still: Connection = connectionAfter(lost, { kind: 'broke', heardAtMs: 9, reason: 'no answer' })
  expect(still).toEqual({ kind: 'lost', sinceMs: 5, reason: 'no answer' })
  expect(connectionAfter(still, { kind: 'read', without: '' })).toEqual({ kind: 'live' })
})

it('is tried again soon, then less often, and not by all pages at once', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => retryPauseMs(attempt, 1))).toEqual([
    ...[250, 500, 1_000, 2_000, 4_000, 5_000, 5_000],
  ])
  expect(retryPauseMs(50, 0)).toBe(2_500)
})

it('is not called live where events do not come by themselves', () => {
  const paced = connectionAfter({ kind: 'connecting' }, { kind: 'read', without: 'too many follow already' })
  expect(paced).toEqual({ kind: 'paced', reason: 'too many follow already' })
})
