/** What holds of every decision, whatever the policy and the health. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LoadBalancer } from '../model/load-balancer.ts'
import { poolsOf } from '../model/policy.ts'
import { familyOf } from '../net/address.ts'
import type { Decision } from './decision.ts'
import type { Candidate } from './eligibility.ts'
import type { Leaf } from './selector.ts'
import {
  anyBalancer,
  anyLatchedTier,
  anyPoolList,
  anyPools,
  anyType,
  clientMaps,
  FIXED_4,
  sites,
} from './testing/any-steering.ts'
import { addressesOf, balancer, decide } from './testing/candidates.ts'

/** Only the pools that the policy names: as a plan gives them. */
function used(from: LoadBalancer, given: Map<string, Candidate[]>): Map<string, Candidate[]> {
  return new Map(poolsOf(from.policy).map((name) => [name, given.get(name) ?? []]))
}

/** What is decided for the types of addresses, with a property about it. */
function everyDecision(holds: (decision: Decision, from: LoadBalancer, type: 'A' | 'AAAA') => void): void {
  fc.assert(
    fc.property(
      anyBalancer,
      anyPools,
      fc.tuple(anyType, anyLatchedTier),
      (...[from, given, [type, latchedTier]]) => {
        holds(decide(from, type, used(from, given), { sites, clientMaps, latchedTier }), from, type)
      },
    ),
    { numRuns: 500 },
  )
}

function valuesOfLeaf(leaf: Leaf | null): string[] {
  if (leaf === null || leaf.kind === 'refuse' || leaf.kind === 'empty') return []
  return leaf.kind === 'values' ? [...leaf.values] : leaf.choices.map(({ value }) => value)
}

function addresses(candidates: readonly Candidate[]): string[] {
  return candidates.map(({ endpoint }) => endpoint.address)
}

const isEnabled = ({ reason }: Candidate) => reason !== 'disabled'

