import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { definitionsOf } from '../core/health/definition.ts'
import type { ReportedRegister } from '../core/health/frame.ts'
import { runChecker } from './testing/run-checker.ts'
import { resultOf } from './testing/scripted-prober.ts'
import { HTTP, manyEndpoints, ONE_ENDPOINT, snapshotOf, type SnapshotParts } from './testing/snapshots.ts'

const running = (parts: SnapshotParts | null, options: { readonly maxProbes?: number } = {}) =>
  runChecker({ feed: new LocalFeed(), parts, ...options })

describe('frames', () => {
  it('the first is a snapshot with everything, also before there is a configuration', async () => {
    const { sink, feed, clock } = await running(null)
    const envelope = { checker: 'c', site: 's1', incarnation: 42, fenced: false, loss: 0 }
    expect(sink.frames).toEqual([
      { ...envelope, sequence: 1, revision: 0, gridMs: 1_000, registers: [], snapshot: true },
    ])
    feed.publish(snapshotOf(7, ONE_ENDPOINT))
    expect(sink.frames[1]).toMatchObject({ sequence: 2, revision: 7, registers: [{ state: 'unknown' }] })
    await clock.run(10)
    const started = await running(ONE_ENDPOINT)
    expect(started.sink.frames).toMatchObject([{ sequence: 1, revision: 1, snapshot: true, registers: [{}] }])
  })

  it('goes out in the turn of the result that changes a register, without waiting for a timer', async () => {
    const { clock, prober, sink } = await running(ONE_ENDPOINT)
    prober.answer('silence')
    await clock.run(500)
    const before = sink.frames.length
    prober.running[0]?.(resultOf('success'))
    await Promise.resolve()
    await Promise.resolve()
    expect(sink.frames.slice(before)).toMatchObject([
      { registers: [{ endpoint: 'p/e1', state: 'up' }], snapshot: false },
    ])
  })

  it('says up, suspect and down as they come, and nothing between', async () => {
    const { clock, prober, sink } = await running(ONE_ENDPOINT)
    await clock.run(100)
    prober.answer('failure')
    await clock.run(8_000)
    const states = sink.frames.flatMap(({ registers }) => registers.map(({ state }) => state))
    expect(states.filter((state, index) => state !== states[index - 1])).toEqual([
      'unknown',
      'up',
      'suspect',
      'down',
    ])
  })

  it.each([
    { endpoints: 130, perBeat: 50, beats: 3 },
    { endpoints: 3_600, perBeat: 60, beats: 60 },
  ])('of $endpoints registers, a beat a second repeats $perBeat', async ({ endpoints, perBeat, beats }) => {
    const { clock, sink } = await running({ monitors: [HTTP], endpoints: manyEndpoints(endpoints) })
    await clock.run(20_500) // until all are known
    const from = sink.frames.length
    await clock.run(beats * 1_000)
    const heard = sink.frames.slice(from)
    expect(heard).toHaveLength(beats)
    expect(Math.max(...heard.map(({ registers }) => registers.length))).toBe(perBeat)
    const repeated = heard.flatMap(({ registers }) => registers.map(({ endpoint }) => endpoint))
    expect(new Set(repeated).size).toBe(endpoints)
  })

  it('does not make up for beats that a stall swallowed', async () => {
    const { clock, sink } = await running(null)
    clock.stall(30_000)
    await clock.run(500)
    expect(sink.frames).toHaveLength(2)
    await clock.run(2_000)
    expect(sink.frames).toHaveLength(4)
  })

  it('gives a snapshot when asked, at the next sequence', async () => {
    const { clock, sink } = await running({ monitors: [HTTP], endpoints: manyEndpoints(3) })
    await clock.run(100)
    const last = sink.frames.at(-1)!
    const snapshot = sink.makeSnapshot?.()
    expect(snapshot).toMatchObject({ snapshot: true, sequence: last.sequence + 1 })
    expect(snapshot?.registers.map(({ state }) => state)).toEqual(['up', 'up', 'up'])
  })
})

