import { expect, it } from 'vitest'
import { clockText, spanText } from './time-words.ts'

it('says spans in two units at most, and never more than there was', () => {
  const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
  for (const [ms, text] of [
    ...([
      [-5, '0 s'],
      [59 * second + 999, '59 s'],
      [minute, '1 min'],
      [hour - 1, '59 min'],
      [hour, '1 h'],
    ] as const),
    ...([
      [hour + minute, '1 h 1 min'],
      [day, '1 d'],
      [day + hour, '1 d 1 h'],
      [12 * day + hour, '12 d'],
    ] as const),
  ])
    expect([ms, spanText(ms)]).toEqual([ms, text])
})

it('says the date where that is another day', () => {
  const noon = new Date(2026, 10, 30, 12, 0, 5).getTime()
  expect(clockText(noon, noon + 1)).toBe('12:00:05')
  expect(clockText(noon, noon + 86_400_000)).toBe('2026-11-30 12:00:05')
})
