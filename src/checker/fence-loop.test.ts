/** The self-fence as the readers of a checker see it. */
import { expect, it } from 'vitest'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { runChecker } from './testing/run-checker.ts'
import { resultOf } from './testing/scripted-prober.ts'
import { HTTP, ONE_ENDPOINT, sitesOf, snapshotOf } from './testing/snapshots.ts'

const FIVE_SITES = { ...ONE_ENDPOINT, sites: sitesOf(1, 1, 2, 1, 1) }
const QUICK = { ...FIVE_SITES, monitors: [{ ...HTTP, timeoutMs: 500 }] }
const CANARIES = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map((address) => ({ address, port: 443 }))

const running = (parts = FIVE_SITES) => runChecker({ feed: new LocalFeed(), parts })

it('asks one checker of every other site and every canary, once a second', async () => {
  const [own, ...others] = sitesOf(1, 1, 2, 1, 1)
  const { clock, paths } = await running({
    ...ONE_ENDPOINT,
    sites: [{ ...own!, canaries: CANARIES }, ...others],
  })
  await clock.run(9_500)
  const times = [...new Set(paths.calls.map(({ atMs }) => atMs))]
  expect(times).toEqual([1_010, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000])
  const perRound = paths.calls
    .slice(0, 7)
    .map(({ target }) => target.address.split('.').slice(0, 3).join('.'))
  expect(perRound.sort()).toEqual(
    ['198.51.101', '198.51.102', '198.51.103', '198.51.104', '203.0.113', '203.0.113', '203.0.113'].sort(),
  )
})

it('says at once that it is fenced and why, freezes its registers, and says when it is over', async () => {
  const { clock, prober, paths, sink } = await running()
  await clock.run(5_000)
  expect(sink.register('p/e1')?.state).toBe('up')
  paths.set('missed')
  prober.answer('failure')
  const before = sink.frames.length
  await clock.run(1_010)
  const told = sink.frames.slice(before).find(({ fenced }) => fenced)
  expect(told).toMatchObject({ fenceReason: 'reaches 0 of 4 other sites, at least 2 expected' })
  const frozen = sink.register('p/e1')?.state
  const probes = prober.calls.length
  await clock.run(60_000)
  expect(prober.calls.length).toBeGreaterThan(probes + 10)
  expect(sink.register('p/e1')).toMatchObject({ state: frozen, output: [{ outcome: 'failure' }] })
  expect(sink.frames.at(-1)?.loss).toBeGreaterThan(0.9)

  paths.set('reached')
  prober.answer('success')
  await clock.run(9_000)
  expect(sink.frames.at(-1)).toMatchObject({ fenced: true })
  await clock.run(3_000)
  expect(sink.frames.at(-1)).toMatchObject({ fenced: false })
  expect(sink.frames.at(-1)).not.toHaveProperty('fenceReason')
  expect(sink.ledger.checker('c')).toMatchObject({ fenced: false })
})

it('when the fence ends nothing is left of what was thought before: no opinion in the same frame, then that of the next probe', async () => {
  const { clock, prober, paths, sink } = await running()
  await clock.run(5_000)
  prober.answer('failure')
  await clock.run(7_000)
  expect(sink.register('p/e1')?.state).toBe('down')
  paths.set('missed')
  await clock.run(3_000)
  expect(sink.frames.at(-1)?.fenced).toBe(true)
  paths.set('reached')
  prober.answer('success')
  const before = sink.frames.length
  await clock.run(30_000)
  const first = sink.frames.slice(before).find(({ fenced }) => !fenced)
  expect(first?.snapshot).toBe(true)
  expect(first?.registers.map(({ endpoint, state }) => `${endpoint} ${state}`)).toContain('p/e1 unknown')
  expect(sink.register('p/e1')?.state).toBe('up')
})

it('a probe that began behind the fence moves nothing, however late its result comes', async () => {
  const { clock, prober, paths, sink } = await running()
  await clock.run(2_000)
  paths.set('missed')
  await clock.run(2_000)
  prober.answer('silence')
  await clock.run(6_000)
  expect(prober.running).toHaveLength(1)
  paths.set('reached')
  await clock.run(20_000)
  expect(sink.frames.at(-1)?.fenced).toBe(false)
  prober.answer('failure')
  const state = sink.register('p/e1')?.state
  prober.running[0]?.(resultOf('failure'))
  await clock.run(0)
  expect(sink.register('p/e1')).toMatchObject({ state, output: [{ outcome: 'success' }] })
  await clock.run(2_000)
  expect(sink.register('p/e1')?.state).toBe('down')
})

