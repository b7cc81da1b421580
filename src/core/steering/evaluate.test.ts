import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientHash, stickyScore, valueKey } from './client-hash.ts'
import { evaluate, haversine, holds, type Client } from './evaluate.ts'
import type { Leaf, Selector, WeightedChoice } from './selector.ts'
import { isInProportion } from './testing/chi-square.ts'

const client = (address: string, location: Client['location'] = null): Client => ({ address, location })
const never = (): number => {
  throw new Error('nothing is left to chance here')
}
/** A generator of its own, so that a failure comes again (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
const choicesOf = (...weights: number[]): WeightedChoice[] =>
  weights.map((weight, index) => ({ value: `192.0.2.${index + 1}`, weight }))
const sticky = (choices: readonly WeightedChoice[], answers = 1): Leaf => ({
  ...{ kind: 'sticky', answers, ipv4PrefixBits: 24, ipv6PrefixBits: 56, choices },
})
const anyWeights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 12 })
const anyClient = fc.ipV4()

describe('weighted', () => {
  it.each([[[1, 1]], [[3, 1]], [[1, 2, 3, 4]], [[100, 1, 1]]])('%j is drawn in proportion', (weights) => {
    const random = seeded(42)
    const choices = choicesOf(...weights)
    const counts = weights.map(() => 0)
    for (let draw = 0; draw < 20_000; draw += 1) {
      const { values } = evaluate({ kind: 'weighted', answers: 1, choices }, client('192.0.2.9'), random)
      const index = choices.findIndex(({ value }) => value === values[0])
      counts[index] = (counts[index] ?? 0) + 1
    }
    expect(isInProportion(counts, weights)).toBe(true)
  })

  it('several are all different, whatever chance says', () => {
    fc.assert(
      fc.property(anyWeights, fc.integer({ min: 1, max: 12 }), fc.integer(), (weights, answers, seed) => {
        const selector: Selector = { kind: 'weighted', answers, choices: choicesOf(...weights) }
        const { values } = evaluate(selector, client('192.0.2.9'), seeded(seed))
        expect(new Set(values).size).toBe(values.length)
        expect(values).toHaveLength(Math.min(answers, weights.length))
      }),
    )
  })

  it('at the very end of what chance can say the last one is drawn', () => {
    const selector: Selector = { kind: 'weighted', answers: 1, choices: choicesOf(1, 1) }
    expect(evaluate(selector, client('192.0.2.9'), () => 1 - 2 ** -53).values).toEqual(['192.0.2.2'])
    expect(evaluate(selector, client('192.0.2.9'), () => 0).values).toEqual(['192.0.2.1'])
  })
})

describe('sticky', () => {
  const clients = Array.from({ length: 20_000 }, (_, index) => `10.${index >> 8}.${index & 255}.7`)
  const winner = (choices: readonly WeightedChoice[], address: string) =>
    evaluate(sticky(choices), client(address), never).values[0]

  it('clients of one prefix are one, and of both families', () => {
    const choices = choicesOf(1, 1, 1, 1, 1)
    expect(winner(choices, '192.0.2.1')).toBe(winner(choices, '192.0.2.254'))
    expect(winner(choices, '2001:db8:0:100::1')).toBe(winner(choices, '2001:db8:0:1ff:ffff::'))
    const prefixes = new Set(clients.slice(0, 50).map((address) => winner(choices, address)))
    expect(prefixes.size).toBeGreaterThan(1)
  })

  it.each([[[1, 1]], [[1, 1, 1, 1, 1]], [[3, 1]], [[1, 2, 3, 4]]])(
    '%j are the shares of clients',
    (weights) => {
      const choices = choicesOf(...weights)
      const counts = choices.map(
        ({ value }) => clients.filter((one) => winner(choices, one) === value).length,
      )
      // Clients are no chance draws, so this is a bound on the share and not a test of chance.
      const total = weights.reduce((sum, one) => sum + one, 0)
      for (const [index, count] of counts.entries())
        expect(Math.abs(count / clients.length - (weights[index] ?? 0) / total)).toBeLessThan(0.02)
    },
  )

  it('an endpoint that goes moves its own clients only, whatever the weights', () => {
    fc.assert(
      fc.property(
        anyWeights,
        fc.nat(),
        fc.array(anyClient, { maxLength: 50 }),
        (weights, pick, addresses) => {
          const choices = choicesOf(...weights)
          const gone = choices[pick % choices.length]!
          const rest = choices.filter((choice) => choice !== gone)
          for (const address of addresses) {
            const before = winner(choices, address)
            if (before !== gone.value) expect(winner(rest, address)).toBe(before)
          }
        },
      ),
    )
  })

  it('a weight that grows takes clients and gives none away', () => {
    fc.assert(
      fc.property(
        anyWeights,
        fc.nat(),
        fc.array(anyClient, { maxLength: 50 }),
        (weights, pick, addresses) => {
          const at = pick % weights.length
          const grown = choicesOf(...weights.with(at, (weights[at] ?? 0) + 10))
          const { value } = grown[at]!
          for (const address of addresses) {
            const after = winner(grown, address)
            if (after !== value) expect(winner(choicesOf(...weights), address)).toBe(after)
          }
        },
      ),
    )
  })

  it('every step of the hash is exact: whole numbers below 2^53', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), fc.string(), (address, bits, value) => {
        const [hash, key] = [clientHash(address, bits), valueKey(value)]
        for (const number of [hash, key, hash * key + key])
          expect(Number.isSafeInteger(number) && number >= 0).toBe(true)
        expect(stickyScore(hash, key, 1)).toBeGreaterThan(0)
      }),
    )
  })
})

describe('nearest', () => {
  const place = (value: string, latitude: number, longitude: number) => ({ value, latitude, longitude })
  const choices = [
    place('192.0.2.1', 52.37, 4.9),
    place('192.0.2.2', 52.37, 4.9),
    place('198.51.100.1', 40.71, -74.01),
  ]
  const from = (latitude: number, longitude: number, answers = 1) =>
    evaluate({ kind: 'nearest', answers, choices }, client('203.0.113.1', { latitude, longitude }), seeded(7))
      .values

  it('the nearest place answers, and the next one where more are asked for', () => {
    expect(from(41, -70)).toEqual(['198.51.100.1'])
    expect(['192.0.2.1', '192.0.2.2']).toContain(from(48.9, 2.3)[0])
    expect(from(48.9, 2.3, 2).toSorted()).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(from(41, -70, 2)).toContain('198.51.100.1')
  })

  it('across the date line too', () => {
    expect(haversine({ latitude: 0, longitude: 179 }, { latitude: 0, longitude: -179 })).toBeLessThan(
      haversine({ latitude: 0, longitude: 179 }, { latitude: 0, longitude: 170 }),
    )
  })

  it('who is nowhere known gets any of them, all equally often', () => {
    const random = seeded(3)
    const counts = choices.map(() => 0)
    for (let draw = 0; draw < 6_000; draw += 1) {
      const { values } = evaluate({ kind: 'nearest', answers: 1, choices }, client('203.0.113.1'), random)
      const index = choices.findIndex(({ value }) => value === values[0])
      counts[index] = (counts[index] ?? 0) + 1
    }
    expect(isInProportion(counts, [1, 1, 1])).toBe(true)
  })
})

describe('by client', () => {
  const values = (value: string): Leaf => ({ kind: 'values', values: [value] })
  const selector: Selector = {
    kind: 'by-client',
    branches: [
      {
        when: {
          kind: 'prefixes',
          map: 'm',
          include: ['10.0.0.0/8', '10.1.1.0/24'],
          exclude: ['10.1.0.0/16'],
        },
        then: values('a'),
      },
      { when: { kind: 'countries', countries: ['NL', 'BE'] }, then: values('b') },
      { when: { kind: 'continents', continents: ['EU'] }, then: values('c') },
      { when: { kind: 'asns', asns: [64500] }, then: { kind: 'refuse' } },
    ],
    otherwise: { kind: 'empty' },
  }
  const answer = (address: string, location: Client['location'] = null) =>
    evaluate(selector, client(address, location), never)

  it('the first branch that is about the client decides', () => {
    const location = { continent: 'EU', country: 'NL', asn: 64500 }
    expect(answer('10.2.0.1', location)).toMatchObject({ values: ['a'], branch: 0 })
    expect(answer('192.0.2.1', location)).toMatchObject({ values: ['b'], branch: 1 })
    expect(answer('192.0.2.1', { continent: 'EU', country: 'DE' })).toMatchObject({ values: ['c'] })
    expect(answer('192.0.2.1', { asn: 64500 })).toEqual({ values: [], branch: 3, refused: true })
    expect(answer('192.0.2.1')).toEqual({ values: [], branch: null, refused: false })
  })

  it('of a map the longest prefix decides', () => {
    expect(answer('10.1.0.1').branch).toBeNull()
    expect(answer('10.1.1.1').branch).toBe(0)
    const all = { kind: 'prefixes', map: 'm', include: ['::/0'], exclude: [] } as const
    expect([holds(all, client('2001:db8::1')), holds(all, client('192.0.2.1'))]).toEqual([true, false])
  })
})
