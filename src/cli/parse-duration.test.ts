import { describe, expect, it } from 'vitest'
import { parseDuration } from './parse-duration.ts'

describe('time spans', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1h30m', 5_400_000],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text, '--for')).toBe(ms)
  })

  it.each(['', '5', 'm', '1.5h', '-5m', '5 m', '5w', '5m!', '99999999s'])(
    "'%s' is none, and the option is named",
    (text) => {
      expect(() => parseDuration(text, '--over')).toThrow(/^--over takes a time span such as 90s/)
    },
  )
})
