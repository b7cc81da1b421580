import { describe, expect, it } from 'vitest'
import { balancer, configuration, endpoints, Reader } from './testing/steering-world.ts'

const world = (more: object = {}) =>
  configuration({
    pools: [{ name: 'web', monitors: ['http'], rampSec: 100, endpoints: endpoints(3), ...more }],
    loadBalancers: [balancer('www', { kind: 'weighted', pools: ['web'] })],
  })

function recovering(): Reader {
  const reader = new Reader()
  reader.define(world())
  reader.become({ 'web/a': 'up', 'web/b': 'up', 'web/c': 'up' })
  reader.become({ 'web/a': 'down' })
  reader.pass(30)
  return reader
}

describe('ramps', () => {
  it('R1 the weight of what came back begins at a tenth and grows to its own over rampSec, in tenths', () => {
    const reader = recovering()
    expect(reader.become({ 'web/a': 'up' }).balancers).toEqual(new Set(['www.example.test']))
    const shares = [reader.state.view.rampShare('web/a')]
    for (let step = 1; step <= 10; step += 1) {
      reader.pass(10)
      shares.push(reader.state.view.rampShare('web/a'))
    }
    expect(shares).toEqual([0.1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    expect(reader.state.view.rampShare('web/b')).toBe(1)
  })

  it('R1 S5 each step names the load balancers, and the next one is known', () => {
    const reader = recovering()
    reader.become({ 'web/a': 'up' })
    expect(reader.state.dueInMs(reader.now)).toBe(20_000)
    expect(reader.pass(19.999).balancers).toEqual(new Set())
    expect(reader.pass(0.001).balancers).toEqual(new Set(['www.example.test']))
    expect(reader.state.dueInMs(reader.now)).toBe(10_000)
    reader.pass(1_000)
    expect(reader.state.view.rampShare('web/a')).toBe(1)
  })

  it('R2 a fall ends a ramp; the next return begins anew', () => {
    const reader = recovering()
    reader.become({ 'web/a': 'up' })
    reader.pass(50)
    reader.become({ 'web/a': 'down' })
    expect(reader.state.view.rampShare('web/a')).toBe(1)
    reader.become({ 'web/a': 'up' })
    expect(reader.state.view.rampShare('web/a')).toBe(0.1)
  })

  it('R3 what is found up for the first time does not ramp, nor what only was degraded, nor a pool without rampSec', () => {
    const reader = new Reader()
    reader.define(world())
    reader.become({ 'web/a': 'up' })
    expect(reader.state.view.rampShare('web/a')).toBe(1)
    reader.become({ 'web/b': 'down' })
    reader.define(world({ rampSec: 0 }))
    reader.become({ 'web/b': 'up' })
    expect(reader.state.view.rampShare('web/b')).toBe(1)
  })

  it('R3 nor what was answered all the time: held by the budget, or forced up', () => {
    const reader = new Reader()
    const document = {
      pools: [{ name: 'web', monitors: ['http'], rampSec: 100, endpoints: endpoints(2) }],
      loadBalancers: [
        balancer(
          'www',
          { kind: 'weighted', pools: ['web'] },
          { withdrawalBudget: { share: '50%', windowSec: 60 } },
        ),
      ],
    }
    reader.define(configuration(document))
    reader.become({ 'web/a': 'up', 'web/b': 'up' })
    reader.become({ 'web/a': 'down' })
    reader.become({ 'web/b': 'down' })
    expect(reader.state.view.isHeld('www.example.test', 'web/b')).toBe(true)
    reader.become({ 'web/b': 'up' })
    expect(reader.state.view.rampShare('web/b')).toBe(1)
    reader.define(
      configuration({ ...document, overrides: [{ name: 'web/b', state: 'forced-up', reason: 'test' }] }),
    )
    reader.become({ 'web/b': 'down' })
    reader.become({ 'web/b': 'up' })
    expect(reader.state.view.rampShare('web/b')).toBe(1)
  })

  it('R4 a ramp goes on over a restart, and over a wall clock that was set back it only lasts longer', () => {
    const reader = recovering()
    reader.become({ 'web/a': 'up' })
    reader.pass(50)
    reader.restart(10)
    reader.define(world())
    expect(reader.state.view.rampShare('web/a')).toBe(0.6)
    reader.restart(-1_000)
    reader.define(world())
    expect(reader.state.view.rampShare('web/a')).toBe(0.1)
    reader.pass(100)
    expect(reader.state.view.rampShare('web/a')).toBe(1)
  })

  it('R5 what an operator had out of the answers ramps up when that ends, by itself or by hand', () => {
    const reader = new Reader()
    const drain = { name: 'site/ams', startAtMs: reader.now.wallMs, reason: 'test' }
    const document = {
      pools: [{ name: 'web', monitors: ['http'], rampSec: 100, endpoints: endpoints(2) }],
      loadBalancers: [balancer('www', { kind: 'weighted', pools: ['web'] })],
    }
    const drained = configuration({
      ...document,
      drains: [{ ...drain, expiresAtMs: reader.now.wallMs + 60_000 }],
    })
    reader.define(drained)
    reader.become({ 'web/a': 'up', 'web/b': 'down' })
    expect(reader.pass(60).balancers).toEqual(new Set(['www.example.test']))
    expect(reader.state.view.rampShare('web/a')).toBe(0.1)
    expect(reader.state.view.rampShare('web/b')).toBe(1)
    reader.pass(100)
    reader.define(
      configuration({ ...document, overrides: [{ name: 'web/a', state: 'forced-down', reason: 'test' }] }),
    )
    expect(reader.state.view.rampShare('web/a')).toBe(1)
    reader.define(configuration(document))
    expect(reader.state.view.rampShare('web/a')).toBe(0.1)
  })
})
