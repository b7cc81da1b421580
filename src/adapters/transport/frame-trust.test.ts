/** Who is refused, on either side, over real TLS on loopback. */
import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ReportingChecker } from '../../core/health/testing/reporting-checker.ts'
import { withLength } from './message-splitter.ts'
import { closed } from './testing/closed.ts'
import { HELLO, TransportRig } from './testing/transport-rig.ts'

const rig = new TransportRig()
beforeEach(() => {
  rig.refusals.splice(0)
})
afterEach(() => rig.cleanUp())
afterAll(() => {
  rig.dispose()
})

describe('who may speak', () => {
  it.each([
    ['by another authority', () => rig.odd('URI:fairlead://nameserver/fra/ns1', rig.stranger)],
    ['that names no part of Fairlead', () => rig.odd('DNS:ns1.example.test')],
  ])('a reader with a certificate %s is refused', async (_, make) => {
    const server = await rig.serve()
    server.send(new ReportingChecker('ams-1', 'ams').snapshot())
    const socket = connect({
      ...make(),
      host: '127.0.0.1',
      port: server.port,
      checkServerIdentity: () => undefined,
    })
    socket.on('error', () => undefined)
    socket.on('secureConnect', () => socket.write(HELLO))
    socket.resume()
    await closed(socket)
    expect(server.stats().readers).toBe(0)
    expect(server.stats().sentBytes).toBe(0)
  })

  it('who is refused is vouched for where our own authority has certified it, however that ended', async () => {
    const server = await rig.serve()
    const uri = 'URI:fairlead://nameserver/fra/ns1'
    for (const { cert, key } of [
      rig.authority.issue('ended', [uri], 0),
      rig.stranger.issue('ended-too', [uri], 0),
      rig.stranger.issue('strange', [uri]),
    ]) {
      const before = rig.refusals.length
      const at = { cert, key, host: '127.0.0.1', port: server.port, rejectUnauthorized: false }
      const socket = connect(at)
      socket.on('error', () => undefined)
      socket.resume()
      await closed(socket)
      await expect.poll(() => rig.refusals.length).toBe(before + 1)
    }
    const told = rig.refusals.splice(0)
    expect(told.map(({ who, vouched }) => [who, vouched])).toEqual(
      [true, undefined, undefined].map((vouched) => [uri.slice(4), vouched]),
    )
  })

  it('a reader without a certificate, or with an older TLS, is refused', async () => {
    const server = await rig.serve()
    for (const options of [
      { ca: [] },
      {
        ...rig.identity('fairlead://control/c').options,
        minVersion: 'TLSv1.2' as const,
        maxVersion: 'TLSv1.2' as const,
      },
    ]) {
      const socket = connect({ ...options, host: '127.0.0.1', port: server.port, rejectUnauthorized: false })
      socket.on('error', () => undefined)
      socket.resume()
      await closed(socket)
    }
    expect(server.stats().readers).toBe(0)
  })

  it.each([
    ['whose certificate is that of another checker', 'fairlead://checker/ams/ams-2', 'ams-1', 'ams'],
    ['whose certificate is that of a nameserver', 'fairlead://nameserver/ams/ams-1', 'ams-1', 'ams'],
    ['whose certificate is that of another site', 'fairlead://checker/fra/ams-1', 'ams-1', 'ams'],
    ['whose frames name another checker', 'fairlead://checker/ams/ams-1', 'ams-2', 'ams'],
    ['whose frames name another site', 'fairlead://checker/ams/ams-1', 'ams-1', 'fra'],
  ])('a checker %s is not believed', async (...[, uri, name, site]) => {
    const server = await rig.serve(uri)
    server.send(new ReportingChecker(name, site).snapshot())
    const reader = rig.read(server.port)
    // The client gives the connection up each time, and tries again.
    await expect
      .poll(() => server.stats().accepted + server.stats().refused, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(2)
    expect(reader.frames).toEqual([])
  })

  it('a server that sends anything but frames is given up, and tried again', async () => {
    const tls = rig.identity('fairlead://checker/ams/ams-1')
    const sent = [
      Uint8Array.of(255, 255, 255, 255),
      withLength(Uint8Array.of(1, 99)),
      withLength(new Uint8Array(100)),
    ]
    const server = createServer({ ...tls.options, requestCert: true }, (socket) => {
      socket.on('error', () => undefined)
      socket.write(sent.shift() ?? new Uint8Array())
      if (sent.length === 0) server.emit('all sent')
    })
    server.listen(0, '127.0.0.1')
    rig.stops.push(() => {
      server.close()
    })
    await once(server, 'listening')
    const address = server.address()
    const reader = rig.read(typeof address === 'object' && address !== null ? address.port : 0)
    await once(server, 'all sent')
    expect(reader.frames).toEqual([])
  })
})
