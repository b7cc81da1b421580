/** What a checker does on account of the others: hints, its share, spares, and the work of those that are gone. */
import { expect, it } from 'vitest'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { LocalFrames } from '../adapters/transport/local-frames.ts'
import { ReportingChecker } from '../core/health/testing/reporting-checker.ts'
import { runChecker } from './testing/run-checker.ts'
import { resultOf } from './testing/scripted-prober.ts'
import { HTTP, manyEndpoints, ONE_ENDPOINT, sitesOf, type SnapshotParts } from './testing/snapshots.ts'

const KEY = 'p/e1'
const THREE_SITES: SnapshotParts = { ...ONE_ENDPOINT, sites: sitesOf(1, 1, 1) }

async function running(parts: SnapshotParts = THREE_SITES) {
  const peers = new LocalFrames()
  const checker = await runChecker({ feed: new LocalFeed(), parts, peers })
  const peer = new ReportingChecker('c2-1', 's2')
  const definition = () => ({ definition: checker.sink.register(KEY)?.definition ?? '' })
  return { ...checker, peers, peer, definition }
}

it('a peer that suspects what is held up makes it probe at once', async () => {
  const { clock, prober, peers, peer, definition } = await running()
  await clock.run(6_500)
  const before = prober.calls.length
  peers.send(peer.report(KEY, 'suspect', definition()))
  await clock.run(10)
  expect(prober.calls.length).toBe(before + 1)
})

it('two sites that see it fail are down a probe and a fast interval after the first one saw it', async () => {
  const { clock, prober, peers, peer, sink, definition } = await running()
  await clock.run(6_500)
  prober.answer('failure')
  peers.send(peer.report(KEY, 'down', definition()))
  await clock.run(1_020)
  expect(sink.register(KEY)?.state).toBe('down')
})

it('no hint: an old definition, an up, a fenced peer, what is not held up', async () => {
  const { clock, prober, peers, peer, definition } = await running()
  await clock.run(6_500)
  const before = prober.calls.length
  peers.send(peer.report(KEY, 'down'))
  peers.send(peer.report(KEY, 'up', definition()))
  peer.fenced = true
  peers.send(peer.report(KEY, 'down', definition()))
  await clock.run(10)
  expect(prober.calls.length).toBe(before)
  peer.fenced = false
  prober.answer('failure')
  await clock.run(6_500)
  const down = prober.calls.length
  peers.send(peer.report(KEY, 'down', definition()))
  await clock.run(10)
  expect(prober.calls.length).toBe(down)
})

it('a hint while a probe runs is followed by another probe: that one may have begun too early', async () => {
  const { clock, prober, peers, peer, definition } = await running()
  await clock.run(6_500)
  prober.answer('silence')
  while (prober.running.length === 0) await clock.run(100)
  peers.send(peer.report(KEY, 'suspect', definition()))
  const before = prober.calls.length
  prober.answer('success')
  prober.running[0]?.(resultOf('success'))
  await clock.run(20)
  expect(prober.calls.length).toBe(before + 1)
})

it('many that tell of one death cost one probe: what the budget has left confirms another', async () => {
  const { clock, prober, peers, sink } = await running({ ...THREE_SITES, endpoints: manyEndpoints(2) })
  await clock.run(6_500)
  prober.answer('silence')
  const doubt = (peer: ReportingChecker, name: string) => {
    const definition = sink.register(`p/${name}`)?.definition ?? ''
    peers.send(peer.report(`p/${name}`, 'suspect', { definition }))
  }
  const [second, third] = [new ReportingChecker('c2-1', 's2'), new ReportingChecker('c3-1', 's3')]
  const before = prober.calls.length
  for (const peer of [second, third]) doubt(peer, 'e0')
  await clock.run(20)
  doubt(second, 'e0')
  doubt(third, 'e1')
  await clock.run(20)
  expect(prober.calls.slice(before).map(({ target }) => target.address)).toEqual(['10.0.0.0', '10.0.0.1'])
})

it('a doubt that stays is one hint, however often it is repeated; a new one is another', async () => {
  const { clock, prober, peers, peer, definition } = await running()
  await clock.run(6_500)
  const before = prober.calls.length
  for (let second = 0; second < 40; second += 1) {
    peers.send(peer.report(KEY, 'down', definition()))
    await clock.run(1_000)
  }
  expect(prober.calls.length - before).toBeLessThanOrEqual(8 + 1 + 1) // 40 s of its own, and of a grid that moves
  peers.send(peer.report(KEY, 'up', definition()))
  const own = prober.calls.length
  peers.send(peer.report(KEY, 'suspect', definition()))
  await clock.run(10)
  expect(prober.calls.length).toBe(own + 1)
})

