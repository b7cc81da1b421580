import { describe, expect, it } from 'vitest'
import { balancer, configuration, endpoints, Reader } from '../core/steering/state/testing/steering-world.ts'
import { operationsView } from './operations-view.ts'

const reason = 'test'

/** A drain that began at 0 s; `sec` later, on a load balancer with these times to live. */
function drainAt(sec: number, { drainSec = 0, ttlSec = 60, minTtlSec = 5, startSec = 0 } = {}) {
  const reader = new Reader()
  const startMs = reader.now.wallMs
  const world = configuration({
    pools: [{ name: 'web', monitors: ['http'], endpoints: endpoints(3) }],
    loadBalancers: [
      balancer('www', { kind: 'all', pools: ['web'] }, { ttlSec, minTtlSec }),
      balancer('api', { kind: 'all', pools: ['web'] }, { ttlSec: 1, minTtlSec: 1 }),
    ],
    drains: [{ name: 'site/ams', startAtMs: startMs + startSec * 1_000, drainSec, reason }],
  })
  reader.define(world)
  const view = operationsView({ configuration: world, state: reader.state, wallMs: startMs + sec * 1_000 })
  const [drain] = view.drains
  if (drain === undefined) throw new Error('a drain was made')
  return { ...drain, heldUntilSec: (drain.heldUntilMs - startMs) / 1_000 }
}

describe('what resolvers may still hold', () => {
  it('of a drain at once, what was answered before it with the long time to live', () => {
    expect(drainAt(0)).toMatchObject({ phase: 'drained', heldUntilSec: 60, heldShare: 1 })
    expect(drainAt(45)).toMatchObject({ heldShare: 0.25 })
    expect(drainAt(60)).toMatchObject({ heldShare: 0 })
    expect(drainAt(3_600)).toMatchObject({ heldShare: 0 })
  })

  it('of a slow one the short time to live alone: what was answered before it has gone by then', () => {
    expect(drainAt(10, { drainSec: 300 })).toMatchObject({
      phase: 'draining',
      heldUntilSec: 305,
      heldShare: 1,
    })
    expect(drainAt(301, { drainSec: 300 })).toMatchObject({
      phase: 'drained',
      heldUntilSec: 305,
      heldShare: 0.8,
    })
  })

  it('of a planned one everything, until it has drained', () => {
    expect(drainAt(0, { startSec: 600, drainSec: 300 })).toMatchObject({
      ...{ phase: 'planned', share: 1, heldUntilSec: 905, heldShare: 1 },
      ...{ endpoints: 3, loadBalancers: 2, expiresAtMs: null },
    })
  })
})

describe('overrides, latches and the budget', () => {
  it('as they stand, with the verdict beside each override', () => {
    const reader = new Reader()
    const { wallMs } = reader.now
    const spec = {
      name: 'www.example.test',
      generation: 2,
      tiers: [{ route: -1, type: 'A', pool: 'b' }],
    } as const
    const world = configuration(
      {
        pools: [{ name: 'web', monitors: ['http'], endpoints: endpoints(8) }, { name: 'b' }],
        loadBalancers: [
          balancer('www', { kind: 'failover', tiers: [{ pool: 'web' }, { pool: 'b' }], latch: true }),
        ],
        overrides: [
          { name: 'web/a', state: 'forced-down', reason, author: 'ann', expiresAtMs: wallMs },
          { name: 'web/b', state: 'forced-up', reason },
        ],
      },
      { kind: 'latch', key: spec.name, spec: { ...spec, tiers: [...spec.tiers] } },
    )
    reader.define(world)
    const every = (state: 'up' | 'down') =>
      Object.fromEntries(['c', 'd', 'e', 'f', 'g', 'h', 'a', 'b'].map((name) => [`web/${name}`, state]))
    reader.become(every('up'))
    reader.become(every('down'))
    const view = operationsView({ configuration: world, state: reader.state, wallMs })
    expect(view.overrides).toMatchObject([
      { endpoint: 'web/a', state: 'forced-down', author: 'ann', expired: true, verdict: 'down' },
      { endpoint: 'web/b', state: 'forced-up', expired: false, verdict: 'down' },
    ])
    expect(view.latches).toEqual([{ loadBalancer: spec.name, generation: 2, tiers: spec.tiers }])
    expect(view.budget).toEqual({
      total: { spent: 6, limit: 6, windowSec: 60 },
      loadBalancers: [{ name: spec.name, spent: 6, limit: 6, windowSec: 60, held: 1 }],
      held: 1,
      holds: [{ loadBalancer: spec.name, endpoint: 'web/a', sinceMs: wallMs }],
    })
  })
})
