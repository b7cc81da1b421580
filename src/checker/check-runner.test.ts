/** When probes run: the schedule of every check, seen through a whole checker. */
import { expect, it } from 'vitest'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { JITTER } from './phase.ts'
import { runChecker } from './testing/run-checker.ts'
import { resultOf } from './testing/scripted-prober.ts'
import { HTTP, manyEndpoints, ONE_ENDPOINT, type SnapshotParts } from './testing/snapshots.ts'

const running = (parts: SnapshotParts | null, options: { readonly maxProbes?: number } = {}) =>
  runChecker({ feed: new LocalFeed(), parts, ...options })

it('a new endpoint is probed at once, and found up by its first success', async () => {
  const { clock, prober, sink } = await running(ONE_ENDPOINT)
  expect(sink.register('p/e1')).toMatchObject({ state: 'unknown', output: [] })
  await clock.run(10)
  expect(prober.timesOf('192.0.2.1')).toEqual([1_010])
  expect(sink.register('p/e1')).toMatchObject({
    state: 'up',
    output: [{ monitor: 'web', outcome: 'success', detail: 'HTTP 200', status: 200, atMs: clock.wallMs() }],
  })
})

it('a decided one every interval on its grid, an undecided one every fast interval', async () => {
  const { clock, prober, sink } = await running(ONE_ENDPOINT)
  await clock.run(50_000)
  const calm = prober.timesOf('192.0.2.1').slice(1)
  expect(calm.length).toBeGreaterThanOrEqual(9)
  for (const [index, time] of calm.slice(1).entries())
    expect(Math.abs(time - calm[index]! - 5_000)).toBeLessThanOrEqual(2 * JITTER * 5_000 + 10)

  prober.answer('failure')
  const before = prober.calls.length
  await clock.run(6_500)
  const [suspected, fallen] = prober.timesOf('192.0.2.1').slice(before)
  expect(fallen! - suspected!).toBeLessThanOrEqual(1_010)
  expect(sink.register('p/e1')?.state).toBe('down')
})

it('recovers by probes at the fast interval', async () => {
  const { clock, prober, sink } = await running(ONE_ENDPOINT)
  prober.answer('failure')
  await clock.run(5_000)
  expect(sink.register('p/e1')?.state).toBe('down')
  prober.answer('success')
  const before = prober.calls.length
  await clock.run(7_500)
  const times = prober.timesOf('192.0.2.1').slice(before, before + 3)
  expect(times[2]! - times[0]!).toBeLessThanOrEqual(2_020)
  expect(sink.register('p/e1')?.state).toBe('up')
})

it('fall and rise of the monitor say how many probes decide', async () => {
  const { clock, prober, sink } = await running({
    ...ONE_ENDPOINT,
    monitors: [{ ...HTTP, fall: 4, rise: 1 }],
  })
  await clock.run(100)
  const statesFor = async (answer: 'success' | 'failure', count: number) => {
    prober.answer(answer)
    const states: unknown[] = []
    for (const from = prober.calls.length; prober.calls.length < from + count;) {
      const before = prober.calls.length
      await clock.run(10)
      if (prober.calls.length > before) states.push(sink.register('p/e1')?.state)
    }
    return states
  }
  expect(await statesFor('failure', 5)).toEqual(['suspect', 'suspect', 'suspect', 'down', 'down'])
  expect(await statesFor('success', 1)).toEqual(['up'])
})

it('a slow probe is never joined by a second one, and does not delay the next', async () => {
  const slow = { ...HTTP, timeoutMs: 5_000 }
  const { clock, prober } = await running({ ...ONE_ENDPOINT, monitors: [slow] })
  prober.answer('silence')
  await clock.run(4_000)
  expect(prober.calls).toHaveLength(1)
  prober.answer('success')
  prober.running[0]?.(resultOf('failure'))
  await clock.run(10)
  expect(prober.calls).toHaveLength(2)
})

it('a local error changes nothing and is shown', async () => {
  const { clock, prober, sink, checker } = await running(ONE_ENDPOINT)
  await clock.run(100)
  prober.answer('local-error')
  await clock.run(66_000)
  expect(sink.register('p/e1')).toMatchObject({ state: 'up', output: [{ outcome: 'local-error' }] })
  expect(checker.stats().probes).toMatchObject({ success: 1, failure: 0 })
  expect(checker.stats().probes['local-error']).toBeGreaterThan(10)
})

it('many new endpoints are spread, 2,000 a second', async () => {
  const { clock, prober } = await running({ monitors: [HTTP], endpoints: manyEndpoints(1_000) })
  await clock.run(250)
  expect(Math.abs(prober.calls.length - 500)).toBeLessThanOrEqual(25)
  await clock.run(260)
  expect(new Set(prober.calls.map(({ target }) => target.address)).size).toBe(1_000)
})

it('no more run at once than the bound; the others follow, in order', async () => {
  const { clock, prober, checker } = await running(
    { monitors: [HTTP], endpoints: manyEndpoints(5) },
    { maxProbes: 2 },
  )
  prober.answer('silence')
  await clock.run(100)
  expect(prober.calls).toHaveLength(2)
  expect(checker.stats()).toMatchObject({ probesRunning: 2, probesWaiting: 3 })
  for (let turn = 0; turn < 5; turn += 1) {
    prober.running[turn]?.(resultOf('success'))
    await clock.run(0)
  }
  const firstFive = prober.calls.slice(0, 5).map(({ target }) => target.address)
  expect(firstFive).toEqual(manyEndpoints(5).map(({ address }) => address))
  expect(checker.stats().lateMaxMs).toBeGreaterThan(0)
})

it('monitor, check and endpoint say where, in this order', async () => {
  const withPort = { ...HTTP, name: 'with-port', port: 8_443 }
  const check = { address: '198.51.100.9', port: 8_080 }
  const { clock, prober } = await running({
    monitors: [HTTP, withPort],
    endpoints: [{ address: '192.0.2.1', check }],
  })
  await clock.run(10)
  expect(prober.calls.map(({ monitor, target }) => [monitor, target])).toEqual([
    ['web', { address: '198.51.100.9', port: 8_080 }],
    ['with-port', { address: '198.51.100.9', port: 8_443 }],
  ])
})