it('a dead checker does not stand for its site: the next one is asked', async () => {
  const { clock, paths } = await running()
  paths.set('missed', '198.51.102.1')
  paths.set('missed', '198.51.101.1')
  paths.set('missed', '198.51.103.1')
  await clock.run(10_000)
  const asked = paths.calls.map(({ target }) => target.address).filter((one) => one.startsWith('198.51.102.'))
  expect(asked.filter((one) => one === '198.51.102.1').length).toBeLessThanOrEqual(1)
})

it('measured loss stretches the fall of its registers', async () => {
  const { clock, prober, paths, sink } = await running()
  await clock.run(3_000)
  const others = ['198.51.101.1', '198.51.102.1', '198.51.102.2', '198.51.103.1', '198.51.104.1']
  // In turn one half of the sites and the other: no round is bad, and every path loses half of what it carries.
  const lossyFor = async (rounds: number) => {
    for (let index = 0; index < rounds; index += 1) {
      for (const address of others) {
        const isFirstHalf = address < '198.51.103'
        paths.set(isFirstHalf === (index % 2 === 0) ? 'missed' : 'reached', address)
      }
      await clock.run(1_000)
    }
  }
  await lossyFor(20)
  expect(sink.frames.at(-1)).toMatchObject({ fenced: false })
  expect(sink.frames.at(-1)?.loss).toBeGreaterThan(0.4)
  prober.answer('failure')
  const before = prober.calls.length
  while (sink.register('p/e1')?.state !== 'down') await lossyFor(2)
  expect(prober.calls.length - before).toBeGreaterThanOrEqual(6)
})

it('with one site and no canaries nothing is measured and nothing is fenced; canaries alone suffice', async () => {
  const alone = await running({ ...ONE_ENDPOINT, sites: sitesOf(1) })
  alone.paths.set('missed')
  await alone.clock.run(10_000)
  expect(alone.paths.calls).toEqual([])
  expect(alone.sink.frames.every(({ fenced }) => !fenced)).toBe(true)

  const [own] = sitesOf(1)
  alone.feed.publish(snapshotOf(2, { ...ONE_ENDPOINT, sites: [{ ...own!, canaries: CANARIES }] }))
  await alone.clock.run(2_000)
  expect(alone.sink.frames.at(-1)).toMatchObject({ fenced: true, fenceReason: 'reaches 0 of 3 canaries' })
})

/** The paths that were tried from then on, by when: how many at once. */
function looksSince(
  calls: readonly { readonly atMs: number }[],
  sinceMs: number,
): ReadonlyMap<number, number> {
  const looks = new Map<number, number>()
  for (const { atMs } of calls) if (atMs > sinceMs) looks.set(atMs, (looks.get(atMs) ?? 0) + 1)
  return looks
}

it('F14 a doubt asks for looks at once, and what doubt costs has a bound', async () => {
  const { clock, prober, paths } = await running()
  await clock.run(4_000)
  const calmMs = clock.monotonicMs()
  expect([...looksSince(paths.calls, 1_500).keys()].every((atMs) => atMs % 1_000 < 20)).toBe(true)

  // It fails once and is up again: one doubt.
  prober.answer('failure')
  await clock.until(() => paths.calls.some(({ atMs }) => atMs > calmMs && atMs % 1_000 > 20), 6_000)
  prober.answer('success')
  await clock.run(2_000)
  const between = [...looksSince(paths.calls, calmMs).keys()].filter((atMs) => atMs % 1_000 > 20)
  expect(between).toHaveLength(8)
  expect((between.at(-1) ?? 0) - (between[0] ?? 0)).toBeGreaterThanOrEqual(7 * 75)

  // In doubt for half a minute: sixteen at once, then six a second.
  const often = { ...HTTP, intervalMs: 500, fastIntervalMs: 100, timeoutMs: 100 }
  const restless = await running({ ...FIVE_SITES, monitors: [often] })
  await restless.clock.run(4_000)
  const fromMs = restless.clock.monotonicMs()
  for (let turn = 0; turn < 75; turn += 1) {
    restless.prober.answer(turn % 2 === 0 ? 'failure' : 'success')
    await restless.clock.run(turn % 2 === 0 ? 110 : 290)
  }
  const perSecond = looksSince(restless.paths.calls, fromMs).size / 15
  expect(perSecond).toBeGreaterThan(3)
  expect(perSecond).toBeLessThanOrEqual(1 + 6 + (1 + 16) / 15)
})

