/** Connections that are kept from probe to probe: they save work, and never cost a true answer. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { monitorSchema } from '../../core/model/monitor.ts'
import { CheckScope, MAX_USES } from './check-scope.ts'
import { MonitorProber } from './monitor-prober.ts'
import { ProbeConnection } from './probe-connection.ts'
import { CertificateAuthority } from './testing/certificates.ts'
import { ProbingCheck } from './testing/probing-check.ts'
import { httpServer, httpsServer, servingBy } from './testing/raw-server.ts'

const authority = new CertificateAuthority()
afterAll(() => {
  authority[Symbol.dispose]()
})
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const kept = { kind: 'http', connection: 'keep-alive' } as const

const successes = (count: number) => Array.from({ length: count }, () => 'success')

describe('a connection', () => {
  it('is kept when the monitor says so, and carries each probe on it', async () => {
    const asked: (string | undefined)[] = []
    await using server = await httpServer((request, response) => {
      asked.push(request.headers.connection)
      response.end('ok')
    })
    using check = new ProbingCheck(server.target)
    expect(await check.probe()).toMatchObject({ kind: 'success', detail: 'HTTP 200', status: 200 })
    const { phases, ...result } = await check.probe()
    expect(result).toEqual({ kind: 'success', degraded: false, detail: 'HTTP 200', status: 200 })
    expect(Object.keys(phases).sort()).toEqual(['firstByteMs', 'totalMs'])
    expect(server.connections()).toBe(1)
    expect(asked).toEqual(['keep-alive', 'keep-alive'])
  })

  it('is a new one each time by default for http', async () => {
    await using server = await httpServer((_request, response) => response.end('ok'))
    using check = new ProbingCheck(server.target, { kind: 'http' })
    expect(await check.probes(3)).toEqual(successes(3))
    expect(server.connections()).toBe(3)
  })

  it('has a fresh handshake every 20th time by default for https', async () => {
    const certificate = authority.issue('kept', ['IP:127.0.0.1'])
    await using server = await httpsServer(certificate, (_request, response) => response.end('ok'))
    using check = new ProbingCheck(server.target, { kind: 'https', tls: { caFile: authority.caFile } })
    expect((await check.probe()).phases).toHaveProperty('tlsMs')
    expect(await check.probes(MAX_USES - 1)).toEqual(successes(MAX_USES - 1))
    expect(server.connections()).toBe(1)
    expect((await check.probe()).phases).toHaveProperty('tlsMs')
    expect(server.connections()).toBe(2)
    expect(MAX_USES).toBe(20)
  })

  it('is renewed at another time by each check, though all of them began together', async () => {
    await using server = await servingBy((socket) => socket.write(OK))
    const prober = new MonitorProber()
    const monitor = monitorSchema.parse({ name: 'm', ...kept })
    const controllers = Array.from({ length: 2 * MAX_USES }, () => new AbortController())
    const opened: number[] = []
    for (let round = 0; round <= MAX_USES; round += 1) {
      const before = server.connections()
      await Promise.all(controllers.map(({ signal }) => prober.probe(monitor, server.target, signal)))
      opened.push(server.connections() - before)
    }
    expect(opened).toEqual([2 * MAX_USES, ...Array.from({ length: MAX_USES }, () => 2)])
    for (const controller of controllers) controller.abort()
  })

  it.each([
    ['the reply says close', 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok'],
    ['the reply is HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['bytes follow the reply', `${OK}HTTP/1.1 200 OK\r\n`],
    [
      'the body is longer than what is read',
      `HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n${'x'.repeat(70_000)}`,
    ],
    ['protocols are switched', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ])('is not kept when %s', async (_name, reply) => {
    await using server = await servingBy((socket) => socket.write(reply))
    using check = new ProbingCheck(server.target, { ...kept, expectStatus: ['101', '200'] })
    expect(await check.probes(3)).toEqual(successes(3))
    expect(server.connections()).toBe(3)
  })

  it.each([
    [
      'of HTTP/1.0 that says keep-alive',
      'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n',
    ],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ])('is kept after a reply %s', async (_name, reply) => {
    await using server = await servingBy((socket) => socket.write(reply))
    using check = new ProbingCheck(server.target)
    expect(await check.probes(3)).toEqual(successes(3))
    expect(server.connections()).toBe(1)
  })

  it('is not kept over more than a minute', async () => {
    await using server = await servingBy((socket) => socket.write(OK))
    using check = new ProbingCheck(server.target, { ...kept, intervalMs: 60_001 })
    expect(await check.probes(2)).toEqual(successes(2))
    expect(server.connections()).toBe(2)
  })

  it('serves the monitor that it was opened for, and no other', async () => {
    await using server = await servingBy((socket) => socket.write(OK))
    const prober = new MonitorProber()
    const controller = new AbortController()
    for (let index = 0; index < 2; index += 1) {
      const monitor = monitorSchema.parse({ name: 'm', ...kept })
      expect(await prober.probe(monitor, server.target, controller.signal)).toMatchObject({ kind: 'success' })
    }
    expect(server.connections()).toBe(2)
    controller.abort()
  })

  it('is closed when the check ends', async () => {
    const { promise, resolve } = Promise.withResolvers<Socket>()
    await using server = await servingBy((socket) => {
      socket.write(OK)
      resolve(socket)
    })
    const check = new ProbingCheck(server.target)
    expect(await check.probes(1)).toEqual(['success'])
    const closed = once(await promise, 'close')
    check.end()
    await closed
  })

  it('is closed when there is no room for it', async () => {
    await using server = await servingBy(() => undefined)
    const { signal } = new AbortController()
    const budget = { left: 1 }
    const nobody = { onData: () => {}, onEnd: () => {}, onError: () => {}, onClose: () => {} }
    const open = () =>
      new ProbeConnection({ target: server.target, sourceAddress: undefined, tls: null }, nobody)
    const keptFor = { monitor: monitorSchema.parse({ name: 'm', ...kept }), target: server.target }
    const [first, second] = [new CheckScope(signal, budget, 2), new CheckScope(signal, budget, 2)]
    const connection = open()
    first.keep(connection, keptFor)
    second.keep(open(), keptFor)
    expect(budget.left).toBe(0)
    expect(second.take(keptFor)).toBeNull()
    expect(first.take(keptFor)).toBe(connection)
    expect(first.take(keptFor)).toBeNull()
    expect(budget.left).toBe(1)
    connection.destroy()
  })
})

describe('what happens on a kept connection is never a failure by itself:', () => {
  it('a close while it is idle', async () => {
    const closed: Promise<unknown>[] = []
    await using server = await servingBy((socket) => {
      closed.push(once(socket, 'close'))
      socket.end(OK)
    })
    using check = new ProbingCheck(server.target)
    for (let count = 1; count <= 3; count += 1) {
      expect(await check.probe()).toMatchObject({ kind: 'success' })
      await Promise.all(closed)
      expect(server.connections()).toBe(count)
    }
  })

  it.each<[string, (socket: Socket) => void]>([
    ['a close on the request', (socket) => socket.end()],
    ['a reset on the request', (socket) => socket.resetAndDestroy()],
    ['a close within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nA:')],
    ['a close within the body', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no')],
    [
      'the word that it was idle for too long',
      (socket) => socket.end('HTTP/1.1 408 Request Timeout\r\n\r\n'),
    ],
    ['noise', (socket) => socket.write('\x00\x01')],
  ])('%s', async (_name, misbehave) => {
    let misbehaved = 0
    await using server = await servingBy((socket, _connection, request) => {
      if (request === 1) socket.write(OK)
      else {
        misbehaved += 1
        misbehave(socket)
      }
    })
    using check = new ProbingCheck(server.target)
    expect(await check.probes(4)).toEqual(successes(4))
    expect([server.connections(), misbehaved]).toEqual([4, 3])
  })

  it('bytes that nobody asked for', async () => {
    const { promise, resolve } = Promise.withResolvers<Socket>()
    await using server = await servingBy((socket, connection) => {
      socket.write(OK)
      if (connection === 1) resolve(socket)
    })
    using check = new ProbingCheck(server.target)
    expect(await check.probes(1)).toEqual(['success'])
    const socket = await promise
    const closed = once(socket, 'close')
    socket.write('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
    await closed
    expect(await check.probes(1)).toEqual(['success'])
    expect(server.connections()).toBe(2)
  })

  it('silence: half of the time is left for a new connection', async () => {
    await using server = await servingBy((socket, _connection, request) => {
      if (request === 1) socket.write(OK)
    })
    using check = new ProbingCheck(server.target, { ...kept, timeoutMs: 400 })
    expect(await check.probes(1)).toEqual(['success'])
    const result = await check.probe()
    expect(result).toMatchObject({ kind: 'success' })
    expect(result.phases.totalMs).toBeGreaterThanOrEqual(200)
    expect(Object.keys(result.phases).sort()).toEqual(['connectMs', 'firstByteMs', 'totalMs'])
    expect(server.connections()).toBe(2)
  })

  it('an answer that takes more than half of the time', async () => {
    await using server = await servingBy((socket, connection, request) => {
      if (request === 1 && connection === 1) socket.write(OK)
      // Only when the new connection stands, which it does after half of the time; that one is never answered.
      if (connection === 2) for (const one of [first]) one?.write(OK)
      else first = socket
    })
    let first: Socket | null = null
    using check = new ProbingCheck(server.target, { ...kept, timeoutMs: 1_000 })
    expect(await check.probes(1)).toEqual(['success'])
    const result = await check.probe()
    expect(result).toMatchObject({ kind: 'success' })
    expect(Object.keys(result.phases).sort()).toEqual(['firstByteMs', 'totalMs'])
  })
})

describe('a failure', () => {
  it('is what a new connection shows too, and the next probe has a new one', async () => {
    let status = 200
    await using server = await httpServer((_request, response) => response.writeHead(status).end())
    using check = new ProbingCheck(server.target)
    expect(await check.probes(2)).toEqual(['success', 'success'])
    status = 503
    expect(await check.probe()).toMatchObject({ kind: 'failure', detail: 'HTTP 503, expected 200-299' })
    expect(server.connections()).toBe(2)
    expect(await check.probes(1)).toEqual(['failure'])
    expect(server.connections()).toBe(3)
    status = 200
    expect(await check.probes(2)).toEqual(['success', 'success'])
    expect(server.connections()).toBe(4)
  })

  it('comes at the end of the time, not later, when nothing answers any more', async () => {
    await using server = await servingBy((socket, connection, request) => {
      if (connection === 1 && request === 1) socket.write(OK)
    })
    using check = new ProbingCheck(server.target, { ...kept, timeoutMs: 200 })
    expect(await check.probes(1)).toEqual(['success'])
    const result = await check.probe()
    expect(result).toMatchObject({ kind: 'failure', detail: 'timed out after 200 ms waiting for the reply' })
    expect(result.phases.totalMs).toBeGreaterThanOrEqual(200)
  })

  it('comes at once when the server is gone', async () => {
    const server = await servingBy((socket) => socket.write(OK))
    using check = new ProbingCheck(server.target)
    expect(await check.probes(1)).toEqual(['success'])
    await server[Symbol.asyncDispose]()
    expect(await check.probe()).toMatchObject({ kind: 'failure', detail: 'connection refused' })
  })
})

it('a check that ends in the midst of a probe on a kept connection ends the probe, too', async () => {
  await using server = await servingBy((socket, _connection, request) => {
    if (request === 1) socket.write(OK)
    else check.end()
  })
  const check = new ProbingCheck(server.target)
  expect(await check.probes(1)).toEqual(['success'])
  expect(await check.probe()).toMatchObject({ kind: 'local-error', detail: 'the probe was aborted' })
  expect(await check.probe()).toMatchObject({ kind: 'local-error', detail: 'the probe was aborted' })
})

it('a redirect is followed on new connections', async () => {
  await using server = await httpServer((request, response) => {
    if (request.url === '/') response.writeHead(302, { Location: '/there' }).end()
    else response.end('ok')
  })
  using check = new ProbingCheck(server.target, { ...kept, followRedirects: true })
  expect(await check.probes(2)).toEqual(['success', 'success'])
  expect(server.connections()).toBe(4)
})
