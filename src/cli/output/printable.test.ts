import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, fit, printable, widthOf } from './printable.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 60 })

describe('text from elsewhere', () => {
  it('holds no control character afterwards, whatever it held before', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u)
      }),
    )
    expect(printable('a\u001b[2J\u0007b\nc\td\u009b')).toBe('a?[2J?b c d?')
    expect(printable('Zürich 東京')).toBe('Zürich 東京')
  })

  it('is never wider than the room, and fills it when told to', () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), (text, width) => {
        const clean = printable(text)
        expect(widthOf(clip(clean, width))).toBeLessThanOrEqual(width)
        expect(widthOf(fit(clean, width))).toBe(width)
      }),
    )
  })

  it('counts wide characters twice and combining ones not at all', () => {
    expect(widthOf('東京')).toBe(4)
    expect(widthOf('e\u0301')).toBe(1)
    expect(clip('東京都', 5)).toBe('東京…')
  })
})
