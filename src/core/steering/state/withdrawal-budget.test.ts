import { describe, expect, it } from 'vitest'
import { ALL, every, heldOf, started, webPool, world, WWW } from './testing/budget-world.ts'
import { balancer, configuration, endpoints, Reader } from './testing/steering-world.ts'

const API = 'api.example.test'

describe('withdrawal budget of a load balancer', () => {
  it('W1 the default: three quarters of four or more endpoints in a minute; the rest is held, and said', () => {
    const reader = started()
    const { notes } = reader.become(every(8, 'down'))
    expect(heldOf(reader)).toEqual(['web/g', 'web/h'])
    expect(notes).toEqual([
      { kind: 'held', loadBalancer: WWW, endpoints: ['web/g', 'web/h'], budget: 'load-balancer' },
    ])
  })

  it('W1 the loss of one of two sites passes', () => {
    const reader = started()
    expect(reader.become(every(4, 'down')).notes).toEqual([])
  })

  it('W2 with fewer than four there is none, and `off` is none', () => {
    for (const options of [{ count: 3 }, { budget: 'off', settings: 'off' }, { settings: 'off' }]) {
      const reader = started(options)
      reader.become(every(options.count ?? 8, 'down'))
      expect(heldOf(reader)).toEqual([])
    }
  })

  it('W2 a budget of its own holds for few endpoints too, and never is less than one', () => {
    const reader = started({ count: 3, budget: { share: '10%', windowSec: 60 } })
    reader.become(every(3, 'down'))
    expect(heldOf(reader)).toEqual(['web/b', 'web/c'])
  })

  it('W3 when the window ends what is held goes, the first to fall first, as far as the budget reaches', () => {
    const reader = started({ budget: { share: '25%', windowSec: 60 } })
    reader.become(every(2, 'down'))
    reader.pass(30)
    reader.become(every(3, 'down', 2))
    expect(heldOf(reader)).toEqual(['web/c', 'web/d', 'web/e'])
    expect(reader.state.dueInMs(reader.now)).toBe(30_000)
    const { notes, balancers } = reader.pass(30)
    expect(heldOf(reader)).toEqual(['web/e'])
    expect(balancers).toEqual(new Set([WWW]))
    expect(notes).toEqual([
      { kind: 'hold-ended', loadBalancer: WWW, endpoints: ['web/c', 'web/d'], outcome: 'withdrawn' },
    ])
    reader.pass(60)
    expect(heldOf(reader)).toEqual([])
  })

  it('W4 what comes back frees what it took, and ends its own hold', () => {
    const reader = started({ budget: { share: '25%', windowSec: 60 } })
    reader.become(every(4, 'down'))
    expect(heldOf(reader)).toEqual(['web/c', 'web/d'])
    expect(reader.become({ 'web/d': 'up' }).notes).toEqual([
      { kind: 'hold-ended', loadBalancer: WWW, endpoints: ['web/d'], outcome: 'answered' },
    ])
    expect(reader.become({ 'web/a': 'up' }).notes).toEqual([
      { kind: 'hold-ended', loadBalancer: WWW, endpoints: ['web/c'], outcome: 'withdrawn' },
    ])
  })

  it('W4 in one call what comes back counts before what falls', () => {
    const reader = started({ count: 4, budget: { share: '25%', windowSec: 60 } })
    reader.become({ 'web/a': 'down' })
    reader.become({ 'web/b': 'down', 'web/a': 'up' })
    expect(heldOf(reader)).toEqual([])
  })

  it('W5 the endpoints of nested pools count, and those without monitors; disabled ones do not', () => {
    const reader = new Reader()
    const own = endpoints(4)
    own[3] = { ...own[3], enabled: false }
    reader.define(
      configuration({
        pools: [
          ...webPool(0, { pools: ['inner', 'plain'], endpoints: [] }),
          { name: 'inner', monitors: ['http'], endpoints: own },
          { name: 'plain', endpoints: endpoints(5) },
        ],
        loadBalancers: [balancer('www', ALL, { withdrawalBudget: { share: '25%', windowSec: 60 } })],
      }),
    )
    expect(reader.state.budget.limits.ofBalancer(WWW)).toEqual({ amount: 2, windowMs: 60_000 })
    reader.become({ 'inner/a': 'up', 'inner/b': 'up', 'inner/c': 'up' })
    reader.become({ 'inner/a': 'down', 'inner/b': 'down', 'inner/c': 'down' })
    expect(heldOf(reader)).toEqual(['inner/c'])
  })

  it('W6 each load balancer has its own: one may hold what another lets go', () => {
    const reader = new Reader()
    reader.define(
      configuration({
        pools: webPool(4),
        loadBalancers: [
          balancer('www', ALL, { withdrawalBudget: { share: '25%', windowSec: 60 } }),
          balancer('api', ALL, { withdrawalBudget: { share: '50%', windowSec: 60 } }),
        ],
      }),
    )
    reader.become(every(4, 'up'))
    reader.become(every(2, 'down'))
    expect(heldOf(reader, WWW)).toEqual(['web/b'])
    expect(heldOf(reader, API)).toEqual([])
  })
})

