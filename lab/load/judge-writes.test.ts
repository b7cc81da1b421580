import { expect, it } from 'vitest'
import { judgeWrites } from './judge-writes.ts'

const told = (zone: string, count: number, revision: number) => ({
  ...{ zone, count, revision, sentMs: count * 100, tookMs: 10 },
})
const stored = (number: number, name: string, count: number) => ({
  number,
  changes: [{ name, after: { name, records: [{ name: 'count', type: 'TXT', values: [String(count)] }] } }],
})

it('finds what was acknowledged and is not there, and what is there twice, and nothing else', () => {
  const revisions = [
    stored(1, 'a', 1),
    stored(2, 'b', 1),
    stored(3, 'a', 2),
    { number: 4, changes: [{ name: 'c' }] },
  ]
  expect(judgeWrites([told('a', 1, 1), told('b', 1, 2)], revisions)).toEqual({
    writesMs: 0,
    lost: 0,
    twice: 0,
  })
  expect(judgeWrites([told('a', 1, 1), told('a', 3, 5)], revisions)).toMatchObject({ lost: 1, twice: 0 })
  expect(judgeWrites([told('a', 2, 2)], revisions)).toMatchObject({ lost: 1 })
  expect(judgeWrites([], [...revisions, stored(5, 'a', 2)])).toMatchObject({ lost: 0, twice: 1 })
})

it('times the longest pause of one writer, whatever the others did meanwhile', () => {
  expect(judgeWrites([told('a', 1, 1), told('b', 2, 2), told('b', 4, 3), told('a', 5, 4)], []).writesMs).toBe(
    400,
  )
})
