/** Frame server and client over real mutual TLS on loopback. */
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../ports/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { RegisterLedger } from '../../core/health/register-ledger.ts'
import { DEFINITION, ReportingChecker } from '../../core/health/testing/reporting-checker.ts'
import { withLength } from './message-splitter.ts'
import { HELLO, TransportRig } from './testing/transport-rig.ts'
import { closed } from './testing/closed.ts'

const rig = new TransportRig()
afterEach(() => rig.cleanUp())
afterAll(() => {
  rig.dispose()
})

describe('frames from a checker to its readers', () => {
  it('begin with the whole state, go on with each change, and a ledger takes them all', async () => {
    const server = await rig.serve()
    const checker = new ReportingChecker('ams-1', 'ams')
    server.send(checker.snapshot())
    server.send(checker.report('p/a', 'up'))
    const reader = rig.read(server.port)
    const first = await reader.until(() => true)
    expect(first).toMatchObject({ checker: 'ams-1', site: 'ams', snapshot: true, incarnation: 1 })
    expect(first.registers).toEqual([
      { endpoint: 'p/a', state: 'up', degraded: false, definition: DEFINITION, output: [] },
    ])
    server.send(checker.report('p/a', 'suspect'))
    await reader.until((frame) => frame.registers[0]?.state === 'suspect')
    server.send(checker.report('p/b', 'down', { degraded: true, definition: 'd2' }))
    await reader.until((frame) => frame.registers[0]?.endpoint === 'p/b')
    const ledger = new RegisterLedger()
    expect(reader.frames.map((frame) => ledger.merge(frame, 0).kind)).toEqual(
      reader.frames.map(() => 'merged'),
    )
    expect(ledger.checker('ams-1')?.registers.get('p/b')).toMatchObject({ state: 'down', degraded: true })
  })

  it('a burst of one turn is one frame, and a late reader makes no gap for the others', async () => {
    const server = await rig.serve()
    const checker = new ReportingChecker('ams-1', 'ams')
    server.send(checker.snapshot())
    const early = rig.read(server.port)
    await early.until(() => true)
    for (let index = 0; index < 500; index += 1) server.send(checker.report(`p/e${index}`, 'up'))
    const burst = await early.until((frame) => frame.registers.length > 0)
    expect(burst.registers).toHaveLength(500)
    const late = rig.read(server.port)
    expect((await late.until(() => true)).registers).toHaveLength(500)
    server.send(checker.heartbeat())
    const next = await late.until((frame) => !frame.snapshot)
    await early.until((frame) => frame.sequence === next.sequence)
    expect(early.frames.map((frame) => frame.sequence)).toEqual(
      early.frames.map((_, index) => (early.frames[0]?.sequence ?? 0) + index),
    )
  })

  it('invariant 11: in a tick a reader is sent one frame and one whole state at most, whatever happens', async () => {
    const server = await rig.serve()
    const checker = new ReportingChecker('ams-1', 'ams')
    server.send(checker.snapshot())
    const reader = rig.read(server.port)
    await reader.until(() => true)
    const before = reader.frames.length
    for (let index = 0; index < 300; index += 1) {
      server.send(checker.report('p/a', index % 2 === 0 ? 'suspect' : 'up'))
      reader.client.requestSnapshot('ams-1')
    }
    server.send(checker.report('p/last', 'up'))
    await reader.until((frame) => frame.snapshot && frame.registers.length === 2)
    const [frame, whole, ...more] = reader.frames.slice(before)
    expect([frame?.snapshot, whole?.snapshot, more]).toEqual([false, true, []])
    expect(frame?.registers).toHaveLength(2)
  })

  it('the time of the grid goes with each frame, and not with a whole state that is made up later', async () => {
    const server = await rig.serve()
    const checker = new ReportingChecker('ams-1', 'ams')
    server.send({ ...checker.snapshot(), gridMs: 1_000 })
    const reader = rig.read(server.port)
    expect(await reader.until(() => true)).not.toHaveProperty('gridMs')
    server.send({ ...checker.heartbeat(), gridMs: 2_000 })
    expect(await reader.until((frame) => !frame.snapshot)).toMatchObject({ gridMs: 2_000 })
  })

  it('what probes saw goes to those who ask', async () => {
    const server = await rig.serve()
    const checker = new ReportingChecker('ams-1', 'ams')
    const saw = [
      {
        monitor: 'm',
        outcome: 'failure' as const,
        detail: 'connection refused',
        phases: { totalMs: 1 },
        atMs: 5,
      },
    ]
    const snapshot = checker.snapshot()
    const register = {
      endpoint: 'p/a',
      state: 'down' as const,
      degraded: false,
      definition: 'd',
      output: saw,
    }
    server.send({ ...snapshot, registers: [register], fenced: true, fenceReason: 'no canary answers' })
    const control = rig.read(server.port, { outputs: true, uri: 'fairlead://control/c1' })
    const nameserver = rig.read(server.port)
    expect((await control.until(() => true)).registers).toEqual([register])
    const lean = await nameserver.until(() => true)
    expect(lean.registers).toEqual([{ ...register, output: [] }])
    expect(lean).toMatchObject({ fenced: true, fenceReason: 'no canary answers' })
  })

  it('a reader that asks gets the whole state again', async () => {
    const server = await rig.serve()
    server.send(new ReportingChecker('ams-1', 'ams').snapshot())
    const reader = rig.read(server.port)
    await reader.until(() => true)
    reader.client.requestSnapshot('ams-1')
    reader.client.requestSnapshot('somebody else')
    await reader.until((frame) => frame !== reader.frames[0] && frame.snapshot)
  })

  it('a slow reader is dropped, and the others hear everything', async () => {
    const server = await rig.serve(undefined, { maxUnreadBytes: 64 * 1_024 })
    const checker = new ReportingChecker('ams-1', 'ams')
    server.send(checker.snapshot())
    const reader = rig.read(server.port)
    await reader.until(() => true)
    const slow = await rig.connectRaw(server.port, rig.identity('fairlead://nameserver/fra/slow'))
    slow.pause()
    slow.write(HELLO)
    const pad = 'x'.repeat(200)
    for (let round = 0; server.stats().dropped === 0; round += 1) {
      // Definitions are named in full when they change: large frames, so that the kernel's buffers fill soon.
      for (let index = 0; index < 500; index += 1)
        server.send(checker.report(`p/e${index}`, 'up', { definition: `${pad}${round}` }))
      await reader.until((frame) => frame.registers.some((one) => one.definition === `${pad}${round}`))
    }
    expect(server.stats()).toMatchObject({ readers: 1, dropped: 1 })
  })

  it('a reader that says what no reader says is dropped', async () => {
    const server = await rig.serve()
    server.send(new ReportingChecker('ams-1', 'ams').snapshot())
    for (const words of [
      Uint8Array.of(255, 255, 255, 255),
      withLength(Uint8Array.of(9)),
      Buffer.concat([HELLO, HELLO]),
    ]) {
      const socket = await rig.connectRaw(server.port, rig.identity('fairlead://nameserver/fra/odd'))
      socket.resume()
      socket.write(words)
      await closed(socket)
    }
    expect(server.stats()).toMatchObject({ readers: 0, dropped: 3 })
  })

  it('a checker that dies is heard again when it is back, with its new incarnation', async () => {
    const checker = new ReportingChecker('ams-1', 'ams')
    const server = await rig.serve()
    const { port } = server
    server.send(checker.snapshot())
    const reader = rig.read(port)
    await reader.until(() => true)
    await server.close()
    const again = await rig.serve(undefined, { port })
    again.send(checker.restart())
    await reader.until((frame) => frame.incarnation === 2)
  })

  it('a checker is silent when nothing came, not when the reader was held up and has not read it yet', async () => {
    const server = await rig.serve()
    const checker = new ReportingChecker('ams-1', 'ams')
    server.send(checker.snapshot())
    let callSilence: () => void = () => undefined
    const clock: Clock = {
      ...systemClock,
      after: (delayMs, callback) => {
        if (delayMs === 5_000) callSilence = callback
        return systemClock.after(delayMs, callback)
      },
    }
    const reader = rig.read(server.port, { clock })
    await reader.until(() => true)
    server.send(checker.report('p/a', 'up'))
    // It is sent in this turn, and read in the next.
    await new Promise((resolve) => setImmediate(resolve))
    expect(reader.frames).toHaveLength(1)
    callSilence()
    await reader.until((frame) => frame.registers.length === 1 && !frame.snapshot)
    expect(server.stats().accepted).toBe(1)
    callSilence()
    await expect.poll(() => server.stats().accepted).toBe(2)
  })

  it('a checker that left the configuration is not read any more, one that moved is read where it is', async () => {
    const [from, to] = [await rig.serve(), await rig.serve()]
    const checker = new ReportingChecker('ams-1', 'ams')
    from.send(checker.snapshot())
    to.send(checker.restart())
    const reader = rig.read(from.port)
    await reader.until((frame) => frame.incarnation === 1)
    reader.publish(2, [{ name: 'ams-1', address: '127.0.0.1', port: to.port }])
    await reader.until((frame) => frame.incarnation === 2)
    reader.publish(3, [])
    await expect.poll(() => to.stats().readers).toBe(0)
  })
})