it('a doubt that the budget had nothing left for is heard when it is repeated', async () => {
  const { clock, prober, peers, definition } = await running()
  const [second, third] = [new ReportingChecker('c2-1', 's2'), new ReportingChecker('c3-1', 's3')]
  await clock.run(6_500)
  peers.send(second.report(KEY, 'suspect', definition()))
  await clock.run(10)
  const spent = prober.calls.length
  peers.send(third.report(KEY, 'suspect', definition()))
  await clock.run(10)
  expect(prober.calls.length).toBe(spent)
  await clock.run(25_500) // one token, at a fifth of a probe each 5 s
  const before = prober.calls.length
  peers.send(third.report(KEY, 'suspect', definition()))
  await clock.run(10)
  expect(prober.calls.length).toBe(before + 1)
})

it('a probe that is late is told as a doubt, which a success ends and a failure leaves as it is', async () => {
  const { clock, prober, sink } = await running()
  await clock.run(6_500)
  const states = () => sink.frames.slice(from).flatMap(({ registers }) => registers.map(({ state }) => state))
  prober.answer('silence')
  while (prober.running.length === 0) await clock.run(10)
  const from = sink.frames.length
  await clock.run(90)
  expect(states()).not.toContain('suspect')
  await clock.run(100)
  expect(states().at(-1)).toBe('suspect')
  prober.running.shift()?.(resultOf('success'))
  await clock.run(10)
  expect(states().at(-1)).toBe('up')
  while (prober.running.length === 0) await clock.run(10)
  await clock.run(500) // three times what it took, less a little
  expect(states().at(-1)).toBe('up')
  await clock.run(100)
  expect(states().at(-1)).toBe('suspect')
  const told = sink.frames.length
  prober.running.shift()?.(resultOf('failure'))
  await clock.run(10)
  expect(sink.frames.slice(told).filter(({ registers }) => registers.length > 0).length).toBe(0)
  expect(sink.register(KEY)?.state).toBe('suspect')
})

it('hints cost no more than one probe of each check and a fifth of the own rate', async () => {
  const { clock, prober, peers, peer, sink } = await running({
    ...THREE_SITES,
    endpoints: manyEndpoints(10),
  })
  await clock.run(100)
  const from = prober.calls.length
  for (let round = 0; round < 600; round += 1) {
    for (const { name } of manyEndpoints(10)) {
      const definition = sink.register(`p/${name}`)?.definition ?? ''
      peers.send(peer.report(`p/${name}`, 'suspect', { definition }))
    }
    await clock.run(100)
  }
  // 60 s of 2 probes a second of its own; the grids move by what the peer's clock says.
  const calls = prober.calls.length - from
  expect(calls).toBeGreaterThan(120)
  expect(calls).toBeLessThanOrEqual(120 + 10 + 10 + 24 + 2)
})

it('of seven sites five vote, two are spares at a quarter of the rate', async () => {
  const { clock, prober } = await running({
    monitors: [HTTP],
    endpoints: manyEndpoints(140),
    sites: sitesOf(1, 1, 1, 1, 1, 1, 1),
  })
  await clock.run(1_000)
  expect(new Set(prober.calls.map(({ target }) => target.address)).size).toBe(140)
  await clock.run(100_000)
  const rates = manyEndpoints(140).map(({ address }) => prober.timesOf(address).length)
  const spares = rates.filter((count) => count < 10).length
  expect(spares).toBeGreaterThan(20)
  expect(spares).toBeLessThan(60)
  for (const count of rates)
    expect(count < 10 ? Math.abs(count - 6) <= 1 : Math.abs(count - 21) <= 2).toBe(true)
})

it('takes over when a site is gone, and gives back when it returns; an end is told by a snapshot', async () => {
  const { clock, peers, checker, sink } = await running({
    monitors: [HTTP],
    endpoints: manyEndpoints(200),
    sites: sitesOf(1, 1, 1, 1, 1, 1, 1, 1, 1),
  })
  const others = [2, 3, 4, 5, 6, 7, 8, 9].map((site) => new ReportingChecker(`c${site}-1`, `s${site}`))
  const speak = async (seconds: number, silent: readonly number[] = []) => {
    for (let second = 0; second < seconds; second += 1) {
      for (const [index, other] of others.entries())
        if (!silent.includes(index)) peers.send(other.heartbeat())
      await clock.run(1_000)
    }
  }
  await speak(5)
  const { endpoints } = checker.stats()
  await speak(59, [0, 1, 2])
  expect(checker.stats().endpoints).toBe(endpoints)
  await speak(5, [0, 1, 2])
  expect(checker.stats().endpoints).toBeGreaterThan(endpoints)
  const from = sink.frames.length
  await speak(3)
  expect(checker.stats().endpoints).toBe(endpoints)
  const told = sink.frames.slice(from).find(({ snapshot }) => snapshot)
  expect(told?.registers).toHaveLength(endpoints)
})

it('hearing nobody takes over nothing', async () => {
  const { clock, checker } = await running({
    monitors: [HTTP],
    endpoints: manyEndpoints(200),
    sites: sitesOf(1, 1, 1, 1, 1, 1, 1, 1, 1),
  })
  await clock.run(2_000)
  const { endpoints } = checker.stats()
  await clock.run(200_000)
  expect(checker.stats().endpoints).toBe(endpoints)
})
