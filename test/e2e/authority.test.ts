/**
 * One authority in the place of another, with real processes on loopback: two controls, a checker, a nameserver, of which one is away
 * or is killed at each step, while DNS is asked without a pause.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { closed } from '../../src/adapters/transport/testing/closed.ts'
import type { AuthorityView } from '../../src/core/views/authority.ts'
import { EndpointProcess } from './harness/endpoint-process.ts'
import { eventually } from './harness/eventually.ts'
import { QueryLoad } from './harness/query-load.ts'
import type { ServiceProcess } from './harness/service-process.ts'
import { HOST, TrustCluster } from './harness/trust-cluster.ts'

const SOON = { withinMs: 40_000, everyMs: 100 }
const ENDPOINT = '127.0.9.1'
const cluster = new TrustCluster()
let endpoint: EndpointProcess
let other: ServiceProcess
let checker: { readonly process: ServiceProcess; readonly port: number }
let load: QueryLoad

beforeAll(async () => {
  endpoint = new EndpointProcess(ENDPOINT, await freePort())
  await Promise.all([endpoint.start(), cluster.start({ certificateLife: '1m' })])
  const controls = [`${HOST}:${cluster.nodesPort}`, `${HOST}:${await freePort()}`]
  const joining = cluster.token('nameserver', 'ams', 'ns-1').then((token) => cluster.joins(token, 'ns-1'))
  ;[other, checker] = await Promise.all([
    cluster.control('c2', controls[1] ?? ''),
    cluster.checker('ams', 'ams-1', controls),
  ])
  expect(await joining).toMatchObject({ code: 0 })
  const dns = { controls, dnsAddress: [HOST], dnsPort: await freePort() }
  const nameserver = cluster.service('nameserver', 'ns-1', dns)
  await Promise.all([other, checker.process, nameserver].map((service) => service.start()))
  await cluster.apply(document())
  const to = { address: HOST, port: dns.dnsPort }
  await eventually(async () => {
    load = new QueryLoad({ ns: to }, 'www.cluster.test', [ENDPOINT])
    await load.end()
    expect(load.take()).toMatchObject({ ns: { answered: 1, wrong: 0 } })
  }, SOON)
  load = new QueryLoad({ ns: to }, 'www.cluster.test', [ENDPOINT])
})

afterAll(async () => {
  await load.end()
  await cluster.stop()
  await endpoint.kill()
})

function document(): string {
  const monitor =
    '{ name: web, kind: http, intervalMs: 500, fastIntervalMs: 200, timeoutMs: 400, fall: 2, rise: 2 }'
  return [
    `sites: [{ name: ams, checkers: [{ name: ams-1, address: ${HOST}, port: ${checker.port} }] }]`,
    'zones: [{ name: cluster.test, nameservers: [ns1.elsewhere.test] }]',
    `monitors: [${monitor}]`,
    `pools: [{ name: web, monitors: [web], endpoints: [{ name: e1, address: ${ENDPOINT}, port: ${endpoint.port}, site: ams }] }]`,
    'loadBalancers: [{ name: www.cluster.test, zone: cluster.test, policy: { kind: all, pools: [web] } }]',
    '',
  ].join('\n')
}

async function authorities(): Promise<Partial<Record<AuthorityView['state'], AuthorityView>>> {
  const { items } = (await cluster.api('/v1/authorities')) as { items: readonly AuthorityView[] }
  return Object.fromEntries(items.map((one) => [one.state, one]))
}

function certificateOf(name: string, file = 'identity.pem'): X509Certificate {
  return new X509Certificate(readFileSync(join(cluster.dataDirOf(name), file)))
}

it('is believed by everybody before it signs, signs before the other one goes, and no answer changes meanwhile', async () => {
  const before = (await authorities()).current?.fingerprint
  const early = await cluster.token('checker', 'ams', 'late-1')
  expect(await cluster.run('authority', 'rotate')).toMatchObject({
    ...{ code: 0, stdout: expect.stringMatching(/waits for +.*fairlead:\/\/checker\/ams\/ams-1/) as unknown },
  })
  expect(await cluster.run('authority', 'promote')).toMatchObject({
    ...{
      code: 2,
      stderr: expect.stringMatching(
        /do not have the next authority yet.*fairlead:\/\/control\/c2/,
      ) as unknown,
    },
  })
  await eventually(async () => {
    expect((await authorities()).next).toMatchObject({ unknownTo: [], certificates: 0 })
  }, SOON)

  await other.end('SIGKILL')
  await checker.process.end('SIGKILL')
  expect(await cluster.run('authority', 'promote')).toMatchObject({ code: 0 })
  await checker.process.start()
  await eventually(async () => {
    const { current, retiring } = await authorities()
    expect(retiring).toMatchObject({ fingerprint: before, heldBy: ['fairlead://control/c2'] })
    expect(current?.heldBy).toEqual(
      expect.arrayContaining([
        'fairlead://checker/ams/ams-1',
        'fairlead://control/c1',
        'fairlead://nameserver/ams/ns-1',
      ]),
    )
  }, SOON)
  expect(await cluster.run('authority', 'retire')).toMatchObject({
    ...{
      code: 2,
      stderr: expect.stringMatching(
        /certificate of the retiring authority.*: fairlead:\/\/control\/c2\n/,
      ) as unknown,
    },
  })
  await other.start()
  await eventually(async () => {
    expect((await authorities()).retiring?.heldBy).toEqual([])
  }, SOON)

  expect(await cluster.run('authority', 'retire')).toMatchObject({ code: 0 })
  const names = ['c1', 'c2', 'ams-1', 'ns-1']
  await eventually(() => {
    for (const name of names) {
      const authority = certificateOf(name, 'ca.pem')
      expect(certificateOf(name).verify(authority.publicKey)).toBe(true)
      expect(authority.fingerprint256.replaceAll(':', '').toLowerCase()).not.toBe(before)
      expect(readFileSync(join(cluster.dataDirOf(name), 'ca.pem'), 'utf8').split('BEGIN')).toHaveLength(2)
    }
  }, SOON)

  // The test has the key of the authority that is gone.
  expect(await cluster.ask('/v1/feed', cluster.shown('fairlead://checker/ams/ams-1'))).toBe(403)
  await cluster.isTold(/ams-1.*it is by no authority that is believed here/)
  const reader = connect({
    ...{ ...cluster.shown('fairlead://nameserver/ams/ns-1'), host: HOST, port: checker.port },
    rejectUnauthorized: false,
  })
  reader.resume()
  await closed(reader)
  await cluster.isTold(/at fairlead:\/\/checker\/ams\/ams-1: as a reader: [^"]*it is by no authority/)

  // What everybody says to everybody still arrives.
  await endpoint.kill()
  await eventually(async () => {
    expect(JSON.stringify(await cluster.api('/v1/status'))).toContain('"state":"down"')
  }, SOON)
  await load.end()
  expect(load.take()['ns']).toMatchObject({ wrong: 0, empty: 0, servfail: 0, silent: 0, least: 1 })

  expect(await cluster.joins(early, 'late-1')).toMatchObject({
    ...{ code: 4, stderr: expect.stringContaining('make another token') as unknown },
  })
  expect(await cluster.joins(await cluster.token('checker', 'ams', 'late-1'), 'late-1')).toMatchObject({
    code: 0,
  })
  expect((await cluster.run('audit', '--json-lines')).stdout).toMatch(
    /authority rotate[^]*authority promote[^]*authority retire/,
  )
})
