import { describe, expect, it } from 'vitest'
import { balancer, configuration, endpoints, Reader } from './testing/steering-world.ts'

const WWW = 'www.example.test'
const reason = 'test'

/** Four endpoints, all up; one may be taken out. */
function world(more: object = {}) {
  return configuration({
    pools: [{ name: 'web', monitors: ['http'], endpoints: endpoints(4) }],
    loadBalancers: [
      balancer('www', { kind: 'all', pools: ['web'] }, { withdrawalBudget: { share: '25%', windowSec: 60 } }),
    ],
    ...more,
  })
}

function started(): Reader {
  const reader = new Reader()
  reader.define(world())
  reader.become({ 'web/a': 'up', 'web/b': 'up', 'web/c': 'up', 'web/d': 'up' })
  return reader
}

const spent = (reader: Reader) => reader.state.budget.spent(WWW)

describe('falls', () => {
  it('F1 a verdict that goes from up to down counts; one that is down from the start does not', () => {
    const reader = new Reader()
    reader.define(world())
    reader.become({ 'web/a': 'down', 'web/b': 'up' })
    expect(spent(reader)).toBe(0)
    reader.become({ 'web/b': 'down' })
    expect(spent(reader)).toBe(1)
  })

  it('F2 nor does the fall of what an operator has out already, forced down, drained or disabled', () => {
    const drain = { name: 'endpoint/web/b', startAtMs: 0, reason }
    const reader = started()
    const pool = { name: 'web', monitors: ['http'], endpoints: endpoints(4) }
    pool.endpoints[2] = { ...pool.endpoints[2], enabled: false }
    reader.define(
      world({
        overrides: [{ name: 'web/a', state: 'forced-down', reason }],
        drains: [drain],
        pools: [pool],
      }),
    )
    reader.become({ 'web/a': 'down', 'web/b': 'down', 'web/c': 'down' })
    expect(spent(reader)).toBe(0)
    expect([...reader.state.budget.holds()]).toEqual([])
    // Let in again while they are down, nothing is taken out of the answers: they were not in them.
    reader.define(world())
    expect(spent(reader)).toBe(0)
    expect([...reader.state.budget.holds()]).toEqual([])
  })

  it('F3 what is forced up is answered; it counts when that ends and it is down still', () => {
    const reader = started()
    const expiresAtMs = reader.now.wallMs + 10_000
    reader.define(world({ overrides: [{ name: 'web/a', state: 'forced-up', reason, expiresAtMs }] }))
    reader.become({ 'web/a': 'down' })
    expect(spent(reader)).toBe(0)
    reader.pass(10)
    expect(spent(reader)).toBe(1)
  })

  it('F4 while it drains it is answered: its fall counts until it would be out anyway', () => {
    const reader = started()
    const drain = { name: 'endpoint/web/a', startAtMs: reader.now.wallMs, drainSec: 20, reason }
    reader.define(world({ drains: [drain] }))
    reader.pass(5)
    reader.become({ 'web/a': 'down' })
    expect(spent(reader)).toBe(1)
    reader.pass(15)
    expect(spent(reader)).toBe(0)
  })

  it('F5 an operator who takes out what is held ends the hold', () => {
    const reader = started()
    reader.become({ 'web/a': 'down' })
    const { notes } = reader.become({ 'web/b': 'down' })
    expect(notes).toEqual([
      { kind: 'held', loadBalancer: WWW, endpoints: ['web/b'], budget: 'load-balancer' },
    ])
    reader.define(world({ overrides: [{ name: 'web/b', state: 'forced-down', reason }] }))
    expect([...reader.state.budget.holds()]).toEqual([])
    expect(spent(reader)).toBe(1)
  })

  it('F6 what was saved as down with the verdicts alone falls at the start, and is held where the budget is spent', () => {
    const reader = started()
    reader.become({ 'web/a': 'down' })
    const early = reader.state.save(reader.now)
    reader.become({ 'web/b': 'down' })
    reader.restart(1, early)
    expect(reader.define(world())).toEqual([
      { kind: 'held', loadBalancer: WWW, endpoints: ['web/b'], budget: 'load-balancer' },
    ])
  })

  it('F6 with nothing saved at all nothing is known to have fallen', () => {
    const reader = started()
    reader.become({ 'web/a': 'down', 'web/b': 'down' })
    const fresh = new Reader(reader.now)
    fresh.verdicts = reader.verdicts
    expect(fresh.define(world())).toEqual([])
  })
})
