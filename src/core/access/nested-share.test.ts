import { expect, it } from 'vitest'
import { NestedShare } from './nested-share.ts'

it('one of those that are told of takes nothing of the others, and who tells of many nothing of who tells of few', () => {
  const share = new NestedShare({
    outer: { each: 8, known: 10, more: 20 },
    inner: { each: 3, known: 20, more: 20 },
  })
  const taken = (outer: string, inner: string) =>
    Array.from({ length: 100 }, () => share.take(outer, inner)).filter(Boolean).length
  expect(['x', 'y', 'z', 'q'].map((inner) => taken('a', inner))).toEqual([3, 3, 2, 0])
  expect(taken('b', 'x')).toBe(3)
  expect([share.knows('a', 'z'), share.knows('a', 'q'), share.knowsOuter('a')]).toEqual([true, false, true])
  share.reset()
  expect(taken('a', 'q')).toBe(3)
})
