import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { valuesOf, type RecordSet, type SteeredRecordSet } from '../dns/record-set.ts'
import { plainRendering } from './plain-rendering.ts'
import type { Leaf, Selector } from './selector.ts'

const NAME = 'www.example.test'
const steered = (selector: Selector, type: SteeredRecordSet['type'] = 'A'): RecordSet => ({
  ...{ kind: 'steered', name: NAME, type, ttlSec: 30, selector },
})
const weighted = (weights: Readonly<Record<string, number>>): Leaf => ({
  ...{ kind: 'weighted', answers: 1 },
  choices: Object.entries(weights).map(([value, weight]) => ({ value, weight })),
})

describe('a rendering', () => {
  it('holds all that is drawn from, or the heaviest', () => {
    const set = steered(weighted({ '192.0.2.1': 1, '192.0.2.2': 5, '192.0.2.3': 3 }))
    expect(plainRendering([set], undefined)[0]?.values).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    expect(plainRendering([set], 2)[0]?.values).toEqual(['192.0.2.2', '192.0.2.3'])
  })

  it('is what clients get that no rule is about, or a rule where those get nothing', () => {
    const when = { kind: 'countries', countries: ['NL'] } as const
    const branches = [{ when, then: weighted({ '192.0.2.9': 1 }) }]
    const other = weighted({ '192.0.2.1': 1 })
    const values = (otherwise: Leaf) =>
      plainRendering([steered({ kind: 'by-client', branches, otherwise })], undefined)[0]?.values
    expect(values(other)).toEqual(['192.0.2.1'])
    expect(values({ kind: 'empty' })).toEqual(['192.0.2.9'])
    expect(values({ kind: 'refuse' })).toEqual(['192.0.2.9'])
  })

  it('has one CNAME at most, the heaviest', () => {
    const set = steered(weighted({ 'a.example.net': 1, 'b.example.net': 2 }), 'CNAME')
    expect(plainRendering([set], undefined)[0]?.values).toEqual(['b.example.net'])
  })

  it('keeps what stood where a record set is refused, and is without it where nothing stood', () => {
    const refused: RecordSet = { kind: 'refused', name: NAME, type: 'A', ttlSec: 30 }
    const before = plainRendering([steered(weighted({ '192.0.2.1': 1 }))], undefined)
    expect(plainRendering([refused], undefined)).toEqual([])
    expect(plainRendering([refused], undefined, () => before[0] ?? null)).toEqual(before)
  })

  it('is never empty, holds nothing else, and is the same each time', () => {
    const choices = fc.dictionary(fc.ipV4(), fc.integer({ min: 1, max: 9 }), { minKeys: 1, maxKeys: 6 })
    fc.assert(
      fc.property(choices, fc.integer({ min: 1, max: 4 }), (weights, answers) => {
        const set = steered(weighted(weights))
        const [rendered, ...more] = plainRendering([set], answers)
        expect(more).toEqual([])
        expect(rendered?.values.length).toBe(Math.min(answers, Object.keys(weights).length))
        expect(valuesOf(set)).toEqual(expect.arrayContaining([...(rendered?.values ?? [])]))
        expect(plainRendering([set], answers)).toEqual([rendered])
      }),
    )
  })
})
