/**
 * Who is let in, with real processes on loopback: a control that made its cluster with an authority of the test's own, and checkers that
 * joined it. Everything that must be refused is, and each refusal is told.
 */
import { once } from 'node:events'
import { readFileSync, renameSync } from 'node:fs'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect, createServer as createTlsServer, type SecureContextOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closed } from '../../src/adapters/transport/testing/closed.ts'
import { HELLO } from '../../src/adapters/transport/testing/transport-rig.ts'
import { eventually } from './harness/eventually.ts'
import { falseChecker } from './harness/false-checker.ts'
import type { ServiceProcess } from './harness/service-process.ts'
import { TrustCluster, HOST } from './harness/trust-cluster.ts'

const MINUTE = { withinMs: 60_000, everyMs: 250 }
const cluster = new TrustCluster()
const { authority, stranger } = cluster
let ams: ServiceProcess
let amsPort: number

beforeAll(async () => {
  await cluster.start()
  const joined = await cluster.checker('ams', 'ams-1')
  ams = joined.process
  amsPort = joined.port
  await ams.start()
})

afterAll(() => cluster.stop())

describe('a control refuses, and tells', () => {
  it.each<[string, () => SecureContextOptions, string]>([
    [
      "another cluster's certificate",
      () => cluster.shown('fairlead://checker/ams/x-1', { by: stranger }),
      'x-1.*is not to be believed: ',
    ],
    [
      'an expired one',
      () => cluster.shown('fairlead://checker/ams/x-2', { days: -1 }),
      'x-2.*cert has expired',
    ],
    [
      'one of the wrong role',
      () => cluster.shown('fairlead://control/x-3'),
      'x-3.*GET /v1/feed: it is neither',
    ],
    ['one of nobody', () => cluster.shown('https://example.test/x-4'), 'names no part of Fairlead'],
    ['none at all', () => ({}), 'GET /v1/feed: it shows no certificate'],
  ])('%s', async (_, make, told) => {
    expect(await cluster.ask('/v1/feed', make())).toBe(403)
    await cluster.isTold(new RegExp(told))
  })

  it('everything but the feed of one that is good is there for those alone', async () => {
    expect(await cluster.ask('/v1/feed', cluster.shown('fairlead://checker/ams/x-5'))).toBe(200)
    for (const path of ['/v1/revocations', '/v1/renewals', '/v1/reports', '/v1/join', '/healthz'])
      expect(await cluster.ask(path, {})).toBe(403)
  })

  it.each([
    [
      'the control',
      () => cluster.nodesPort,
      /as a node: it speaks plain HTTP/,
      /as a node: it offers no TLS 1.3/,
    ],
    [
      'a checker',
      () => amsPort,
      /ams-1: as a reader: (?:it speaks plain HTTP|what it sends is no TLS)/,
      /ams-1: as a reader: it offers no TLS 1.3/,
    ],
  ] as const)('plain HTTP and TLS 1.2 at %s', async (...[, port, http, old]) => {
    const plain = connectTcp({ host: HOST, port: port() })
    plain.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    plain.resume()
    await closed(plain)
    await cluster.isTold(http)
    const secure = {
      ...cluster.shown('fairlead://nameserver/ams/ns-1'),
      maxVersion: 'TLSv1.2',
      minVersion: 'TLSv1.2',
    } as const
    const late = connect({ ...secure, host: HOST, port: port(), rejectUnauthorized: false })
    late.resume()
    await closed(late)
    await cluster.isTold(old)
  })

  it.each([
    [
      'the control',
      () => cluster.nodesPort,
      'GET /v1/feed HTTP/1.1\r\nhost: x\r\n\r\n',
      /as a node: what it sends does not decrypt/,
    ],
    ['a checker', () => amsPort, HELLO, /ams-1: as a reader: what it sends does not decrypt/],
  ] as const)(
    'what was recorded of a good connection to %s, and comes again',
    async (...[, port, said, told]) => {
      const recorded: Buffer[] = []
      const sockets: Socket[] = []
      const proxy = createServer((from) => {
        const to = connectTcp({ host: HOST, port: port() })
        sockets.push(from, to)
        for (const socket of [from, to]) socket.on('error', () => undefined)
        from.on('data', (chunk: Buffer) => recorded.push(chunk))
        from.pipe(to).pipe(from)
      }).listen(0, HOST)
      await once(proxy, 'listening')
      const address = proxy.address()
      const good = connect({
        ...{
          ...cluster.shown('fairlead://nameserver/ams/ns-1'),
          host: HOST,
          checkServerIdentity: () => undefined,
        },
        port: typeof address === 'object' && address !== null ? address.port : 0,
      })
      await once(good, 'secureConnect')
      good.resume()
      const over = closed(good)
      good.end(said)
      await over
      for (const socket of sockets) socket.destroy()
      proxy.close()
      const again = connectTcp({ host: HOST, port: port() })
      again.resume()
      again.write(Buffer.concat(recorded))
      await closed(again)
      await cluster.isTold(told)
    },
  )
})

