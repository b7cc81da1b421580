/** What holds of every decision, whatever the policy and the health. */
import fc from 'fast-check'
import { poolsOf } from '../model/policy.ts'
import { describe, expect, it } from 'vitest'
import { familyOf } from '../net/address.ts'
import type { LoadBalancer } from '../model/load-balancer.ts'
import { decideAnswer } from './decide-answer.ts'
import type { Candidate } from './eligibility.ts'
import { addressesOf, balancer, candidate, FIXED, pools } from './testing/candidates.ts'

const REASONS = ['disabled', 'unmonitored', 'up', 'degraded', 'down', 'unknown'] as const

const anyCandidates = fc.array(
  fc.record({
    pool: fc.constantFrom('p1', 'p2', 'p3'),
    v6: fc.boolean(),
    reason: fc.constantFrom(...REASONS),
    weight: fc.nat(5),
    lastUp: fc.nat(4),
  }),
  { maxLength: 14 },
)
const anyPools = anyCandidates.map((list) =>
  pools(
    ...list.map(({ pool, v6, ...rest }, index) =>
      candidate(`${pool}/e${index}`, v6 ? `2001:db8::${index + 1}` : `192.0.2.${index + 1}`, rest),
    ),
  ),
)
const anyMinHealthy = fc.oneof(
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
)
const anyPoolList = fc.subarray(['p1', 'p2', 'p3'], { minLength: 1 })
const anyMax = fc.constantFrom({}, { maxAnswers: 1 }, { maxAnswers: 3 })
const anyPolicy = fc.oneof(
  fc.tuple(anyPoolList, anyMax).map(([names, max]) => ({ kind: 'all', pools: names, ...max })),
  anyPoolList.map((names) => ({ kind: 'weighted', pools: names })),
  fc
    .tuple(anyPoolList, fc.array(anyMinHealthy, { minLength: 3, maxLength: 3 }), anyMax)
    .map(([names, needs, max]) => ({
      kind: 'failover',
      tiers: names.map((pool, index) => ({ pool, minHealthy: needs[index] })),
      ...max,
    })),
)
const FIXED_4 = { kind: 'fixed', addresses: ['198.51.100.1'] }
const anyWhenDown = fc.constantFrom(
  { kind: 'last-healthy' },
  { kind: 'all' },
  { kind: 'refuse' },
  FIXED,
  FIXED_4,
)
const anyBalancer = fc.tuple(anyPolicy, anyWhenDown).map(([policy, whenDown]) => balancer(policy, whenDown))
const anyType = fc.constantFrom('A' as const, 'AAAA' as const)

/** Only the pools that the policy names: as a plan gives them. */
function used(from: LoadBalancer, given: Map<string, Candidate[]>): Map<string, Candidate[]> {
  return new Map(poolsOf(from.policy).map((name) => [name, given.get(name) ?? []]))
}

describe('any policy, any health', () => {
  it('I8 where there is an enabled endpoint of the family the answer is not empty, unless the operator chose otherwise', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, anyType, (from, given, type) => {
        const { record, rule, candidates } = decideAnswer(from, type, used(from, given))
        if (candidates.every((one) => one.reason === 'disabled')) {
          if (rule === 'when-down') expect(from.whenDown.kind).toBe('fixed')
          else expect([record, rule]).toEqual([null, 'no-endpoints'])
          return
        }
        if (record === null) expect([rule, from.whenDown]).toEqual(['when-down', FIXED_4])
        const refuses = from.whenDown.kind === 'refuse' && candidates.every((one) => !one.eligible)
        expect(record?.kind === 'refused').toBe(refuses)
        if (!refuses && record !== null) expect(addressesOf(record).length).toBeGreaterThan(0)
        const family = type === 'A' ? 4 : 6
        for (const address of addressesOf(record)) expect(familyOf(address)).toBe(family)
      }),
      { numRuns: 500 },
    )
  })

  it('no verdict makes a name vanish: with an enabled endpoint there is a record set of some type', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, (from, given) => {
        const all = used(from, given)
        fc.pre([...all.values()].flat().some((one) => one.reason !== 'disabled'))
        const records = (['A', 'AAAA'] as const).map((type) => decideAnswer(from, type, all).record)
        expect(records.some((record) => record !== null)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('a disabled endpoint is never answered with', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, anyType, (from, given, type) => {
        const { record, candidates } = decideAnswer(from, type, used(from, given))
        const off = candidates.filter((one) => one.reason === 'disabled').map((one) => one.endpoint.address)
        for (const address of addressesOf(record)) expect(off).not.toContain(address)
      }),
      { numRuns: 500 },
    )
  })

  it('by policy only eligible endpoints are answered with, and the all-down mode decides only when there is none', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, anyType, (from, given, type) => {
        const { record, rule, candidates } = decideAnswer(from, type, used(from, given))
        const eligible = candidates.filter((one) => one.eligible).map((one) => one.endpoint.address)
        expect(rule === 'policy').toBe(eligible.length > 0)
        if (rule === 'policy') for (const address of addressesOf(record)) expect(eligible).toContain(address)
      }),
      { numRuns: 500 },
    )
  })

  it('the families are decided apart: what the other one holds changes nothing', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, anyType, (from, given, type) => {
        const all = used(from, given)
        const family = type === 'A' ? 4 : 6
        const own = new Map(
          Array.from(all, ([pool, list]) => [
            pool,
            list.filter((one) => familyOf(one.endpoint.address) === family),
          ]),
        )
        fc.pre([...own.values()].flat().some((one) => one.reason !== 'disabled'))
        expect(decideAnswer(from, type, all)).toEqual(decideAnswer(from, type, own))
      }),
    )
  })

  it('record sets are as their type says: sorted, distinct, at most maxAnswers, weights above 0', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, anyType, (from, given, type) => {
        const { record, rule } = decideAnswer(from, type, used(from, given))
        const addresses = addressesOf(record)
        expect(addresses).toEqual([...new Set(addresses)].sort())
        const { policy, whenDown } = from
        const isFixed = rule === 'when-down' && whenDown.kind === 'fixed'
        if (!isFixed && 'maxAnswers' in policy && policy.maxAnswers !== undefined)
          expect(addresses.length).toBeLessThanOrEqual(policy.maxAnswers)
        if (record?.kind !== 'weighted') return
        expect(record.choices.length).toBeGreaterThan(1)
        for (const { weight } of record.choices) expect(weight).toBeGreaterThan(0)
      }),
    )
  })

  it('weights are those of the eligible endpoints, in proportion', () => {
    fc.assert(
      fc.property(anyPools, anyPoolList, anyType, (given, names, type) => {
        const from = balancer({ kind: 'weighted', pools: names })
        const { record, candidates } = decideAnswer(from, type, used(from, given))
        if (record?.kind !== 'weighted') return
        const expected = candidates
          .filter((one) => one.eligible && one.endpoint.weight > 0)
          .map(({ endpoint: { address, weight } }) => ({ address, weight }))
          .sort((a, b) => (a.address < b.address ? -1 : 1))
        expect(record.choices).toEqual(expected)
      }),
    )
  })

  it('the order in which candidates come changes nothing', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, anyType, (from, given, type) => {
        const all = used(from, given)
        const turned = new Map(Array.from(all, ([pool, list]) => [pool, [...list].reverse()]))
        expect(decideAnswer(from, type, turned).record).toEqual(decideAnswer(from, type, all).record)
      }),
    )
  })
})
