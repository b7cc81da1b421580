import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges } from '../../model/configuration.ts'
import type { Latch } from '../../model/latch.ts'
import { policySchema } from '../../model/policy.ts'
import { agreedLatch, joinLatches } from './latches.ts'
import { balancer, configuration, Reader } from './testing/steering-world.ts'

const WWW = 'www.example.test'
const POOLS = ['p0', 'p1', 'p2']
const tiers = (names: readonly string[]) => names.map((pool) => ({ pool }))
const policyOf = (names: readonly string[], more: object = {}) => ({
  kind: 'failover',
  tiers: tiers(names),
  latch: true,
  ...more,
})

const world = (policy: object = policyOf(POOLS), latch?: Latch) =>
  configuration(
    {
      pools: POOLS.map((name) => ({ name })),
      loadBalancers: [balancer('www', policy)],
    },
    ...(latch === undefined ? [] : [{ kind: 'latch', key: WWW, spec: latch } as const]),
  )

const on = (tier: number, route = -1) => [{ route, type: 'A', tier }] as const
const latchOf = (generation: number, pool: string): Latch => ({
  name: WWW,
  generation,
  tiers: [{ route: -1, type: 'A', pool }],
})
const tierOf = (reader: Reader, type: 'A' | 'AAAA' = 'A', route = -1) =>
  reader.state.view.latchedTier(WWW, route, type)

