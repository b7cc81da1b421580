/**
 * Load balancers published into a zone that a real BIND 9 holds, by dynamic updates: ours are marked and follow, everything else in
 * the zone stays as it is, and what somebody else edited is never overwritten.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askDns } from '../../src/adapters/dns-client/ask-dns.ts'
import { sendUpdate } from '../../src/adapters/nsupdate/nsupdate.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import type { Status } from '../../src/core/views/status.ts'
import { eventually } from './harness/eventually.ts'
import { FairleadProcess, runFairlead } from './harness/fairlead-process.ts'
import { bindPrimary, type OtherServer, type TsigKeyText } from './harness/other-servers.ts'

const ZONE = 'example.test'
const KEY = 'update.example.net'
let folder: string
let fairlead: FairleadProcess
let bind: OtherServer
let key: TsigKeyText
/** Of the pool. */
let addresses = ['192.0.2.1', '192.0.2.2']
let names = ['www', 'drawn', '*.wild']

const run = (args: readonly string[], input = '') => runFairlead(args, { dataDir: fairlead.dataDir, input })

function document(owner = 'fairlead'): object {
  const targets = [{ address: '127.0.0.1', port: bind.port, tsigKey: KEY }]
  const endpoints = addresses.map((address, n) => ({ name: `e${n}`, address, port: 80, site: 'ams' }))
  return {
    sites: [{ name: 'ams' }],
    zones: [{ name: ZONE, nameservers: ['ns1.elsewhere.test'], updates: { targets, owner } }],
    pools: [{ name: 'web', endpoints }],
    loadBalancers: names.map((name) => ({
      ...{ name: `${name}.${ZONE}`, zone: ZONE, ttlSec: 20 },
      policy: { kind: name === 'drawn' ? 'weighted' : 'all', pools: ['web'] },
    })),
  }
}

async function apply(owner?: string): Promise<void> {
  const { code, stderr } = await run(['apply', '--prune', '-f', '-'], JSON.stringify(document(owner)))
  expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: '' })
}

async function at(name: string, type: 'A' | 'TXT' = 'A'): Promise<readonly string[]> {
  const answer = await askDns({ address: '127.0.0.1', port: bind.port }, { name: `${name}.${ZONE}`, type })
  return answer.kind === 'answer' ? answer.values : [answer.detail]
}

async function untilAt(name: string, values: readonly string[], withinMs = 8_000): Promise<void> {
  await eventually(
    async () => {
      expect(await at(name)).toEqual(values)
    },
    { withinMs },
  )
}

/** Somebody else's hand. */
async function edit(
  lines: Partial<Pick<Parameters<typeof sendUpdate>[0], 'adds' | 'deletes'>>,
): Promise<void> {
  const server = { address: '127.0.0.1', port: bind.port }
  const outcome = await sendUpdate({
    server,
    zone: ZONE,
    key,
    prerequisites: [],
    deletes: [],
    adds: [],
    ...lines,
  })
  expect(outcome).toEqual({ kind: 'done' })
}

async function whole(): Promise<string[]> {
  const args = ['@127.0.0.1', '-p', String(bind.port), '+noall', '+answer', ZONE, 'AXFR']
  const { stdout } = await promisify(execFile)('dig', args)
  return stdout.split('\n').filter((line) => line !== '' && !line.includes('SOA'))
}

async function alarms(): Promise<string> {
  const { alarms: found, nameservers } = JSON.parse((await run(['status', '--json'])).stdout) as Status
  return [...found, ...(nameservers[0]?.secondaries ?? []).map(({ detail }) => detail)].join('\n')
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-updates-'))
  fairlead = new FairleadProcess({
    ...{ dataDir: join(folder, 'data'), dnsPort: await freePort() },
    args: ['--updates'],
  })
  await fairlead.start()
  key = JSON.parse((await run(['tsig', 'add', KEY, '--json'])).stdout) as TsigKeyText
  bind = bindPrimary({ folder: join(folder, 'bind'), port: await freePort(), zones: [ZONE], key })
  await bind.start()
})

afterAll(async () => {
  await bind.end()
  await fairlead.end()
  rmSync(folder, { recursive: true, force: true })
})