it('F15 looks stretch `fall` and move no fence', async () => {
  const { clock, prober, paths, sink } = await running(QUICK)
  await clock.run(4_500)
  // Nothing but looks sees the loss: the rounds do.
  paths.onReach = (_, timeoutMs) => (timeoutMs < 900 ? 'missed' : 'reached')
  prober.answer('failure')
  const before = prober.calls.length
  await clock.until(() => sink.register('p/e1')?.state === 'down', 30_000)
  expect(prober.calls.length - before).toBe(6)
  expect(sink.frames.every(({ fenced }) => !fenced)).toBe(true)
  // It is shown, so that people see why it takes longer.
  expect(Math.max(...sink.frames.map(({ loss }) => loss))).toBeGreaterThan(0.32)
})

it('F16 a look ends within the shortest time-out of all monitors', async () => {
  const { clock, prober, paths } = await running(QUICK)
  await clock.run(4_500)
  const timeouts = new Set<number>()
  paths.onReach = (_, timeoutMs) => {
    timeouts.add(timeoutMs)
    return 'reached'
  }
  prober.answer('failure')
  await clock.run(6_000)
  expect([...timeouts].sort((a, b) => a - b)).toEqual([500, 900])
})

it('F16 who is too far for a look is not missed by it', async () => {
  const { clock, prober, paths, sink } = await running(QUICK)
  // Every path takes 200 ms: no trouble for a round, and hardly to be had in 500 ms by one whose packet is late.
  paths.tookMs = 200
  await clock.run(4_500)
  const looks: number[] = []
  paths.onReach = (_, timeoutMs) => {
    if (timeoutMs < 900) looks.push(timeoutMs)
    return timeoutMs < 900 ? 'missed' : 'reached'
  }
  prober.answer('failure')
  const before = prober.calls.length
  await clock.until(() => sink.register('p/e1')?.state === 'down', 30_000)
  expect(looks).toEqual([])
  expect(prober.calls.length - before).toBe(2)
})

it('F18 until a first round has ended, a failure moves no register', async () => {
  const feed = new LocalFeed()
  const { clock, prober, paths, sink } = await runChecker({ feed, parts: null })
  paths.set('missed')
  paths.tookMs = 900
  prober.answer('failure')
  const quick = { ...HTTP, fall: 1, fastIntervalMs: 100, timeoutMs: 100 }
  feed.publish(snapshotOf(1, { ...FIVE_SITES, monitors: [quick] }))
  await clock.until(() => prober.calls.length > 8, 2_000)
  expect(sink.register('p/e1')?.state).toBe('unknown')
  await clock.until(() => sink.frames.at(-1)?.fenced === true, 3_000)
  expect(sink.register('p/e1')?.state).toBe('unknown')
  paths.set('reached')
  paths.tookMs = 0
  await clock.until(() => sink.register('p/e1')?.state === 'down', 20_000)
  expect(sink.frames.at(-1)).toMatchObject({ fenced: false })
})

it('F14 a probe that is only late is a doubt, but behind the fence; a look that runs is ended with the checker', async () => {
  const { clock, prober, paths, checker } = await running(QUICK)
  const isLook = ({ atMs }: { readonly atMs: number }) => atMs % 1_000 > 20
  await clock.run(6_000)
  prober.answer('silence')
  await clock.until(() => paths.calls.some(isLook), 6_000)
  expect(prober.running).toHaveLength(1)

  paths.set('missed')
  await clock.run(3_000)
  prober.answer('success')
  prober.running.at(-1)?.(resultOf('success'))
  await clock.run(5_000)
  prober.answer('silence')
  const fencedAt = paths.calls.length
  await clock.run(10_000)
  expect(paths.calls.slice(fencedAt).filter(isLook)).toEqual([])
  paths.set('reached')
  prober.answer('success')
  prober.running.at(-1)?.(resultOf('success'))
  await clock.run(30_000)

  let looks = 0
  paths.onReach = (_, timeoutMs) => {
    looks += timeoutMs < 900 ? 1 : 0
    return 'reached'
  }
  prober.answer('failure')
  await clock.until(() => looks > 0, 10_000)
  paths.tookMs = 100
  const before = looks
  await clock.until(() => looks > before && paths.running > 0, 1_000)
  await checker.stop()
  expect(paths.running).toBe(0)
  expect(clock.timers).toBe(0)
})
