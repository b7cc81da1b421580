import { describe, expect, it } from 'vitest'
import { plainView } from '../steering-view.ts'
import { balancer, configuration, endpoints, Reader, START } from './testing/steering-world.ts'

const WWW = 'www.example.test'
const API = 'api.example.test'
const reason = 'test'

const world = (more: object = {}) =>
  configuration({
    pools: [
      { name: 'web', monitors: ['http'], rampSec: 100, endpoints: endpoints(4) },
      { name: 'api', monitors: ['http'], endpoints: endpoints(4) },
    ],
    loadBalancers: [
      balancer('www', { kind: 'weighted', pools: ['web'] }),
      balancer('api', { kind: 'failover', tiers: [{ pool: 'api' }, { pool: 'web' }], latch: true }),
    ],
    ...more,
  })
const allOf = (pool: string, state: 'up' | 'down') =>
  Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${pool}/${name}`, state]))

describe('steering state', () => {
  it('S3 the view of a reader that begins is the plain one', () => {
    const { state, now } = new Reader()
    const { wallMs, ...rest } = plainView(() => undefined)
    expect(state.view.wallMs).toBe(wallMs)
    expect(rest.rampShare('web/a')).toBe(state.view.rampShare('web/a'))
    expect(rest.isHeld(WWW, 'web/a')).toBe(state.view.isHeld(WWW, 'web/a'))
    expect(rest.latchedTier(WWW, -1, 'A')).toBe(state.view.latchedTier(WWW, -1, 'A'))
    expect(state.dueInMs(now)).toBeNull()
  })

  it('S1 a transition names the load balancers over its pool, and those that the budget changes by it', () => {
    const reader = new Reader()
    reader.define(world({ settings: { withdrawalBudget: { balancerShare: '100%', totalShare: '50%' } } }))
    reader.become({ ...allOf('web', 'up'), ...allOf('api', 'up') })
    expect(reader.become(allOf('api', 'down')).balancers).toEqual(new Set([API]))
    expect(reader.become({ 'web/a': 'down' }).balancers).toEqual(new Set([WWW, API]))
    expect(reader.state.view.isHeld(WWW, 'web/a')).toBe(true)
    expect(reader.become({ 'api/a': 'up' }).balancers).toEqual(new Set([WWW, API]))
    expect(reader.state.view.isHeld(WWW, 'web/a')).toBe(false)
  })

  it('S2 what is due is due with a transition too: the view is of one moment', () => {
    const reader = new Reader()
    reader.define(
      world({
        overrides: [{ name: 'web/a', state: 'forced-down', reason, expiresAtMs: START.wallMs + 5_000 }],
      }),
    )
    expect(reader.state.view.wallMs).toBe(START.wallMs)
    reader.now = { wallMs: START.wallMs + 5_000, monotonicMs: START.monotonicMs + 5_000 }
    expect(reader.state.view.wallMs).toBe(START.wallMs)
    expect(reader.become({ 'api/a': 'up' }).balancers).toEqual(new Set([API, WWW]))
    expect(reader.state.view.wallMs).toBe(START.wallMs + 5_000)
  })

  it('S3 a restart between any two calls gives the same view', () => {
    const reader = new Reader()
    reader.define(world())
    reader.become({ ...allOf('web', 'up'), ...allOf('api', 'up') })
    reader.become(allOf('api', 'down'))
    reader.become({ 'web/a': 'down' })
    reader.state.observe(API, [{ route: -1, type: 'A', tier: 1 }])
    reader.pass(10)
    reader.become({ 'web/a': 'up' })
    reader.pass(25)
    const look = () => ({
      ramp: reader.state.view.rampShare('web/a'),
      held: [...reader.state.budget.holds()],
      tier: reader.state.view.latchedTier(API, -1, 'A'),
      dueInMs: reader.state.dueInMs(reader.now),
    })
    const before = look()
    expect(before).toMatchObject({ ramp: 0.2, tier: 1, dueInMs: 5_000 })
    reader.restart(0)
    reader.define(world())
    expect(look()).toEqual(before)
  })

  it('S4 what was saved waits for its first configuration: a restart before it loses nothing', () => {
    const reader = new Reader()
    reader.define(world())
    reader.become(allOf('api', 'up'))
    reader.become(allOf('api', 'down'))
    const saved = reader.state.save(reader.now)
    reader.restart(1)
    expect(reader.state.save(reader.now)).toEqual(saved)
    expect(saved.falls).toHaveLength(4)
  })

  it('S6 a fall or a tick costs what it touches, with 100,000 endpoints as with ten', () => {
    const pools = Array.from({ length: 10_000 }, (_, index) => ({
      name: `p${index}`,
      monitors: ['http'],
      endpoints: endpoints(10),
    }))
    const large = configuration({
      pools,
      loadBalancers: pools.map(({ name }) => balancer(name, { kind: 'weighted', pools: [name] })),
    })
    const reader = new Reader()
    reader.define(large)
    let asked = 0
    const counted = new Reader(reader.now)
    counted.verdicts = new Proxy(counted.verdicts, {
      get: (map, property) => {
        if (property === 'get') asked += 1
        const value: unknown = Reflect.get(map, property, map)
        return typeof value === 'function' ? (value.bind(map) as unknown) : value
      },
    })
    counted.define(large)
    counted.become({ 'p7/a': 'up' })
    asked = 0
    expect(counted.become({ 'p7/a': 'down' }).balancers).toEqual(new Set(['p7.example.test']))
    counted.pass(60)
    expect(asked).toBeLessThan(10)
  })
})
