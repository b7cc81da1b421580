/**
 * Who is let in, with real processes on loopback: a control that made its cluster with an authority of the test's own, and checkers that
 * joined it. Everything that must be refused is, and each refusal is told.
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type SecureContextOptions } from 'node:tls'
import { pino } from 'pino'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { FrameServer } from '../../src/adapters/transport/frame-server.ts'
import { closed } from '../../src/adapters/transport/testing/closed.ts'
import { HELLO } from '../../src/adapters/transport/testing/transport-rig.ts'
import { TlsIdentity } from '../../src/adapters/transport/tls-identity.ts'
import { ReportingChecker } from '../../src/core/health/testing/reporting-checker.ts'
import { eventually } from './harness/eventually.ts'
import { runFairlead, type CommandResult } from './harness/fairlead-process.ts'
import { ServiceProcess } from './harness/service-process.ts'

const HOST = '127.0.0.1'
/** Renewed when a quarter to a third of it is left. */
const LIFE = '40s'
const MINUTE = { withinMs: 60_000, everyMs: 250 }

const authority = new CertificateAuthority()
const stranger = new CertificateAuthority()
const folder = mkdtempSync(join(tmpdir(), 'fairlead-trust-'))
const services: ServiceProcess[] = []
let nodesPort: number
let control: ServiceProcess
let ams: ServiceProcess
let amsPort: number

const run = (...args: readonly string[]) => runFairlead(args, { dataDir: join(folder, 'c1') })
const dataDirOf = (name: string) => join(folder, name)
const seen = () => control.log()

function service(
  command: ServiceProcess['command'],
  name: string,
  settings: Record<string, unknown>,
): ServiceProcess {
  const made = new ServiceProcess(command, { folder, name, settings })
  services.push(made)
  return made
}

async function token(role: string, site: string, name: string): Promise<string> {
  const { stdout, stderr } = await run('join-token', '--role', role, '--site', site, '--name', name)
  expect(stderr).toContain(`fairlead://${role}/${site}/${name}, once`)
  return stdout.trim()
}

function joins(text: string, name: string, port = nodesPort): Promise<CommandResult> {
  const args = ['join', `https://${HOST}:${port}`, '--token', text, '--data-dir', dataDirOf(name)]
  return runFairlead(args)
}

async function checker(site: string, name: string): Promise<{ process: ServiceProcess; port: number }> {
  expect(await joins(await token('checker', site, name), name)).toMatchObject({ code: 0 })
  const port = await freePort()
  const settings = { controls: [`${HOST}:${nodesPort}`], frames: `${HOST}:${port}` }
  return { process: service('checker', name, settings), port }
}

/** A certificate by any authority, as no process of ours would use it. */
function shown(uri: string, { by = authority, days = 2 } = {}): SecureContextOptions {
  const { cert, key } = by.issue(`shown-${Math.random().toString(36).slice(2)}`, [`URI:${uri}`], days)
  return { cert, key, ca: readFileSync(authority.caFile) }
}

/** Status of the answer; null: there was none. */
function ask(path: string, secure: SecureContextOptions, port = nodesPort): Promise<number | null> {
  return new Promise((resolve) => {
    const asking = request({ ...secure, host: HOST, port, path, agent: false, rejectUnauthorized: false })
    asking.on('response', (response) => {
      resolve(response.statusCode ?? null)
      response.destroy()
    })
    asking.on('error', () => {
      resolve(null)
    })
    asking.end()
  })
}

/** The control's record of those that were turned away has it, sooner or later. */
async function isTold(pattern: RegExp): Promise<void> {
  await eventually(() => {
    expect(seen()).toMatch(pattern)
  })
}

beforeAll(async () => {
  nodesPort = await freePort()
  const own = ['--ca-certificate', authority.caFile, '--ca-key', join(authority.folder, 'ca.key')]
  const made = await run('init', '--name', 'c1', '--data-dir', dataDirOf('c1'), ...own)
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('made, fingerprint') as unknown })
  control = service('control', 'c1', {
    api: `${HOST}:0`,
    nodes: `${HOST}:${nodesPort}`,
    certificateLife: LIFE,
  })
  await control.start()
  const joined = await checker('ams', 'ams-1')
  ams = joined.process
  amsPort = joined.port
  await ams.start()
})