describe('latches', () => {
  it('L1 a later tier that answers is where the answers stay, each type and route for itself', () => {
    const reader = new Reader()
    reader.define(world())
    expect(reader.state.observe(WWW, on(0))).toEqual([])
    expect(reader.state.observe(WWW, on(1))).toEqual([
      { kind: 'latched', loadBalancer: WWW, route: -1, type: 'A', pool: 'p1' },
    ])
    expect(tierOf(reader)).toBe(1)
    expect(tierOf(reader, 'AAAA')).toBe(0)
    expect(tierOf(reader, 'A', 0)).toBe(0)
  })

  it('L2 it moves to later tiers alone: an earlier one that answers for want of another changes nothing', () => {
    const reader = new Reader()
    reader.define(world())
    reader.state.observe(WWW, on(1))
    expect(reader.state.observe(WWW, on(1))).toEqual([])
    expect(reader.state.observe(WWW, on(0))).toEqual([])
    expect(tierOf(reader)).toBe(1)
    reader.state.observe(WWW, on(2))
    expect(tierOf(reader)).toBe(2)
  })

  it('L3 a policy that does not latch, or has no tiers, never does', () => {
    for (const policy of [
      policyOf(POOLS, { latch: false }),
      { kind: 'weighted', pools: POOLS, latch: true },
    ]) {
      const reader = new Reader()
      reader.define(world(policy))
      expect(reader.state.observe(WWW, on(1))).toEqual([])
      expect(tierOf(reader)).toBe(0)
    }
  })

  it('L4 a restart keeps it, also before the first configuration', () => {
    const reader = new Reader()
    reader.define(world())
    reader.state.observe(WWW, on(1))
    reader.restart(60)
    reader.restart(60)
    reader.define(world())
    expect(tierOf(reader)).toBe(1)
  })

  it('L5 what is shared reaches a reader that knows nothing, and one that is behind', () => {
    const reader = new Reader()
    reader.define(world(policyOf(POOLS), latchOf(0, 'p1')))
    expect(tierOf(reader)).toBe(1)
    reader.define(world(policyOf(POOLS), latchOf(0, 'p2')))
    expect(tierOf(reader)).toBe(2)
    reader.define(world(policyOf(POOLS), latchOf(0, 'p1')))
    expect(tierOf(reader)).toBe(2)
  })

  it('L6 a failback is a new generation: it clears, and what is of an older one does not come back', () => {
    const reader = new Reader()
    reader.define(world())
    reader.state.observe(WWW, on(1))
    reader.define(world(policyOf(POOLS), { name: WWW, generation: 1, tiers: [] }))
    expect(tierOf(reader)).toBe(0)
    reader.define(world(policyOf(POOLS), latchOf(0, 'p1')))
    expect(tierOf(reader)).toBe(0)
    reader.restart(1)
    reader.define(world(policyOf(POOLS), latchOf(0, 'p1')))
    expect(tierOf(reader)).toBe(0)
    reader.state.observe(WWW, on(1))
    expect(reader.state.latches.save()).toEqual([latchOf(1, 'p1')])
  })

  it('L7 it is the pool that is kept: it follows its pool when tiers change, and ends with it', () => {
    const reader = new Reader()
    reader.define(world())
    reader.state.observe(WWW, on(1))
    reader.define(world(policyOf(['p2', 'p0', 'p1'])))
    expect(tierOf(reader)).toBe(2)
    reader.define(world(policyOf(['p1', 'p0'])))
    expect(tierOf(reader)).toBe(0)
    reader.define(world(policyOf(['p0', 'p1'])))
    expect(tierOf(reader)).toBe(0)
  })

  it('L8 a load balancer that is gone, or stopped latching, is forgotten', () => {
    const reader = new Reader()
    reader.define(world())
    reader.state.observe(WWW, on(1))
    reader.define(world(policyOf(POOLS, { latch: false })))
    reader.define(world())
    expect(tierOf(reader)).toBe(0)
    reader.state.observe(WWW, on(1))
    reader.define(applyChanges(world(), [{ op: 'delete', kind: 'loadBalancer', key: WWW }]))
    expect(reader.state.latches.save()).toEqual([])
  })

  it('L9 readers that heard the same in any order know the same: joining is commutative, associative, idempotent', () => {
    const policy = policySchema.parse(
      policyOf(POOLS, { rules: [{ when: { asns: [64500] }, tiers: tiers(['p1', 'p2', 'p0']) }] }),
    )
    const tier = fc.record({
      route: fc.constantFrom(-1, 0, 1),
      type: fc.constantFrom('A' as const, 'AAAA' as const),
      pool: fc.constantFrom(...POOLS, 'gone'),
    })
    const latch = fc.record({
      name: fc.constant(WWW),
      generation: fc.nat(2),
      tiers: fc.uniqueArray(tier, { selector: ({ route, type }) => `${route} ${type}`, maxLength: 4 }),
    })
    const join = (a: Latch | undefined, b: Latch | undefined) => joinLatches(policy, a, b)
    fc.assert(
      fc.property(latch, latch, latch, (a, b, c) => {
        expect(join(a, b)).toEqual(join(b, a))
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)))
        expect(join(join(a, b), b)).toEqual(join(a, b))
        expect(join(join(a, undefined), undefined)).toEqual(join(a, a))
      }),
    )
  })
})

describe('what several nameservers say together', () => {
  const policy = policySchema.parse(policyOf(POOLS))
  const none = { ...latchOf(0, ''), tiers: [] }
  const agreed = (needed: number, ...reports: Latch[]) => agreedLatch(policy, reports, needed)

  it('L10 what fewer than needed report is not there, however often they say it', () => {
    const often = { ...none, tiers: [...latchOf(0, 'p2').tiers, ...latchOf(0, 'p2').tiers] }
    expect(agreed(2, often, none, none)?.tiers).toEqual([])
    expect(agreed(2, latchOf(9, 'p2'), none, none)).toEqual(none)
    expect(agreed(2, latchOf(9, 'p2'), latchOf(7, 'p1'), none)).toEqual({ ...none, generation: 7 })
    expect(agreed(2, latchOf(9, 'p2'))).toBeUndefined()
  })

  it('L11 the latest tier that so many have reached', () => {
    expect(agreed(2, latchOf(0, 'p1'), latchOf(0, 'p2'), none)).toEqual(latchOf(0, 'p1'))
    expect(agreed(1, latchOf(0, 'p1'), latchOf(0, 'p2'), none)).toEqual(latchOf(0, 'p2'))
    expect(agreed(2, latchOf(3, 'p2'), latchOf(3, 'p2'), none)).toEqual(latchOf(3, 'p2'))
  })
})