it('publishes the load balancers, each marked, and touches nothing else', async () => {
  const before = await whole()
  await apply()
  for (const name of ['www', 'drawn', 'x.wild']) await untilAt(name, ['192.0.2.1', '192.0.2.2'])
  expect((await at('_fairlead.www', 'TXT')).join()).toMatch(
    /^"heritage=fairlead,owner=fairlead,digest=[0-9a-f]{32}"$/,
  )
  const after = await whole()
  expect(after).toEqual(expect.arrayContaining(before))
  expect(after.filter((line) => !before.includes(line) && !/www|drawn|wild/.test(line))).toEqual([])
  await eventually(async () => {
    expect(await alarms()).toBe('3 names')
  })
})

it('follows a change, also one that came while BIND was away, and takes away what goes', async () => {
  addresses = ['192.0.2.1']
  await apply()
  for (const name of ['www', 'drawn', 'x.wild']) await untilAt(name, ['192.0.2.1'])
  await bind.end('SIGKILL')
  addresses = ['192.0.2.7', '192.0.2.8']
  names = ['www', 'drawn']
  await apply()
  await bind.start()
  await untilAt('www', ['192.0.2.7', '192.0.2.8'], 30_000)
  await untilAt('x.wild', [], 30_000)
  expect(await at('_fairlead-any.wild', 'TXT')).toEqual([])
})

it('takes away what went while Fairlead was not running', async () => {
  await fairlead.end('SIGKILL')
  await fairlead.start()
  names = ['www']
  await apply()
  await untilAt('drawn', [])
  expect(await at('foreign')).toEqual(['198.51.100.9'])
})

it('never overwrites what somebody else edited, says so, and goes on when it is undone', async () => {
  await edit({ adds: [{ name: `www.${ZONE}`, type: 'A', ttlSec: 20, data: '203.0.113.1' }] })
  addresses = ['192.0.2.9']
  await apply()
  await eventually(async () => {
    expect(await alarms()).toContain(`www.${ZONE} was edited at the server by somebody else`)
  })
  expect(await at('www')).toEqual(['192.0.2.7', '192.0.2.8', '203.0.113.1'])
  await edit({
    deletes: [{ name: `www.${ZONE}`, type: 'A' }],
    adds: ['192.0.2.7', '192.0.2.8'].map((data) => ({ name: `www.${ZONE}`, type: 'A', ttlSec: 20, data })),
  })
  await untilAt('www', ['192.0.2.9'], 40_000)
})

it('leaves a name alone that is there already, or that another Fairlead owns', async () => {
  names = ['www', 'foreign']
  await apply()
  await eventually(async () => {
    expect(await alarms()).toContain(`foreign.${ZONE} is there already and is not ours`)
  })
  expect(await at('foreign')).toEqual(['198.51.100.9'])
  names = ['www']
  await apply('another')
  await eventually(async () => {
    expect(await alarms()).toContain(`www.${ZONE} belongs to another Fairlead (owner fairlead)`)
  })
  expect(await at('www')).toEqual(['192.0.2.9'])
})

it('takes away what stands at a server that is no target any more, also when its key is gone and the next process does it', async () => {
  names = ['www', 'late']
  await apply()
  for (const name of names) await untilAt(name, ['192.0.2.9'], 40_000)
  await bind.end('SIGKILL')
  const none = { ...document(), zones: [{ name: ZONE, nameservers: ['ns1.elsewhere.test'] }] }
  expect((await run(['apply', '--prune', '-f', '-'], JSON.stringify(none))).code).toBe(EXIT.ok)
  expect((await run(['tsig', 'remove', KEY])).code).toBe(EXIT.ok)
  await eventually(async () => {
    expect(await alarms()).toContain('no target any more, names are taken away there')
  })
  await fairlead.end('SIGTERM')
  await fairlead.start()
  await bind.start()
  await eventually(
    async () => {
      expect((await whole()).filter((line) => /fairlead|www|late/.test(line))).toEqual([])
      expect(await alarms()).toBe('')
    },
    { withinMs: 40_000 },
  )
})

it('refuses a zone that is transferred to the server and published there, and all other faults with it', async () => {
  const server = { address: '127.0.0.1', port: 5353, tsigKey: 'missing.example.net' }
  const zone = {
    ...{ name: 'bad.test', nameservers: ['ns1.elsewhere.test'] },
    ...{ transfers: { secondaries: [server] }, updates: { targets: [server, server] } },
  }
  const { code, stderr } = await run(['apply', '-f', '-'], JSON.stringify({ zones: [zone] }))
  expect(code).toBe(EXIT.badInput)
  expect(stderr).toContain('gets the zone by transfer already')
  expect(stderr).toContain("there is no TSIG key 'missing.example.net'")
  expect(stderr).toContain('stands here twice')
})