describe('a join token', () => {
  it('is good once, also for the one that it was stolen from', async () => {
    const text = await cluster.token('nameserver', 'ams', 'ns-1')
    expect(await cluster.joins(text, 'ns-1')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^joined +as fairlead:\/\/nameserver\/ams\/ns-1, /) as unknown,
    })
    expect(await cluster.joins(text, 'thief')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('was used already') as unknown,
    })
    await cluster.isTold(/nameserver\/ams\/ns-1.*the join token was used already/)
  })

  it('stays good for the key of a node that was cut off in its middle', async () => {
    const text = await cluster.token('nameserver', 'ams', 'ns-2')
    expect(await cluster.joins(text, 'ns-2')).toMatchObject({ code: 0 })
    // As if it had been killed before it wrote the answer: the key is there, the certificate is not.
    const folder = cluster.dataDirOf('ns-2')
    renameSync(join(folder, 'identity.pem'), join(folder, 'joining.key'))
    expect(await cluster.joins(text, 'ns-2')).toMatchObject({ code: 0 })
    expect(readFileSync(join(folder, 'identity.pem'), 'utf8')).toMatch(/KEY[^]*CERTIFICATE/)
  })

  it('is said to nobody but a control of its cluster', async () => {
    const { cert, key } = stranger.issue('false', ['URI:fairlead://control/c1'])
    const heard: Buffer[] = []
    const other = createTlsServer(
      { cert: Buffer.concat([cert, readFileSync(stranger.caFile)]), key },
      (socket) => {
        socket.on('error', () => undefined)
        socket.on('data', (chunk: Buffer) => heard.push(chunk))
      },
    ).listen(0, HOST)
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const text = await cluster.token('checker', 'ams', 'x-6')
    expect(await cluster.joins(text, 'x-6', port)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('is no control of the cluster that the token is for') as unknown,
    })
    expect(Buffer.concat(heard).toString()).toBe('')
    other.close()
  })

  it('that is none, or of another cluster, is told', async () => {
    const text = await cluster.token('checker', 'ams', 'x-7')
    expect(await cluster.joins(text.slice(0, -43) + 'A'.repeat(43), 'x-7')).toMatchObject({ code: 2 })
    await cluster.isTold(/the join token is none of this cluster/)
  })
})

describe('a checker of one site', () => {
  it('cannot speak for another: neither by its certificate nor in its frames', async () => {
    const servers = await Promise.all(
      [
        { name: 'lon-1', uri: 'fairlead://checker/fra/lon-1', says: 'lon' },
        { name: 'lon-2', uri: 'fairlead://checker/lon/lon-2', says: 'fra' },
      ].map((about) => falseChecker(authority, { host: HOST, ...about })),
    )
    const checkers = servers.map(
      ({ port }, index) => `{ name: lon-${index + 1}, address: ${HOST}, port: ${port} }`,
    )
    const sites = `sites: [{ name: lon, checkers: [${checkers.join(', ')}] }, { name: ams, checkers: [{ name: ams-1, address: ${HOST}, port: ${amsPort} }] }]\n`
    await cluster.apply(sites)
    await cluster.isTold(/checker\/lon\/lon-1.*its certificate is that of fairlead:\/\/checker\/fra\/lon-1/)
    await cluster.isTold(/checker\/lon\/lon-2.*it speaks for checker lon-2 in site fra/)
    const status = async () =>
      JSON.parse((await cluster.run('get', 'checkers', '--json')).stdout) as {
        checker: string
        live: boolean
      }[]
    await eventually(async () => {
      expect((await status()).filter(({ live }) => live).map((one) => one.checker)).toEqual(['ams-1'])
    }, MINUTE)
    for (const server of servers) await server.close()
  })

  it('is given no feed with a certificate of another, and loses the one that it has when it is named there', async () => {
    // One whose name the configuration has at lon, and one that it does not know yet.
    expect(await cluster.ask('/v1/feed', cluster.shown('fairlead://checker/fra/lon-1'))).toBe(403)
    await cluster.isTold(/fra\/lon-1.*GET \/v1\/feed: the configuration has checker lon-1 at site lon/)
    expect(await cluster.ask('/v1/feed', cluster.shown('fairlead://checker/fra/lon-3'))).toBe(200)
    const at = (site: string, other: string) =>
      `sites: [{ name: ${site}, checkers: [{ name: ams-1, address: ${HOST}, port: ${amsPort} }] }, { name: ${other} }]\n`
    await cluster.apply(at('lon', 'ams'))
    await cluster.isTold(/ams\/ams-1.*GET \/v1\/feed: the configuration has checker ams-1 at site lon/)
    await cluster.isTold(/ams\/ams-1.*POST \/v1\/reports: the configuration has checker ams-1 at site lon/)
    await eventually(() => {
      expect(ams.log()).toMatch(/answered with status 403: the configuration has checker ams-1 at site lon/)
    }, MINUTE)
    await cluster.apply(at('ams', 'lon'))
    await eventually(() => {
      const log = ams.log()
      expect(log.lastIndexOf('the feed comes from a control')).toBeGreaterThan(log.lastIndexOf('status 403'))
    }, MINUTE)
  })
})
