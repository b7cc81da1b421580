/**
 * Zones at servers that others run: a real BIND 9 and a real Knot get them by transfer and follow every publication, also a
 * failover, a change of the nameserver that sends, and restarts of either side.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askDns } from '../../src/adapters/dns-client/ask-dns.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import type { DnssecView } from '../../src/core/views/dnssec.ts'
import type { Status } from '../../src/core/views/status.ts'
import { eventually } from './harness/eventually.ts'
import { FairleadProcess, runFairlead } from './harness/fairlead-process.ts'
import { bindSecondary, knotSecondary, type OtherServer, type TsigKeyText } from './harness/other-servers.ts'

const ZONES = ['plain.test', 'signed.test']
const KEY = 'transfer.example.net'

let folder: string
let fairlead: FairleadProcess
let endpointPort: number
let endpoint: Server
let key: TsigKeyText
let transferPort: number
let bind: OtherServer
let knot: OtherServer
let weightOfB = 1
let extra: object[] = []

function run(args: readonly string[], input = '') {
  return runFairlead(args, { dataDir: fairlead.dataDir, input })
}

function document(): object {
  const secondaries = [bind.port, knot.port].map((port) => ({ address: '127.0.0.1', port, tsigKey: KEY }))
  const monitor = { name: 'tcp', kind: 'tcp', intervalMs: 500, fastIntervalMs: 250, timeoutMs: 200 }
  return {
    sites: [{ name: 'ams' }],
    monitors: [monitor],
    zones: ZONES.map((name) => ({
      ...{ name, nameservers: [`ns1.${name}`], transfers: { secondaries } },
      ...(name === 'signed.test' && { dnssec: { denial: 'nsec3', parentServers: [] } }),
      records: [{ name: 'ns1', type: 'A', values: ['127.0.0.1'] }, ...extra],
    })),
    pools: [
      {
        name: 'web',
        monitors: ['tcp'],
        endpoints: [{ name: 'live', address: '127.0.0.1', port: endpointPort, site: 'ams' }],
      },
      {
        name: 'spare',
        endpoints: [
          { name: 'a', address: '192.0.2.1', port: 80, site: 'ams' },
          { name: 'b', address: '192.0.2.2', port: 80, site: 'ams', weight: weightOfB },
        ],
      },
    ],
    loadBalancers: ZONES.flatMap((zone) => [
      {
        name: `www.${zone}`,
        zone,
        policy: { kind: 'failover', tiers: [{ pool: 'web' }, { pool: 'spare' }] },
      },
      { name: `drawn.${zone}`, zone, policy: { kind: 'weighted', pools: ['spare'] } },
      {
        ...{ name: `held.${zone}`, zone, policy: { kind: 'all', pools: ['web'] } },
        whenDown: { kind: 'refuse' },
      },
    ]),
  }
}

async function apply(): Promise<void> {
  const { code, stderr } = await run(['apply', '-f', '-'], JSON.stringify(document()))
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
}

async function valuesAt(server: OtherServer, name: string): Promise<readonly string[]> {
  const answer = await askDns({ address: '127.0.0.1', port: server.port }, { name, type: 'A' })
  return answer.kind === 'answer' ? answer.values : [answer.detail]
}

async function serialAt(server: OtherServer, zone: string): Promise<number> {
  const answer = await askDns({ address: '127.0.0.1', port: server.port }, { name: zone, type: 'SOA' })
  return Number(answer.kind === 'answer' ? answer.values[0]?.split(' ')[2] : Number.NaN)
}

/** Both secondaries answer so within the time, for both zones. */
async function bothAnswer(label: string, values: readonly string[], withinMs = 5_000): Promise<void> {
  for (const zone of ZONES)
    for (const server of [bind, knot])
      await eventually(
        async () => {
          expect(await valuesAt(server, `${label}.${zone}`)).toEqual(values)
        },
        { withinMs, everyMs: 10 },
      )
}

async function startEndpoint(): Promise<void> {
  endpoint = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => {
    endpoint.listen(endpointPort, '127.0.0.1', resolve)
  })
}

