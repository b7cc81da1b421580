import { describe, expect, it } from 'vitest'
import { every, heldOf, started, world } from './testing/budget-world.ts'

describe('withdrawal budget and restarts', () => {
  const tight = { count: 4, budget: { share: '25%', windowSec: 60 } }

  it('W12 what was taken and what was held are known after a restart, and time has passed', () => {
    const reader = started(tight)
    reader.become(every(2, 'down'))
    reader.restart(20)
    reader.define(world(tight))
    expect(heldOf(reader)).toEqual(['web/b'])
    reader.become({ 'web/c': 'down' })
    expect(heldOf(reader)).toEqual(['web/b', 'web/c'])
    expect(reader.state.dueInMs(reader.now)).toBe(40_000)
    reader.pass(40)
    expect(heldOf(reader)).toEqual(['web/c'])
  })

  it('W12 what came back while the reader was away is free', () => {
    const reader = started(tight)
    reader.become(every(2, 'down'))
    const saved = reader.state.save(reader.now)
    reader.become({ 'web/b': 'up' })
    reader.restart(1, saved)
    reader.define(world(tight))
    expect(heldOf(reader)).toEqual([])
    reader.become({ 'web/c': 'down' })
    expect(heldOf(reader)).toEqual(['web/c'])
  })

  it('W12 a reader that has not judged yet forgets nothing', () => {
    const reader = started(tight)
    reader.become(every(2, 'down'))
    const saved = reader.state.save(reader.now)
    reader.become(every(2, 'unknown'))
    reader.restart(1, saved)
    expect(reader.define(world(tight))).toEqual([])
    reader.become({ 'web/b': 'down' })
    expect(heldOf(reader)).toEqual(['web/b'])
    reader.become({ 'web/a': 'up' })
    expect(heldOf(reader)).toEqual([])
  })

  it('W12 a wall clock that was set back makes a window longer, never shorter', () => {
    const reader = started(tight)
    reader.become(every(2, 'down'))
    reader.restart(-3_600)
    reader.define(world(tight))
    expect(reader.state.dueInMs(reader.now)).toBe(60_000)
  })
})
