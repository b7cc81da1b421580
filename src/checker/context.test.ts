/** The checker as `fairlead up` runs it: real sockets, real time, real files. */
import { mkdtemp } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { answeringServer } from '../adapters/probes/testing/worker-server.ts'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { LocalFrames } from '../adapters/transport/local-frames.ts'
import type { Frame } from '../core/health/frame.ts'
import { createChecker } from './context.ts'
import { snapshotOf } from './testing/snapshots.ts'

const FAST = {
  kind: 'http',
  name: 'web',
  intervalMs: 200,
  fastIntervalMs: 100,
  timeoutMs: 100,
  rise: 2,
} as const

async function runningChecker(dataDir?: string) {
  const frames = new LocalFrames()
  const seen: Frame[] = []
  frames.subscribe((frame) => seen.push(frame))
  const feed = new LocalFeed()
  const checker = createChecker({
    ...{ name: 'c', site: 's1', feed, sink: frames, clock: systemClock },
    dataDir: dataDir ?? (await mkdtemp(join(tmpdir(), 'fairlead-checker-'))),
    logger: pino({ level: 'silent' }),
  })
  await checker.start()
  const states = () => {
    const all = seen.flatMap(({ registers }) => registers.map(({ state }) => state))
    return all.filter((state, index) => state !== all[index - 1])
  }
  return { checker, feed, frames, seen, states }
}

async function listen(port = 0): Promise<Server> {
  const server = createServer((_request, response) => response.end('ok'))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

it('sees a server live, die and return', async () => {
  const { checker, feed, states } = await runningChecker()
  const server = await listen()
  const { port } = server.address() as AddressInfo
  feed.publish(snapshotOf(1, { monitors: [FAST], endpoints: [{ address: '127.0.0.1', port }] }))
  const wait = { timeout: 10_000, interval: 10 }
  await expect.poll(states, wait).toEqual(['unknown', 'up'])
  await close(server)
  await expect.poll(states, wait).toEqual(['unknown', 'up', 'suspect', 'down'])
  const again = await listen(port)
  await expect.poll(states, wait).toEqual(['unknown', 'up', 'suspect', 'down', 'up'])
  await checker.stop()
  await close(again)
  expect(checker.stats().probesRunning).toBe(0)
})

it('finds nothing down, and no probe failed, when its own loop stands still for 500 ms', async () => {
  await using server = await answeringServer()
  const { checker, feed, states } = await runningChecker()
  const calm = { ...FAST, intervalMs: 500, timeoutMs: 250 }
  const endpoints = Array.from({ length: 100 }, (_, index) => ({ ...server.target, name: `e${index}` }))
  feed.publish(snapshotOf(1, { monitors: [calm], endpoints }))
  const probed = () => checker.stats().probes.success
  await expect.poll(probed, { timeout: 10_000 }).toBeGreaterThan(200)
  for (let stall = 0; stall < 3; stall += 1) {
    const until = performance.now() + 500
    while (performance.now() < until);
    const before = probed()
    await expect.poll(probed, { timeout: 10_000 }).toBeGreaterThan(before + 100)
  }
  expect(checker.stats().probes.failure).toBe(0)
  expect(states()).not.toContain('down')
  await checker.stop()
})

it('starts each time with a higher incarnation', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'fairlead-checker-'))
  const first = await runningChecker(dataDir)
  await first.checker.stop()
  const second = await runningChecker(dataDir)
  await second.checker.stop()
  expect(second.seen[0]!.incarnation).toBeGreaterThan(first.seen[0]!.incarnation)
  expect(second.seen[0]).toMatchObject({ sequence: 1, snapshot: true })
})

it('hands a snapshot to a reader that asks for one', async () => {
  const { checker, frames, seen } = await runningChecker()
  frames.requestSnapshot()
  expect(seen.map(({ sequence, snapshot }) => [sequence, snapshot])).toEqual([
    [1, true],
    [2, true],
  ])
  await checker.stop()
})