describe('any policy, any health', () => {
  it('I8 where there is an enabled endpoint of the family the answer is not empty, unless the operator chose otherwise', () => {
    everyDecision(({ record, rule, candidates }, from, type) => {
      const { whenDown } = from
      if (!candidates.some(isEnabled)) {
        if (rule === 'when-down') expect(['fixed', 'cname']).toContain(whenDown.kind)
        else expect([record, rule]).toEqual([null, 'no-endpoints'])
        return
      }
      const isEligible = candidates.some((one) => one.eligible)
      if (record === null) {
        expect(isEligible).toBe(false)
        if (whenDown.kind === 'fixed') expect([whenDown, type]).toEqual([FIXED_4, 'AAAA'])
        else expect(['empty', 'cname']).toContain(whenDown.kind)
        return
      }
      expect(record.kind === 'refused').toBe(whenDown.kind === 'refuse' && !isEligible)
      if (record.kind === 'refused') return
      expect(addressesOf(record).length).toBeGreaterThan(0)
      for (const address of addressesOf(record)) expect(familyOf(address)).toBe(type === 'A' ? 4 : 6)
    })
  })

  it('no client gets nothing while an endpoint of its route is enabled, unless the operator chose otherwise', () => {
    everyDecision(({ record, routes, candidates, rule }, { whenDown }) => {
      if (record?.kind !== 'steered' || record.selector.kind !== 'by-client') return
      for (const { then } of record.selector.branches) expect(then.kind).not.toBe('empty')
      if (record.selector.otherwise.kind !== 'empty') return
      expect(rule).toBe('when-down')
      expect(routes.find(({ route }) => route === -1)?.rule).toBe('when-down')
      if (whenDown.kind !== 'empty' && whenDown.kind !== 'fixed')
        expect(candidates.some(isEnabled)).toBe(true)
    })
  })

  it('no verdict makes a name vanish: with an enabled endpoint there is a record set of some type', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, (from, given) => {
        const all = used(from, given)
        fc.pre(from.whenDown.kind !== 'empty')
        fc.pre([...all.values()].flat().some(isEnabled))
        const types =
          from.whenDown.kind === 'cname' ? (['A', 'AAAA', 'CNAME'] as const) : (['A', 'AAAA'] as const)
        const records = types.map((type) => {
          try {
            return decide(from, type, all, { sites, clientMaps }).record
          } catch {
            return null
          }
        })
        expect(records.some((record) => record !== null)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('a disabled endpoint is never answered with', () => {
    everyDecision(({ record, candidates }) => {
      const off = addresses(candidates.filter((one) => !isEnabled(one)))
      for (const address of addressesOf(record)) expect(off).not.toContain(address)
    })
  })

  it('by policy only eligible endpoints are answered with, and the all-down mode decides only where a route has none', () => {
    everyDecision(({ rule, routes, candidates }) => {
      const eligible = addresses(candidates.filter((one) => one.eligible))
      for (const { rule: by, leaf, eligible: keys } of routes) {
        expect(by === 'policy').toBe(keys.length > 0)
        if (by === 'policy') {
          expect(valuesOfLeaf(leaf).length).toBeGreaterThan(0)
          for (const address of valuesOfLeaf(leaf)) expect(eligible).toContain(address)
        }
        if (by === 'passed-over') expect(leaf).toBeNull()
      }
      expect(rule === 'policy').toBe(routes.find(({ route }) => route === -1)?.rule === 'policy')
    })
  })

  it('a rule stands in its place before the policy, and has a branch of its own only while it has something eligible', () => {
    everyDecision(({ record, routes }) => {
      if (record?.kind !== 'steered' || record.selector.kind !== 'by-client') return
      const leaves = routes.filter(({ route, leaf }) => route !== -1 && leaf !== null).map(({ leaf }) => leaf)
      const branches = record.selector.branches.map(({ then }) => then)
      expect(leaves.slice(0, branches.length)).toEqual(branches)
    })
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
        fc.pre([...own.values()].flat().some(isEnabled) && from.whenDown.kind !== 'cname')
        const beside = { sites, clientMaps }
        expect(decide(from, type, all, beside)).toEqual(decide(from, type, own, beside))
      }),
    )
  })

  it('every choice is as its type says: sorted, distinct, more than are answered, weights whole and above 0', () => {
    everyDecision(({ record, routes, rule }, { policy, whenDown }) => {
      expect(addressesOf(record)).toEqual([...new Set(addressesOf(record))].sort())
      if (rule === 'when-down' && whenDown.kind === 'fixed') return
      const limit = policy.kind === 'all' || policy.kind === 'failover' ? (policy.maxAnswers ?? 1_000) : null
      for (const { leaf } of routes) {
        const values = valuesOfLeaf(leaf)
        expect(values).toEqual([...new Set(values)].sort())
        if (leaf?.kind === 'values' && limit !== null && whenDown.kind !== 'fixed')
          expect(values.length).toBeLessThanOrEqual(limit)
        if (leaf === null || !('answers' in leaf)) continue
        expect(leaf.choices.length).toBeGreaterThan(leaf.answers)
        if (leaf.kind === 'nearest') continue
        for (const { weight } of leaf.choices) expect(Number.isInteger(weight) && weight > 0).toBe(true)
      }
    })
  })

  it('weights are those of the eligible endpoints, in proportion, less what ramps and drains leave', () => {
    fc.assert(
      fc.property(anyPools, anyPoolList, anyType, (given, names, type) => {
        const from = balancer({ kind: 'weighted', pools: names })
        const { record, candidates, rule } = decide(from, type, used(from, given))
        if (rule !== 'policy' || record?.kind !== 'steered' || record.selector.kind !== 'weighted') return
        const eligible = candidates.filter((one) => one.eligible)
        const weighted = eligible.filter(({ endpoint }) => endpoint.weight > 0)
        const shares = (weighted.length > 0 ? weighted : eligible).map(({ endpoint, tenths }) => ({
          value: endpoint.address,
          share: (weighted.length > 0 ? endpoint.weight : 1) * tenths,
        }))
        const { choices } = record.selector
        const total = choices.reduce((sum, { weight }) => sum + weight, 0)
        const all = shares.reduce((sum, { share }) => sum + share, 0)
        expect(choices).toHaveLength(shares.length)
        for (const { value, weight } of choices) {
          const share = shares.find((one) => one.value === value)?.share ?? 0
          expect(weight / total).toBeCloseTo(share / all, 9)
        }
      }),
    )
  })

  it('the TTL is within its bounds, and that of calm times only where every endpoint is plainly up', () => {
    everyDecision(({ record, candidates }, { ttlSec, minTtlSec }) => {
      if (record === null) return
      expect(record.ttlSec).toBeGreaterThanOrEqual(Math.min(ttlSec, minTtlSec))
      expect(record.ttlSec).toBeLessThanOrEqual(ttlSec)
      const calm = candidates
        .filter(isEnabled)
        .every(({ reason, drainAhead }) => (reason === 'up' || reason === 'unmonitored') && !drainAhead)
      expect(record.ttlSec === ttlSec).toBe(calm)
    })
  })

  it('the order in which candidates come changes nothing', () => {
    fc.assert(
      fc.property(anyBalancer, anyPools, anyType, (from, given, type) => {
        const all = used(from, given)
        const turned = new Map(Array.from(all, ([pool, list]) => [pool, [...list].reverse()]))
        const beside = { sites, clientMaps }
        expect(decide(from, type, turned, beside).record).toEqual(decide(from, type, all, beside).record)
      }),
    )
  })
})