describe('a new configuration', () => {
  it('keeps the register of an unchanged definition, whatever else changes', async () => {
    const { clock, prober, feed, sink } = await running(ONE_ENDPOINT)
    await clock.run(100)
    const probes = prober.calls.length
    feed.publish(
      snapshotOf(2, { ...ONE_ENDPOINT, endpoints: [{ address: '192.0.2.1', weight: 7, enabled: false }] }),
    )
    expect(sink.frames.at(-1)).toMatchObject({ revision: 2, registers: [], snapshot: false })
    expect(sink.register('p/e1')?.state).toBe('up')
    await clock.run(20)
    expect(prober.calls).toHaveLength(probes)
  })

  it('starts a changed definition at unknown, under its new digest, and probes at once', async () => {
    const { clock, prober, feed, sink } = await running(ONE_ENDPOINT)
    await clock.run(100)
    const old = sink.register('p/e1')!
    feed.publish(snapshotOf(2, { ...ONE_ENDPOINT, monitors: [{ ...HTTP, path: '/other' }] }))
    expect(sink.frames.at(-1)).toMatchObject({ revision: 2, registers: [{ state: 'unknown', output: [] }] })
    expect(sink.register('p/e1')?.definition).not.toBe(old.definition)
    const probes = prober.calls.length
    await clock.run(10)
    expect(prober.calls).toHaveLength(probes + 1)
  })

  it('takes no result of a probe under the old definition', async () => {
    const { clock, prober, feed, sink } = await running(ONE_ENDPOINT)
    prober.answer('silence')
    await clock.run(10)
    feed.publish(snapshotOf(2, { ...ONE_ENDPOINT, monitors: [{ ...HTTP, path: '/other' }] }))
    prober.running[0]?.(resultOf('success'))
    await clock.run(0)
    expect(sink.register('p/e1')?.state).toBe('unknown')
  })

  it('ends what was removed, with a snapshot without it', async () => {
    const { clock, prober, feed, sink, checker } = await running({
      monitors: [HTTP],
      endpoints: manyEndpoints(2),
    })
    await clock.run(100)
    feed.publish(snapshotOf(2, { monitors: [HTTP], endpoints: manyEndpoints(1) }))
    expect(sink.frames.at(-1)).toMatchObject({
      snapshot: true,
      registers: [{ endpoint: 'p/e0', state: 'up' }],
    })
    expect(sink.register('p/e1')).toBeUndefined()
    const probes = prober.timesOf('10.0.0.1').length
    await clock.run(20_000)
    expect(prober.timesOf('10.0.0.1')).toHaveLength(probes)
    expect(checker.stats().endpoints).toBe(1)
  })

  it('without monitors there is nothing to check', async () => {
    const { clock, prober, sink } = await running({ monitors: [], endpoints: [{ address: '192.0.2.1' }] })
    await clock.run(5_000)
    expect(prober.calls).toEqual([])
    expect(sink.frames[0]).toMatchObject({ registers: [], snapshot: true })
  })
})

describe('any sequence of configurations', () => {
  const state = fc.record({
    endpoints: fc.uniqueArray(fc.nat(5), { maxLength: 6 }),
    path: fc.constantFrom('/a', '/b'),
    weight: fc.integer({ min: 1, max: 2 }),
    answer: fc.constantFrom('success', 'failure', 'local-error', 'silence'),
    forMs: fc.nat(3_000),
  })

  it('leaves every reader with exactly the endpoints and definitions of the last one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 6 }), async (states) => {
        const { clock, prober, feed, sink, checker } = await running(null)
        for (const [index, { endpoints, path, weight, answer, forMs }] of states.entries()) {
          prober.answer(answer)
          const named = endpoints.map((id) => ({ address: `192.0.2.${id}`, weight }))
          const snapshot = snapshotOf(index + 1, { monitors: [{ ...HTTP, path }], endpoints: named })
          feed.publish(snapshot)
          const told = sink.ledger.checker('c')?.registers ?? new Map<string, ReportedRegister>()
          const definitions = new Map(Array.from(told, ([key, { definition }]) => [key, definition]))
          expect(definitions).toEqual(new Map(definitionsOf(snapshot.configuration)))
          await clock.run(forMs)
        }
        await checker.stop()
        expect(clock.timers).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})

describe('several monitors', () => {
  it('make an endpoint as bad as the worst of them', async () => {
    const parts = {
      monitors: [HTTP, { ...HTTP, name: 'other', port: 81 }],
      endpoints: [{ address: '192.0.2.1' }],
    }
    const { clock, prober, sink } = await running(parts)
    prober.answer('silence')
    await clock.run(10)
    prober.running[0]?.(resultOf('success'))
    await clock.run(0)
    expect(sink.register('p/e1')?.state).toBe('unknown')
    prober.answer('failure')
    prober.running[1]?.(resultOf('failure'))
    await clock.run(1_100)
    expect(sink.register('p/e1')).toMatchObject({
      state: 'down',
      output: [{ monitor: 'web' }, { monitor: 'other' }],
    })
  })
})

describe('stopping', () => {
  it('aborts what runs, withdraws what waits, and says nothing more', async () => {
    const { clock, prober, sink, checker, feed } = await running(
      { monitors: [HTTP], endpoints: manyEndpoints(4) },
      { maxProbes: 2 },
    )
    prober.answer('silence')
    await clock.run(100)
    const frames = sink.frames.length
    await checker.stop()
    feed.publish(snapshotOf(9, ONE_ENDPOINT))
    await clock.run(60_000)
    expect(sink.frames).toHaveLength(frames)
    expect(prober.calls).toHaveLength(2)
    expect(clock.timers).toBe(0)
    expect(checker.stats()).toMatchObject({ endpoints: 0, probesRunning: 0, probesWaiting: 0 })
  })
})
