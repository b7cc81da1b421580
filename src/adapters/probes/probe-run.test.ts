/** What holds for every probe: it ends, once, with nothing left over, and a loop that stood still is never the endpoint's fault. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { monitorSchema } from '../../core/model/monitor.ts'
import { LoopWatch } from './loop-watch.ts'
import { MonitorProber } from './monitor-prober.ts'
import { httpServer, rawServer } from './testing/raw-server.ts'
import { answeringServer } from './testing/worker-server.ts'

const monitor = (timeoutMs: number) => monitorSchema.parse({ kind: 'http', name: 'm', timeoutMs })
const never = new AbortController().signal

function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** Sockets and probe timers of this process. */
function held(): number {
  const kinds = ['TCPSocketWrap', 'TLSWrap', 'TCPConnectWrap', 'Immediate', 'Timeout']
  return process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind)).length
}

it('does not turn a stall of the checker into failures', async () => {
  await using server = await answeringServer()
  const prober = new MonitorProber()
  const probes = Array.from({ length: 400 }, () => prober.probe(monitor(200), server.target, never))
  // In the midst of them: some are connecting, some have sent, some have answers that nobody has read.
  const stalls = [0, 15].map((afterMs) =>
    delay(afterMs).then(() => {
      block(500)
    }),
  )
  const results = await Promise.all(probes)
  await Promise.all(stalls)
  expect(results.filter((result) => result.kind !== 'success')).toEqual([])
  expect(Math.max(...results.map((result) => result.phases.totalMs))).toBeGreaterThan(500)
})

it('still times out on a silent server around a stall, after the time that the loop could attend to it', async () => {
  const asked = Promise.withResolvers<unknown>()
  await using server = await rawServer((socket) => socket.once('data', asked.resolve))
  const probe = new MonitorProber().probe(monitor(200), server.target, never)
  await asked.promise
  block(300)
  const result = await probe
  expect(result).toMatchObject({ kind: 'failure', detail: 'timed out after 200 ms waiting for the reply' })
  expect(result.phases.totalMs).toBeGreaterThan(450)
})

it('takes an answer that came while the loop stood still past the deadline', async () => {
  await using server = await answeringServer()
  const probe = new MonitorProber().probe(monitor(50), server.target, never)
  block(150)
  expect(await probe).toMatchObject({ kind: 'success' })
})

it('adds up what the loop lost, and never takes it back', async () => {
  const startedAtMs = performance.now()
  const watch = new LoopWatch()
  const leave = watch.enter()
  const before = watch.stolenMs()
  block(120)
  const after = watch.stolenMs() - before
  expect(after).toBeGreaterThanOrEqual(100)
  expect(after).toBeLessThanOrEqual(performance.now() - startedAtMs)
  // The tick that is late by now comes before this timer.
  await delay(1)
  expect(watch.stolenMs() - before).toBeGreaterThanOrEqual(after)
  leave()
  leave()
})

it('ends at once when it is aborted, with a local error', async () => {
  await using server = await rawServer(() => undefined)
  const prober = new MonitorProber()
  const controller = new AbortController()
  const running = prober.probe(monitor(5_000), server.target, controller.signal)
  controller.abort()
  const aborted = { kind: 'local-error', detail: 'the probe was aborted' }
  expect(await running).toMatchObject(aborted)
  expect(await prober.probe(monitor(5_000), server.target, controller.signal)).toMatchObject(aborted)
  expect(server.connections()).toBeLessThanOrEqual(1)
})

it('leaves no socket, timer or listener behind, however it ended', async () => {
  await using good = await httpServer((_request, response) => response.end('ok'))
  await using silent = await rawServer((socket) => {
    socket.resume().on('end', () => socket.end())
  })
  await using resetting = await rawServer((socket) => socket.resetAndDestroy())
  const prober = new MonitorProber()
  const before = held()
  const targets = [good, silent, resetting].map((server) => server.target)
  const results = await Promise.all(
    Array.from({ length: 30 }, (_, index) => prober.probe(monitor(60), targets[index % 3]!, never)),
  )
  expect(new Set(results.map((result) => result.kind))).toEqual(new Set(['success', 'failure']))
  // The other ends of the connections are this process's too: they go when they have seen the close.
  await expect.poll(held, { timeout: 5_000 }).toBeLessThanOrEqual(before)
})
