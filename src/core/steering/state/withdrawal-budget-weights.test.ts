import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { every, heldOf, WWW } from './testing/budget-world.ts'
import { balancer, configuration, endpoints, Reader } from './testing/steering-world.ts'

/** Endpoints a, b, c... with these weights, half of whose capacity may go. */
function started(weights: readonly number[], kind: 'weighted' | 'sticky' | 'all' = 'weighted'): Reader {
  const reader = new Reader()
  const members = endpoints(weights.length).map((one, index) => ({ ...one, weight: weights[index] }))
  reader.define(
    configuration({
      pools: [{ name: 'web', monitors: ['http'], endpoints: members }],
      loadBalancers: [
        balancer('www', { kind, pools: ['web'] }, { withdrawalBudget: { share: '50%', windowSec: 60 } }),
      ],
      settings: { withdrawalBudget: 'off' },
    }),
  )
  reader.become(every(weights.length, 'up'))
  return reader
}

describe('withdrawal budget where a policy goes by weights', () => {
  it('W15 capacity is weight: a heavy endpoint spends what many light ones would', () => {
    for (const kind of ['weighted', 'sticky'] as const) {
      const reader = started([100, 1, 1, 1, 1, 1, 1, 1], kind)
      reader.become(every(3, 'down'))
      expect(heldOf(reader)).toEqual(['web/b', 'web/c'])
      expect(reader.state.budget.spent(WWW)).toBe(100)
    }
    const counted = started([100, 1, 1, 1, 1, 1, 1, 1], 'all')
    counted.become(every(5, 'down'))
    expect(heldOf(counted)).toEqual(['web/e'])
  })

  it('W15 what comes back gives its weight back', () => {
    const reader = started([10, 6, 6, 6])
    reader.become(every(3, 'down'))
    expect(heldOf(reader)).toEqual(['web/b', 'web/c'])
    reader.become(every(1, 'up'))
    expect([heldOf(reader), reader.state.budget.spent(WWW)]).toEqual([[], 12])
  })

  it('W15 any weights, any falls and returns: no more than the limit is out within the window, or one endpoint', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 10 })
    const steps = fc.array(fc.tuple(fc.nat(9), fc.boolean()), { maxLength: 40 })
    fc.assert(
      fc.property(weights, steps, (given, falls) => {
        fc.pre(given.some((weight) => weight > 0))
        const reader = started(given)
        const down = new Set<number>()
        for (const [at, isDown] of falls) {
          const index = at % given.length
          reader.become(every(1, isDown ? 'down' : 'up', index))
          if (isDown) down.add(index)
          else down.delete(index)
          const held = new Set(heldOf(reader))
          const out = [...down].filter((one) => !held.has(Object.keys(every(1, 'up', one))[0] ?? ''))
          const capacity = given.reduce((sum, weight) => sum + weight, 0)
          const taken = out.reduce((sum, one) => sum + (given[one] ?? 0), 0)
          expect(out.length <= 1 || taken <= Math.max(1, Math.floor(capacity / 2))).toBe(true)
          expect(reader.state.budget.spent(WWW)).toBe(taken)
        }
      }),
    )
  })
})
