import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { evaluate } from './evaluate.ts'
import { sharesOf } from './shares-of.ts'

const of = (...weights: number[]) => weights.map((weight) => ({ weight }))
const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0)

describe('how often each of several is drawn', () => {
  it('one: its weight', () => {
    expect(sharesOf(of(3, 1), 1)).toEqual([0.75, 0.25])
  })

  it('equal ones are equally likely, and all are certain where all are drawn', () => {
    expect(sharesOf(of(7, 7, 7, 7), 3)).toEqual([0.75, 0.75, 0.75, 0.75])
    expect(sharesOf(of(1, 9), 2)).toEqual([1, 1])
    expect(sharesOf(of(1, 9), 5)).toEqual([1, 1])
  })

  it('two of three, worked out by hand: 1 is missing from {1, 2, 3} with 2/6 * 3/4 + 3/6 * 2/3', () => {
    const [one = 0] = sharesOf(of(1, 2, 3), 2)
    expect(one).toBeCloseTo(1 - (2 / 6) * (3 / 4) - (3 / 6) * (2 / 3), 4)
  })

  it('they add up to the number of answers, and a larger weight is never rarer', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 12 }), (weights) => {
        const answers = Math.ceil(weights.length / 2)
        const shares = sharesOf(of(...weights), answers)
        expect(sum(shares)).toBeCloseTo(answers, 2)
        for (const [index, weight] of weights.entries())
          for (const [other, less] of weights.entries())
            if (weight > less) expect(shares[index]).toBeGreaterThanOrEqual(shares[other] ?? 0)
      }),
    )
  })

  it('of very many: close to what draws count', () => {
    const weights = Array.from({ length: 2_000 }, (_, index) => 1 + (index % 50))
    const shares = sharesOf(of(...weights), 60)
    expect(sum(shares)).toBeCloseTo(60, 6)
    // Rare ones are drawn nearly in proportion.
    expect((shares[49] ?? 0) / (shares[0] ?? 1)).toBeCloseTo(50, -1)
  })

  it('agrees with counted draws', () => {
    const choices = [1, 2, 3, 10].map((weight, index) => ({ value: `192.0.2.${index}`, weight }))
    const client = { address: '198.51.100.1', location: null }
    const counts = new Map(choices.map(({ value }) => [value, 0]))
    let state = 1
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
    for (let draw = 0; draw < 20_000; draw += 1)
      for (const value of evaluate({ kind: 'weighted', answers: 2, choices }, client, random).values)
        counts.set(value, (counts.get(value) ?? 0) + 1)
    const shares = sharesOf(choices, 2)
    for (const [index, { value }] of choices.entries())
      expect((counts.get(value) ?? 0) / 20_000).toBeCloseTo(shares[index] ?? 0, 1.5)
  })
})
