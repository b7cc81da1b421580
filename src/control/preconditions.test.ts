import { describe, expect, it } from 'vitest'
import { failedPrecondition, isNotModified } from './preconditions.ts'

describe('preconditions', () => {
  it.each([
    [{}, null, true],
    [{}, '"a"', true],
    [{ ifMatch: '"a"' }, '"a"', true],
    [{ ifMatch: '"b", "a"' }, '"a"', true],
    [{ ifMatch: 'W/"a"' }, '"a"', false],
    [{ ifMatch: '"b"' }, '"a"', false],
    [{ ifMatch: '*' }, '"a"', true],
    [{ ifMatch: '*' }, null, false],
    [{ ifMatch: '"a"' }, null, false],
    [{ ifNoneMatch: '*' }, null, true],
    [{ ifNoneMatch: '*' }, '"a"', false],
    [{ ifNoneMatch: 'W/"a"' }, '"a"', false],
    [{ ifNoneMatch: '"b"' }, '"a"', true],
  ])('%j on %s: may write %s', (...[conditions, etag, allowed]) => {
    expect(failedPrecondition(conditions, etag) === null).toBe(allowed)
  })

  it('a reader has the present version by weak comparison', () => {
    expect(isNotModified('W/"a"', '"a"')).toBe(true)
    expect(isNotModified('"b"', '"a"')).toBe(false)
    expect(isNotModified(undefined, '"a"')).toBe(false)
  })
})
