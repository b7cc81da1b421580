import { expect, it } from 'vitest'
import { FairShare } from './fair-share.ts'

it('who asks without end gets its own share, and the first of each is kept for it', () => {
  const share = new FairShare({ each: 5, known: 4, more: 6 })
  const taken = (who: string) => Array.from({ length: 100 }, () => share.take(who)).filter(Boolean).length
  expect(['a', 'b', 'c', 'd', 'e'].map(taken)).toEqual([5, 3, 1, 1, 0])
  expect(['a', 'd', 'e'].map((who) => share.knows(who))).toEqual([true, true, false])
  share.reset()
  expect(taken('e')).toBe(5)
})
