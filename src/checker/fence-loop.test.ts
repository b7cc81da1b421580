/** The self-fence as the readers of a checker see it. */
import { expect, it } from 'vitest'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { runChecker } from './testing/run-checker.ts'
import { resultOf } from './testing/scripted-prober.ts'
import { ONE_ENDPOINT, sitesOf, snapshotOf } from './testing/snapshots.ts'

const FIVE_SITES = { ...ONE_ENDPOINT, sites: sitesOf(1, 1, 2, 1, 1) }
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
