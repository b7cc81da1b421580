/** A zone with everything in it, exported, is a zone to BIND's own checker. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { masterFileSchema } from '../../src/core/views/master-file.ts'
import { startApi, type ApiRig } from './api-rig.ts'

let rig: ApiRig
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-zone-'))
  rig = await startApi()
})
afterAll(async () => {
  await rig.stop()
  rmSync(folder, { recursive: true })
})

const put = (kind: string, specs: readonly object[]) => specs.map((spec) => ({ op: 'put', kind, spec }))
const endpoint = (name: string, address: string) => ({ name, address, port: 80, site: 'ams' })
const balancer = (name: string, policy: object, more: object = {}) => ({
  ...{ name, zone: 'example.test', policy },
  ...more,
})

it('named-checkzone accepts it, steered and refused names and service bindings included', async () => {
  const changes = [
    ...put('site', [{ name: 'ams' }]),
    ...put('zone', [
      {
        name: 'example.test',
        nameservers: ['ns1.example.test', 'ns2.elsewhere.test'],
        records: [
          { name: 'ns1', type: 'A', values: ['192.0.2.53'] },
          { name: '@', type: 'MX', values: [{ preference: 10, exchange: 'mail.elsewhere.test' }] },
          { name: '@', type: 'CAA', values: [{ tag: 'issue', value: 'ca.test; a="b\\c"' }] },
          { name: 'text', type: 'TXT', values: ['"quoted" \\ and long '.repeat(30)] },
          {
            name: '_sip._tcp',
            type: 'SRV',
            values: [{ priority: 1, weight: 2, port: 5060, target: 'sip.elsewhere.test' }],
          },
          { name: 'alias', type: 'CNAME', values: ['www.example.test'] },
          { name: 'sub', type: 'NS', values: ['ns.sub.example.test'] },
          { name: 'ns.sub', type: 'A', values: ['192.0.2.54'] },
        ],
      },
    ]),
    ...put('clientMap', [{ name: 'net', entries: [{ name: 'lab', prefixes: ['10.0.0.0/8'] }] }]),
    ...put('pool', [
      {
        name: 'web',
        endpoints: [endpoint('a', '192.0.2.1'), endpoint('b', '192.0.2.2'), endpoint('c', '2001:db8::1')],
      },
      { name: 'cdn', endpoints: [endpoint('x', 'x.elsewhere.test'), endpoint('y', 'y.elsewhere.test')] },
      { name: 'none', endpoints: [] },
    ]),
    ...put('loadBalancer', [
      balancer('example.test', { kind: 'all', pools: ['web'] }, { serviceBinding: { alpn: ['h2', 'h3'] } }),
      balancer('www.example.test', { kind: 'weighted', pools: ['web'] }),
      balancer('sticky.example.test', { kind: 'sticky', pools: ['web'] }),
      balancer('cdn.example.test', { kind: 'weighted', pools: ['cdn'] }),
      balancer('*.apps.example.test', {
        ...{ kind: 'all', pools: ['web'] },
        rules: [{ when: { clientMap: { map: 'net', entries: ['lab'] } }, pools: ['web'] }],
      }),
      balancer(
        'sorry.example.test',
        { kind: 'all', pools: ['none'] },
        { whenDown: { kind: 'cname', target: 'x.elsewhere.test' } },
      ),
    ]),
  ]
  expect(await rig.send('POST', '/v1/change-sets', { body: { changes } })).toMatchObject({ status: 200 })
  const reply = await rig.send('GET', '/v1/zones/example.test/master-file')
  const { text, zone } = masterFileSchema.parse(reply.body)
  expect(zone).toBe('example.test')
  const file = join(folder, 'example.test.zone')
  writeFileSync(file, text)
  const checked = spawnSync('named-checkzone', ['-k', 'fail', '-i', 'local', 'example.test', file], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  })
  expect(checked.stdout + checked.stderr).toMatch(/loaded serial \d+\nOK\n$/)
  expect(checked.status).toBe(0)
  expect((await rig.send('GET', '/v1/zones/none.test/master-file')).status).toBe(404)
})