function secondaryOptions(name: string, port: number) {
  return { folder: join(folder, name), port, zones: ZONES, primaries: [transferPort], key }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-secondaries-'))
  endpointPort = await freePort()
  await startEndpoint()
  transferPort = await freePort()
  fairlead = new FairleadProcess({
    ...{ dataDir: join(folder, 'data'), dnsPort: await freePort() },
    args: ['--transfers', `127.0.0.1:${transferPort}`],
  })
  await fairlead.start()
  const added = await run(['tsig', 'add', KEY, '--json'])
  expect(added.code, added.stderr).toBe(EXIT.ok)
  key = JSON.parse(added.stdout) as TsigKeyText
  bind = bindSecondary(secondaryOptions('bind', await freePort()))
  knot = knotSecondary(secondaryOptions('knot', await freePort()))
  await Promise.all([bind.start(), knot.start()])
  await apply()
})

afterAll(async () => {
  await Promise.all([bind.end(), knot.end()])
  await fairlead.end()
  endpoint.close()
  rmSync(folder, { recursive: true, force: true })
})

it('gives both the zones, what is weighted as all eligible endpoints', async () => {
  await bothAnswer('drawn', ['192.0.2.1', '192.0.2.2'], 15_000)
  await bothAnswer('www', ['127.0.0.1'])
  await eventually(async () => {
    const { stdout } = await run(['status', '--json'])
    const { nameservers, alarms } = JSON.parse(stdout) as Status
    expect(nameservers[0]?.secondaries).toHaveLength(4)
    for (const one of nameservers[0]?.secondaries ?? []) expect(one.state, one.detail).toBe('current')
    expect(alarms).toEqual([])
  })
})

it('gives a signed zone that ldns verifies as a whole, down to its DS', async () => {
  const shown = await run(['dnssec', 'show', 'signed.test', '--json'])
  const { keys } = JSON.parse(shown.stdout) as DnssecView
  const file = join(folder, 'signed.zone')
  const anchor = join(folder, 'signed.ds')
  writeFileSync(anchor, `signed.test. 3600 IN DS ${keys[0]?.ds[0] ?? ''}\n`)
  const verify = async (...more: string[]) => {
    const args = ['@127.0.0.1', '-p', String(bind.port), '+noall', '+answer', 'signed.test', 'AXFR']
    const { stdout } = await promisify(execFile)('dig', args)
    writeFileSync(file, stdout)
    return promisify(execFile)('ldns-verify-zone', [...more, file])
  }
  expect((await verify('-k', anchor)).stdout).toContain('Zone is verified and complete')
  writeFileSync(anchor, `signed.test. 3600 IN DS ${keys[0]?.tag ?? 0} 13 2 ${'ab'.repeat(32)}\n`)
  await expect(verify('-k', anchor)).rejects.toThrow()
})

it('has them follow a failover and the way back', async () => {
  endpoint.close()
  await bothAnswer('www', ['192.0.2.1', '192.0.2.2'], 8_000)
  await startEndpoint()
  await bothAnswer('www', ['127.0.0.1'], 8_000)
})

it('lets stand what is only not to be answered now, also over a restart of the nameserver', async () => {
  const atNameserver = async () => {
    const answer = await askDns(
      { address: '127.0.0.1', port: fairlead.dnsPort },
      { name: 'held.plain.test', type: 'A' },
    )
    return answer.kind === 'answer' ? [answer.rcode, ...answer.values] : [answer.detail]
  }
  await bothAnswer('held', ['127.0.0.1'])
  endpoint.close()
  await eventually(
    async () => {
      expect(await atNameserver()).toEqual(['SERVFAIL'])
    },
    { withinMs: 8_000 },
  )
  await fairlead.end()
  await fairlead.start()
  extra = [{ name: 'later', type: 'A', values: ['192.0.2.98'] }]
  await apply()
  await bothAnswer('later', ['192.0.2.98'], 8_000)
  await bothAnswer('held', ['127.0.0.1'])
  expect(await atNameserver()).toEqual(['SERVFAIL'])
  await startEndpoint()
  await bothAnswer('www', ['127.0.0.1'], 8_000)
})

it('updates them within a second of a change, with serials that only grow', async () => {
  let before = await Promise.all([bind, knot].map((server) => serialAt(server, 'plain.test')))
  for (let round = 1; round <= 5; round += 1) {
    extra = [{ name: `round${round}`, type: 'A', values: [`192.0.2.${round + 100}`] }]
    await apply()
    await bothAnswer(`round${round}`, [`192.0.2.${round + 100}`], 1_000)
    const after = await Promise.all([bind, knot].map((server) => serialAt(server, 'plain.test')))
    for (const [index, serial] of after.entries()) expect(serial).toBeGreaterThan(before[index] ?? Infinity)
    before = after
  }
})

