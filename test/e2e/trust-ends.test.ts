/**
 * How a certificate ends, with real processes on loopback: by revocation, which everybody hears of, or by renewal before its time. A
 * control that made its cluster with an authority of the test's own, and checkers that joined it.
 */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closed } from '../../src/adapters/transport/testing/closed.ts'
import type { CertificateView } from '../../src/core/views/trust.ts'
import { eventually } from './harness/eventually.ts'
import type { ServiceProcess } from './harness/service-process.ts'
import { TrustCluster, HOST } from './harness/trust-cluster.ts'

const MINUTE = { withinMs: 60_000, everyMs: 250 }
const cluster = new TrustCluster()
let ams: ServiceProcess

beforeAll(async () => {
  await cluster.start()
  const joined = await cluster.checker('ams', 'ams-1')
  ams = joined.process
  await ams.start()
  await cluster.apply(
    `sites: [{ name: ams, checkers: [{ name: ams-1, address: ${HOST}, port: ${joined.port} }] }, { name: fra }]\n`,
  )
})

afterAll(() => cluster.stop())

describe('a revoked certificate', () => {
  it('is refused at once by the control that was told, and within a minute by everybody; what stands is cut', async () => {
    const { process: fra, port } = await cluster.checker('fra', 'fra-1')
    await fra.start()
    const readers = connect({
      ...{
        ...cluster.shown('fairlead://nameserver/fra/x-8'),
        host: HOST,
        port,
        checkServerIdentity: () => undefined,
      },
    })
    await once(readers, 'secureConnect')
    const cut = closed(readers)
    const certificate = new X509Certificate(readers.getX509Certificate()!.raw)
    const startedMs = performance.now()
    // Made by this test's hand: that it is no typing error has to be said.
    expect(await cluster.run('revoke', certificate.serialNumber)).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('nothing is revoked') as unknown },
    })
    expect(await cluster.run('revoke', certificate.serialNumber, '--unknown')).toMatchObject({ code: 0 })
    const unused = await cluster.token('checker', 'ams', 'ams-1')
    expect(await cluster.run('revoke', 'fairlead://checker/ams/ams-1')).toMatchObject({
      ...{ code: 0, stdout: expect.stringMatching(/checker\/ams\/ams-1[^]*1 of its join tokens/) as unknown },
    })
    expect(await cluster.joins(unused, 'thief-2')).toMatchObject({ code: 2 })
    await cluster.isTold(/checker\/ams\/ams-1.*was revoked/)
    await cut
    // The other checker has heard of it from the control, and tells it what it refuses.
    await cluster.isTold(
      /at fairlead:\/\/checker\/fra\/fra-1: as a reader: its certificate [0-9A-F]+ was revoked/,
    )
    expect(performance.now() - startedMs).toBeLessThan(60_000)
    await eventually(() => {
      expect(readFileSync(join(cluster.dataDirOf('fra-1'), 'revoked.json'), 'utf8')).toContain(
        certificate.serialNumber,
      )
    })
    // With a new token it may come back.
    await ams.end()
    const again = [
      'join',
      `https://${HOST}:${cluster.nodesPort}`,
      '--data-dir',
      cluster.dataDirOf('ams-1'),
      '--force',
    ]
    expect(
      await cluster.run(...again, '--token', await cluster.token('checker', 'ams', 'ams-1')),
    ).toMatchObject({
      code: 0,
    })
    await ams.start()
    await eventually(() => {
      expect(ams.log().split('the feed comes from a control').length).toBeGreaterThan(2)
    }, MINUTE)
  })

  it('of a nameserver ends that it is waited for: it was taken away, and its silence is no alarm', async () => {
    const report = {
      ...{ name: 'x-9', site: 'fra', revision: 0, ready: true, unpublishedForMs: null },
      dnsServer: {
        ...{ state: 'running', address: HOST, port: 53, pid: 1, restarts: 0, version: null, detail: '' },
      },
    }
    const secure = cluster.shown('fairlead://nameserver/fra/x-9')
    const nameservers = async () =>
      ((await cluster.api('/v1/nameservers')) as { items: { name: string }[] }).items
    const bring = () => cluster.ask('/v1/reports', secure, { kind: 'nameserver', report })
    expect(await bring()).toBe(204)
    await eventually(async () => {
      expect((await nameservers()).map(({ name }) => name)).toContain('x-9')
      expect(await cluster.api('/v1/status')).toMatchObject({
        alarms: expect.arrayContaining([
          expect.stringContaining('nameserver x-9 has not reported'),
        ]) as unknown,
      })
    }, MINUTE)
    const { serialNumber } = new X509Certificate(secure.cert as Buffer)
    expect(await cluster.run('revoke', serialNumber, '--unknown')).toMatchObject({ code: 0 })
    await eventually(async () => {
      expect((await nameservers()).map(({ name }) => name)).not.toContain('x-9')
    }, MINUTE)
    expect(JSON.stringify(await cluster.api('/v1/status'))).not.toContain('x-9')
    expect(await bring()).toBe(403)
  })

  it('is no reason to be let in without one', async () => {
    const none = cluster.service('checker', 'none', {
      controls: [`${HOST}:${cluster.nodesPort}`],
      frames: `${HOST}:0`,
    })
    await expect(none.start()).rejects.toThrow(/there is no certificate in .*nothing listens without one/)
  })
})

describe('a certificate that ends soon', () => {
  it('is renewed, and the process goes on with it', async () => {
    await eventually(() => {
      expect(cluster.services.find(({ name }) => name === 'fra-1')?.log()).toContain(
        'the certificate was renewed',
      )
    }, MINUTE)
    const file = readFileSync(join(cluster.dataDirOf('fra-1'), 'identity.pem'))
    const issued = JSON.parse((await cluster.run('certificates', '--json')).stdout) as CertificateView[]
    const own = issued.filter((one) => one.identity === 'fairlead://checker/fra/fra-1')
    expect(own.length).toBeGreaterThan(1)
    expect(own.at(-1)?.serial).not.toBe(new X509Certificate(file).serialNumber)
  })
})
