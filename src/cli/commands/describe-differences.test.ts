import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segmentsOf } from '../files/locate-pointer.ts'
import { noPaint } from '../output/paint.ts'
import { describeDifferences, differencesOf } from './describe-differences.ts'

/** Puts each difference into a copy of what was before. */
function patched(before: unknown, differences: ReturnType<typeof differencesOf>): unknown {
  const root = { value: structuredClone(before) }
  for (const { pointer, after } of differences) {
    const segments = ['value', ...segmentsOf(pointer)]
    const last = segments.pop() ?? ''
    const place = segments.reduce<unknown>(
      (node, segment) => (node as Record<string, unknown>)[segment],
      root,
    )
    if (after === undefined) Reflect.deleteProperty(place as object, last)
    else
      Object.defineProperty(place, last, {
        value: after,
        enumerable: true,
        writable: true,
        configurable: true,
      })
  }
  return root.value
}

describe('differences', () => {
  it('are none of what is the same, and lead from what is there to what would be', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(differencesOf(before, structuredClone(before))).toEqual([])
        expect(patched(before, differencesOf(before, after))).toEqual(after)
      }),
    )
  })

  it('know a field of the name of what every object has', () => {
    expect(differencesOf({ valueOf: 1 }, {})).toEqual([{ pointer: '/valueOf', before: 1, after: undefined }])
  })

  it('name the smallest place, and lists of another length as a whole', () => {
    const before = { a: { b: [1, 2], c: 'x' }, d: [1] }
    expect(differencesOf(before, { a: { b: [1, 3] }, d: [1, 2] })).toEqual([
      { pointer: '/a/b/1', before: 2, after: 3 },
      { pointer: '/a/c', before: 'x', after: undefined },
      { pointer: '/d', before: [1], after: [1, 2] },
    ])
  })

  it('are shown with the answers that would change', () => {
    const lines = describeDifferences(
      {
        outcome: 'dry-run',
        revision: 4,
        changes: [
          { kind: 'endpoint', name: 'web/one', before: { weight: 1 }, after: { weight: 2 } },
          { kind: 'site', name: 'old', before: { name: 'old' }, after: null },
          { kind: 'loadBalancer', name: 'x.test', before: null, after: { name: 'x.test' } },
        ],
        answers: [{ name: 'x.test', type: 'A', before: null, after: ['192.0.2.1'] }],
      },
      noPaint,
    )
    expect(lines).toEqual([
      '~ endpoint web/one',
      '    - weight: 1',
      '    + weight: 2',
      '- site old',
      '+ load-balancer x.test',
      '    + name: "x.test"',
      'answer     x.test A: none -> 192.0.2.1',
    ])
  })
})