afterAll(async () => {
  for (const one of services) await one.end()
  for (const one of [authority, stranger]) one[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

describe('a control refuses, and tells', () => {
  it.each<[string, () => SecureContextOptions, string]>([
    [
      "another cluster's certificate",
      () => shown('fairlead://checker/ams/x-1', { by: stranger }),
      'x-1.*is not to be believed: ',
    ],
    ['an expired one', () => shown('fairlead://checker/ams/x-2', { days: -1 }), 'x-2.*cert has expired'],
    ['one of the wrong role', () => shown('fairlead://control/x-3'), 'x-3.*GET /v1/feed: it is neither'],
    ['one of nobody', () => shown('https://example.test/x-4'), 'names no part of Fairlead'],
    ['none at all', () => ({}), 'GET /v1/feed: it shows no certificate'],
  ])('%s', async (_, make, told) => {
    expect(await ask('/v1/feed', make())).toBe(403)
    await isTold(new RegExp(told))
  })

  it('everything but the feed of one that is good is there for those alone', async () => {
    expect(await ask('/v1/feed', shown('fairlead://checker/ams/x-5'))).toBe(200)
    for (const path of ['/v1/revocations', '/v1/renewals', '/v1/reports', '/v1/join', '/healthz'])
      expect(await ask(path, {})).toBe(403)
  })

  it.each([
    ['the control', () => nodesPort, /as a node: [^"]*http request/, /as a node: [^"]*unsupported protocol/],
    [
      'a checker',
      () => amsPort,
      /ams-1: as a reader: [^"]*(?:http request|wrong version)/,
      /ams-1: as a reader: [^"]*unsupported protocol/,
    ],
  ] as const)('plain HTTP and TLS 1.2 at %s', async (_, port, http, old) => {
    const plain = connectTcp({ host: HOST, port: port() })
    plain.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    plain.resume()
    await closed(plain)
    await isTold(http)
    const secure = {
      ...shown('fairlead://nameserver/ams/ns-1'),
      maxVersion: 'TLSv1.2',
      minVersion: 'TLSv1.2',
    } as const
    const late = connect({ ...secure, host: HOST, port: port(), rejectUnauthorized: false })
    late.resume()
    await closed(late)
    await isTold(old)
  })

  it.each([
    [
      'the control',
      () => nodesPort,
      'GET /v1/feed HTTP/1.1\r\nhost: x\r\n\r\n',
      /as a node: [^"]*(?:bad record mac|decryption failed)/,
    ],
    ['a checker', () => amsPort, HELLO, /ams-1: as a reader: [^"]*(?:bad record mac|decryption failed)/],
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
        ...{ ...shown('fairlead://nameserver/ams/ns-1'), host: HOST, checkServerIdentity: () => undefined },
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
      await isTold(told)
    },
  )
})

describe('a join token', () => {
  it('is good once, also for the one that it was stolen from', async () => {
    const text = await token('nameserver', 'ams', 'ns-1')
    expect(await joins(text, 'ns-1')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^joined +as fairlead:\/\/nameserver\/ams\/ns-1, /) as unknown,
    })
    expect(await joins(text, 'thief')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('was used already') as unknown,
    })
    await isTold(/nameserver\/ams\/ns-1.*the join token was used already/)
  })

  it('is said to nobody but a control of its cluster', async () => {
    const { cert, key } = stranger.issue('false', ['URI:fairlead://control/c1'])
    const heard: Buffer[] = []
    const { createServer: createTls } = await import('node:tls')
    const other = createTls({ cert: Buffer.concat([cert, readFileSync(stranger.caFile)]), key }, (socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => heard.push(chunk))
    }).listen(0, HOST)
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const text = await token('checker', 'ams', 'x-6')
    expect(await joins(text, 'x-6', port)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('is no control of the cluster that the token is for') as unknown,
    })
    expect(Buffer.concat(heard).toString()).toBe('')
    other.close()
  })

  it('that is none, or of another cluster, is told', async () => {
    const text = await token('checker', 'ams', 'x-7')
    expect(await joins(text.slice(0, -43) + 'A'.repeat(43), 'x-7')).toMatchObject({ code: 2 })
    await isTold(/the join token is none of this cluster/)
  })
})

describe('a checker of one site', () => {
  it('cannot speak for another: neither by its certificate nor in its frames', async () => {
    const logger = pino({ level: 'silent' })
    const checkers: string[] = []
    const servers = await Promise.all(
      (
        [
          ['lon-1', 'fairlead://checker/fra/lon-1', 'lon'],
          ['lon-2', 'fairlead://checker/lon/lon-2', 'fra'],
        ] as const
      ).map(async ([name, uri, says]) => {
        const issued = authority.issue(name, [`URI:${uri}`])
        const tls = new TlsIdentity({ ...issued, caFile: authority.caFile })
        const server = new FrameServer({
          listen: { host: HOST, port: 0 },
          tls,
          clock: systemClock,
          logger,
          onRefused: () => undefined,
        })
        await server.listen()
        server.send(new ReportingChecker(name, says).snapshot())
        checkers.push(`{ name: ${name}, address: ${HOST}, port: ${server.port} }`)
        return server
      }),
    )
    const sites = `sites: [{ name: lon, checkers: [${checkers.join(', ')}] }, { name: ams, checkers: [{ name: ams-1, address: ${HOST}, port: ${amsPort} }] }]\n`
    const { code } = await runFairlead(['apply', '-f', '-'], { dataDir: dataDirOf('c1'), input: sites })
    expect(code).toBe(0)
    await isTold(/checker\/lon\/lon-1.*its certificate is that of fairlead:\/\/checker\/fra\/lon-1/)
    await isTold(/checker\/lon\/lon-2.*it speaks for checker lon-2 in site fra/)
    const status = async () =>
      JSON.parse((await run('get', 'checkers', '--json')).stdout) as { checker: string; live: boolean }[]
    await eventually(async () => {
      expect((await status()).filter(({ live }) => live).map((one) => one.checker)).toEqual(['ams-1'])
    }, MINUTE)
    for (const server of servers) await server.close()
  })
})

describe('a revoked certificate', () => {
  it('is refused at once by the control that was told, and within a minute by everybody; what stands is cut', async () => {
    const { process: fra, port } = await checker('fra', 'fra-1')
    await fra.start()
    const readers = connect({
      ...{
        ...shown('fairlead://nameserver/fra/x-8'),
        host: HOST,
        port,
        checkServerIdentity: () => undefined,
      },
    })
    await once(readers, 'secureConnect')
    const cut = closed(readers)
    const certificate = new X509Certificate(readers.getX509Certificate()!.raw)
    const startedMs = performance.now()
    expect(await run('revoke', certificate.serialNumber)).toMatchObject({ code: 0 })
    expect(await run('revoke', 'fairlead://checker/ams/ams-1')).toMatchObject({
      ...{ code: 0, stdout: expect.stringContaining('fairlead://checker/ams/ams-1') as unknown },
    })
    await isTold(/checker\/ams\/ams-1.*was revoked/)
    await cut
    // The other checker has heard of it from the control, and tells it what it refuses.
    await isTold(/at fairlead:\/\/checker\/fra\/fra-1: as a reader: its certificate [0-9A-F]+ was revoked/)
    expect(performance.now() - startedMs).toBeLessThan(60_000)
    await eventually(() => {
      expect(readFileSync(join(dataDirOf('fra-1'), 'revoked.json'), 'utf8')).toContain(
        certificate.serialNumber,
      )
    })
    // With a new token it may come back.
    await ams.end()
    const again = ['join', `https://${HOST}:${nodesPort}`, '--data-dir', dataDirOf('ams-1'), '--force']
    expect(await runFairlead([...again, '--token', await token('checker', 'ams', 'ams-1')])).toMatchObject({
      code: 0,
    })
    await ams.start()
    await eventually(() => {
      expect(ams.log().split('the feed comes from a control').length).toBeGreaterThan(2)
    }, MINUTE)
  })

  it('is no reason to be let in without one', async () => {
    const none = service('checker', 'none', { controls: [`${HOST}:${nodesPort}`], frames: `${HOST}:0` })
    await expect(none.start()).rejects.toThrow(/there is no certificate in .*nothing listens without one/)
  })
})

describe('a certificate that ends soon', () => {
  it('is renewed, and the process goes on with it', async () => {
    const identity = () =>
      new X509Certificate(readFileSync(join(dataDirOf('fra-1'), 'identity.pem'))).serialNumber
    const fra = services.find(({ name }) => name === 'fra-1')!
    const first = identity()
    await eventually(() => {
      expect(fra.log()).toContain('the certificate was renewed')
    }, MINUTE)
    expect(identity()).not.toBe(first)
    const certificates = JSON.parse((await run('certificates', '--json')).stdout) as {
      serial: string
      identity: string
    }[]
    expect(
      certificates.filter((one) => one.identity === 'fairlead://checker/fra/fra-1').length,
    ).toBeGreaterThan(1)
  })
})