it('takes none of a name that went', async () => {
  extra = []
  await apply()
  await bothAnswer('round5', [])
})

it('refuses a transfer without the key, and with another one', async () => {
  const transfer = (...more: string[]) =>
    new Promise<string>((resolve) => {
      const args = ['@127.0.0.1', '-p', String(transferPort), ...more, 'plain.test', 'AXFR']
      execFile('dig', args, (_, stdout) => {
        resolve(stdout)
      })
    })
  const { algorithm, name, secret } = key
  expect(await transfer('-y', `${algorithm}:${name}:${secret}`)).toContain('www.plain.test')
  expect(await transfer()).toContain('Transfer failed')
  const other = Buffer.alloc(32, 1).toString('base64')
  expect(await transfer('-y', `${algorithm}:${name}:${other}`)).not.toContain('www.plain.test')
})

it('brings a secondary up to date that was away, and one that lost everything', async () => {
  await Promise.all([bind.end('SIGKILL'), knot.end('SIGKILL')])
  extra = [{ name: 'meanwhile', type: 'A', values: ['192.0.2.77'] }]
  await apply()
  rmSync(join(folder, 'knot'), { recursive: true })
  knot = knotSecondary(secondaryOptions('knot', knot.port))
  await Promise.all([bind.start(), knot.start()])
  await bothAnswer('meanwhile', ['192.0.2.77'], 15_000)
})

it('never goes back with its serials when the sending nameserver begins anew, behind what was sent', async () => {
  // In one second more serials than seconds were used: the next nameserver's clock is behind them.
  weightOfB = 1
  for (let round = 1; round <= 6; round += 1) {
    extra = [{ name: 'fast', type: 'A', values: [`192.0.2.${round + 10}`] }]
    await apply()
  }
  await bothAnswer('fast', ['192.0.2.16'])
  const before = await serialAt(bind, 'plain.test')
  await fairlead.end('SIGKILL')
  rmSync(join(fairlead.dataDir, 'transfers', 'zones.db'), { force: true })
  for (const suffix of ['-wal', '-shm'])
    rmSync(join(fairlead.dataDir, 'transfers', `zones.db${suffix}`), { force: true })
  await fairlead.start()
  weightOfB = 0
  await apply()
  await bothAnswer('drawn', ['192.0.2.1'], 40_000)
  expect(await serialAt(bind, 'plain.test')).toBeGreaterThan(before)
})

it('says when a secondary does not follow', async () => {
  await bind.end()
  extra = [{ name: 'unheard', type: 'A', values: ['192.0.2.99'] }]
  await apply()
  await eventually(
    async () => {
      const { code, stdout } = await run(['status'])
      expect(code).toBe(EXIT.differs)
      expect(stdout).toContain(`the secondary 127.0.0.1:${bind.port} does not follow the zone plain.test`)
    },
    { withinMs: 20_000 },
  )
  await bind.start()
  await bothAnswer('unheard', ['192.0.2.99'], 15_000)
})

it('refuses bad settings with all faults at once', async () => {
  const secondaries = [
    { address: '127.0.0.1', port: 0, tsigKey: KEY },
    { address: 'nowhere', tsigKey: 'missing.example.net' },
  ]
  const bad = await run(
    ['apply', '-f', '-'],
    JSON.stringify({
      zones: [{ name: 'bad.test', nameservers: ['ns.x.test'], transfers: { secondaries, answers: 0 } }],
    }),
  )
  expect(bad.code).toBe(EXIT.badInput)
  expect(bad.stderr).toContain("'nowhere'")
  expect(bad.stderr).toContain('3 faults')
  const twice = [{ address: '127.0.0.1', tsigKey: 'missing.example.net' }]
  const missing = await run(
    ['apply', '-f', '-'],
    JSON.stringify({
      zones: [
        { name: 'bad.test', nameservers: ['ns.x.test'], transfers: { secondaries: [...twice, ...twice] } },
      ],
    }),
  )
  expect(missing.stderr).toContain("there is no TSIG key 'missing.example.net'")
  expect(missing.stderr).toContain('stands here twice')
  const secret = await run(['tsig', 'add', 'x.example.net', '--secret-stdin'], 'not base64!')
  expect(secret.code).toBe(EXIT.badInput)
  expect(secret.stderr).toContain('not base64')
  expect((await run(['tsig', 'remove', KEY])).stderr).toContain("zone 'plain.test'")
  expect((await run(['tsig', 'list'])).stdout).toContain('plain.test signed.test')
})