describe('withdrawal budget of all endpoints', () => {
  const settings = { balancerShare: '100%', totalShare: '50%' }
  const spread = (more: object = {}) =>
    configuration({
      pools: ['p', 'q', 'r'].map((name) => ({ name, monitors: ['http'], endpoints: endpoints(2) })),
      loadBalancers: ['p', 'q', 'r'].map((name) => balancer(name, { kind: 'all', pools: [name] })),
      settings: { withdrawalBudget: { ...settings, ...more } },
    })
  const keys = ['p/a', 'p/b', 'q/a', 'q/b', 'r/a', 'r/b']
  const allOf = (state: 'up' | 'down') => Object.fromEntries(keys.map((key) => [key, state]))

  it('W7 counts every monitored endpoint once, and holds across load balancers', () => {
    const reader = new Reader()
    reader.define(spread())
    reader.become(allOf('up'))
    const { notes } = reader.become(allOf('down'))
    expect([...reader.state.budget.holds()].map((one) => one.endpoint)).toEqual(['q/b', 'r/a', 'r/b'])
    expect(notes.map((one) => one.kind === 'held' && one.budget)).toEqual(['total', 'total'])
    reader.pass(60)
    expect([...reader.state.budget.holds()]).toEqual([])
  })

  it('W7 what it frees in one load balancer goes to another that waits', () => {
    const reader = new Reader()
    reader.define(spread())
    reader.become(allOf('up'))
    reader.become(allOf('down'))
    const { balancers } = reader.become({ 'p/a': 'up' })
    expect(balancers).toEqual(new Set(['p.example.test', 'q.example.test']))
    expect([...reader.state.budget.holds()].map((one) => one.endpoint)).toEqual(['r/a', 'r/b'])
  })

  it('W8 an endpoint that one load balancer took out takes no more of it by another', () => {
    const reader = new Reader()
    reader.define(
      configuration({
        pools: webPool(4),
        loadBalancers: [balancer('www', ALL), balancer('api', ALL)],
        settings: { withdrawalBudget: { balancerShare: '100%', totalShare: '50%' } },
      }),
    )
    reader.become(every(4, 'up'))
    reader.become(every(4, 'down'))
    expect(reader.state.budget.spent(null)).toBe(2)
    expect(heldOf(reader, WWW)).toEqual(['web/c', 'web/d'])
    expect(heldOf(reader, API)).toEqual(['web/c', 'web/d'])
    reader.pass(60)
    expect([...reader.state.budget.holds()]).toEqual([])
  })
})

describe('withdrawal budget and operators', () => {
  const tight = { count: 4, budget: { share: '25%', windowSec: 60 } }
  const release = (name: string, releasedAtMs: number) =>
    ({ kind: 'budgetRelease', key: name, spec: { name, releasedAtMs, author: 'ops' } }) as const

  it('W9 a release lets go what is held now, and nothing that is held later', () => {
    for (const name of [WWW, '*']) {
      const reader = started(tight)
      reader.become(every(3, 'down'))
      reader.pass(5)
      expect(reader.define(world(tight, release(name, reader.now.wallMs)))).toEqual([
        { kind: 'hold-ended', loadBalancer: WWW, endpoints: ['web/b', 'web/c'], outcome: 'released' },
      ])
      reader.pass(1)
      reader.become({ 'web/d': 'down' })
      expect(heldOf(reader)).toEqual(['web/d'])
      reader.define(world(tight, release(name, reader.now.wallMs - 1_000)))
      expect(heldOf(reader)).toEqual(['web/d'])
    }
  })

  it('W9 a release of another load balancer is none', () => {
    const reader = started(tight)
    reader.become(every(2, 'down'))
    reader.define(world(tight, release(API, reader.now.wallMs)))
    expect(heldOf(reader)).toEqual(['web/b'])
  })

  it('W10 what was released does not count: the budget goes on with what verdicts took', () => {
    const reader = started(tight)
    reader.become(every(2, 'down'))
    reader.define(world(tight, release(WWW, reader.now.wallMs)))
    expect(reader.state.budget.spent(WWW)).toBe(1)
    reader.pass(60)
    reader.become({ 'web/c': 'down' })
    expect(heldOf(reader)).toEqual([])
  })

  it('W11 a new configuration: a larger budget lets go, a smaller one takes nothing back, what is gone is forgotten', () => {
    const reader = started(tight)
    reader.become(every(3, 'down'))
    expect(heldOf(reader)).toEqual(['web/b', 'web/c'])
    reader.define(world({ ...tight, budget: { share: '50%', windowSec: 60 } }))
    expect(heldOf(reader)).toEqual(['web/c'])
    reader.define(world({ ...tight, budget: { share: '25%', windowSec: 60 } }))
    expect(heldOf(reader)).toEqual(['web/c'])
    reader.define(world({ ...tight, count: 2 }))
    expect(heldOf(reader)).toEqual([])
    expect(reader.state.budget.spent(WWW)).toBe(2)
    reader.define(world({ ...tight, budget: 'off' }))
    expect(reader.state.budget.spent(WWW)).toBe(0)
  })

  it('W11 a load balancer that is new, or a pool that it newly has, takes nothing out that was down before', () => {
    const reader = started({ count: 4 })
    reader.become(every(4, 'down'))
    reader.pass(3_600)
    const more = configuration({
      pools: webPool(4),
      loadBalancers: [balancer('www', ALL), balancer('api', ALL)],
    })
    expect(reader.define(more)).toEqual([])
    expect(reader.state.budget.spent(API)).toBe(0)
  })
})
