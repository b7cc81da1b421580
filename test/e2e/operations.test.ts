/**
 * What operators do, as they do it: with the command line, against a real PowerDNS, with servers that really go away. Overrides,
 * drains, ramps, latch and failback, the withdrawal budget.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DnsClient } from '../../src/adapters/dns-client/dns-client.ts'
import type { Explanation } from '../../src/core/views/explanation.ts'
import type { OperationsView } from '../../src/core/views/operations.ts'
import type { Status } from '../../src/core/views/status.ts'
import { eventually } from './harness/eventually.ts'
import { FairleadProcess } from './harness/fairlead-process.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { LocalServers } from './harness/local-servers.ts'

/** Longer than `settle`: for 10 s after a start nothing that was up is taken out. */
const ANSWER_MS = 25_000

const A = '127.0.20.1'
const B = '127.0.20.2'
const C = '127.0.20.3'
const D = '127.0.20.4'
const BIG = ['127.0.21.1', '127.0.21.2', '127.0.21.3', '127.0.21.4']

let folder: string
let fairlead: FairleadProcess
let servers: LocalServers
let dns: DnsClient

const configuration = (port: number) => {
  const endpoint = (name: string, address: string, site: string) =>
    `      - { name: ${name}, address: ${address}, port: ${port}, site: ${site} }`
  return [
    'sites: [{ name: ams }, { name: fra }]',
    'zones: [{ name: ops.test, nameservers: [ns1.elsewhere.test] }]',
    'monitors:',
    '  - { name: web, kind: http, intervalMs: 500, fastIntervalMs: 200, timeoutMs: 400, fall: 2, rise: 2 }',
    'pools:',
    '  - name: one',
    '    monitors: [web]',
    '    endpoints:',
    endpoint('a', A, 'ams'),
    endpoint('b', B, 'ams'),
    '  - name: two',
    '    monitors: [web]',
    '    rampSec: 5',
    '    endpoints:',
    endpoint('c', C, 'fra'),
    endpoint('d', D, 'fra'),
    '  - name: big',
    '    monitors: [web]',
    '    endpoints:',
    ...BIG.map((address, index) => endpoint(`e${index}`, address, 'ams')),
    'loadBalancers:',
    '  - { name: all.ops.test, zone: ops.test, policy: { kind: all, pools: [one, two] } }',
    '  - { name: weighted.ops.test, zone: ops.test, policy: { kind: weighted, pools: [one, two] } }',
    '  - { name: only.ops.test, zone: ops.test, policy: { kind: all, pools: [two] } }',
    '  - name: latched.ops.test',
    '    zone: ops.test',
    '    policy: { kind: failover, tiers: [{ pool: one }, { pool: two }], latch: true }',
    '  - name: held.ops.test',
    '    zone: ops.test',
    '    policy: { kind: all, pools: [big] }',
    "    withdrawalBudget: { share: '25%', windowSec: 600 }",
    '',
  ].join('\n')
}

async function ask(name: string): Promise<{ values: string[]; ttlSec: number | null }> {
  const outcome = await dns.query({ name, type: 'A' })
  if (outcome.kind !== 'reply') throw new Error(`no reply for ${name}: ${outcome.kind}`)
  const { answers, ttlSec } = outcome.reply
  return { values: answers.map((one) => one.text ?? '').sort(), ttlSec }
}

async function answers(name: string, expected: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      expect((await ask(name)).values).toEqual(expected)
    },
    { withinMs: ANSWER_MS },
  )
}

/** Each address that a weighted name gives, asked often, with how often. */
async function spread(name: string, times: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let time = 0; time < times; time += 1)
    for (const value of (await ask(name)).values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

async function succeeds(...args: readonly string[]): Promise<string> {
  const result = await fairlead.run(...args)
  expect(result, result.stderr).toMatchObject({ code: 0 })
  return result.stdout
}

async function json<T>(...args: readonly string[]): Promise<T> {
  // `status` exits with 3 while something needs attention, and says what all the same.
  const { code, stdout, stderr } = await fairlead.run(...args, '--json')
  expect([0, 3], stderr).toContain(code)
  return JSON.parse(stdout) as T
}

async function endpointStatus(key: string): Promise<Status['endpoints'][number] | undefined> {
  const { endpoints } = await json<Status>('status')
  return endpoints.find((one) => `${one.pool}/${one.endpoint}` === key)
}

async function becomes(key: string, state: string): Promise<void> {
  await eventually(
    async () => {
      expect((await endpointStatus(key))?.state).toBe(state)
    },
    { withinMs: ANSWER_MS },
  )
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-operations-'))
  servers = new LocalServers(await freePort(A))
  await servers.start(A, B, C, D, ...BIG)
  fairlead = new FairleadProcess({ dataDir: join(folder, 'data'), dnsPort: await freePort() })
  await fairlead.start()
  dns = new DnsClient({ address: '127.0.0.1', port: fairlead.dnsPort })
  const file = join(folder, 'operations.yaml')
  await writeFile(file, configuration(servers.port))
  await succeeds('apply', '-f', file)
  await answers('all.ops.test', [A, B, C, D])
  await answers('held.ops.test', BIG)
})

afterAll(async () => {
  await fairlead.end()
  await servers.stopAll()
  await rm(folder, { recursive: true, force: true })
})

describe('override', () => {
  it('forced down: not answered with, and the verdict beside it is still up', async () => {
    await succeeds('override', 'one/a', 'down', '--reason', 'a disk is failing')
    await answers('all.ops.test', [B, C, D])
    expect(await endpointStatus('one/a')).toMatchObject({ state: 'up', beside: ['forced-down'] })
    const { endpoints } = await json<Explanation>('explain', 'all.ops.test')
    expect(endpoints.find((one) => one.endpoint === 'a')).toMatchObject({
      eligible: false,
      reason: 'forced-down',
      verdict: { state: 'up' },
    })
    expect(await json<OperationsView['overrides']>('get', 'overrides')).toEqual([
      {
        ...{ endpoint: 'one/a', state: 'forced-down', reason: 'a disk is failing', author: 'local' },
        ...{ expiresAtMs: null, expired: false, verdict: 'up' },
      },
    ])
    expect(await succeeds('get', 'overrides')).toMatch(/one\/a +forced-down +up +never +local +a disk/)
    await succeeds('override', 'clear', 'one/a')
    await answers('all.ops.test', [A, B, C, D])
  })

  it('forced up: answered with although it is down; when the time is over the verdict decides', async () => {
    await servers.stop(A)
    await becomes('one/a', 'down')
    await answers('all.ops.test', [B, C, D])
    await succeeds('override', 'one/a', 'up', '--reason', 'the probe is wrong', '--for', '4s')
    await answers('all.ops.test', [A, B, C, D])
    expect(await endpointStatus('one/a')).toMatchObject({ state: 'down', beside: ['forced-up'] })
    await answers('all.ops.test', [B, C, D])
    expect(await succeeds('get', 'overrides')).toMatch(/one\/a +forced-up +down +expired \d+s ago/)
    await servers.start(A)
    await answers('all.ops.test', [A, B, C, D])
    await succeeds('override', 'clear', 'one/a')
  })

  it('of an endpoint that is not there, or without a reason, is refused', async () => {
    expect(await fairlead.run('override', 'one/x', 'down', '--reason', 'x')).toMatchObject({ code: 2 })
    expect((await fairlead.run('override', 'one/a', 'down')).stderr).toContain('--reason')
  })
})

describe('drain', () => {
  it('a site that a load balancer cannot do without is not drained, unless it is forced', async () => {
    const refused = await fairlead.run('drain', 'site/fra', '--reason', 'power work')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('no eligible endpoint would be left for only.ops.test;')
    expect(await json('get', 'drains')).toEqual([])
  })

  it('weights shrink and answers are held for a short time, then the site is out, then back on a ramp', async () => {
    const calm = await ask('weighted.ops.test')
    expect(calm.ttlSec).toBe(30)
    const said = await succeeds('drain', 'site/fra', '--over', '6s', '--reason', 'power work', '--force')
    expect(said).toMatch(/site\/fra: 2 endpoints of 4 load balancers; drained in \ds, until it is cancelled/)
    await eventually(async () => {
      const { values, ttlSec } = await ask('weighted.ops.test')
      expect(values).toHaveLength(1)
      expect(ttlSec).toBe(5)
    })
    expect(await endpointStatus('two/c')).toMatchObject({ state: 'up', beside: ['draining'] })
    // At 3 tenths or less of its weight fra gets at most 0.23 of the answers.
    await eventually(
      async () => {
        const [drain] = await json<OperationsView['drains']>('get', 'drains')
        expect(drain?.share).toBeLessThanOrEqual(0.3)
      },
      { withinMs: ANSWER_MS },
    )
    const counts = await spread('weighted.ops.test', 200)
    expect((counts[C] ?? 0) + (counts[D] ?? 0)).toBeLessThan(90)
    await answers('all.ops.test', [A, B])
    const drained = await spread('weighted.ops.test', 50)
    expect(Object.keys(drained).sort()).toEqual([A, B])
    // Nothing else is left there: what is drained is better than nothing.
    await answers('only.ops.test', [C, D])
    const [drain] = await json<OperationsView['drains']>('get', 'drains')
    expect(drain).toMatchObject({
      phase: 'drained',
      share: 0,
      endpoints: 2,
      loadBalancers: 4,
      author: 'local',
    })
    expect(drain?.heldUntilMs).toBeGreaterThan(drain?.drainedAtMs ?? Infinity)
    expect(await succeeds('get', 'drains')).toMatch(
      /site\/fra +drained +0% +\d+s ago +about \d+%, for \d+s more/,
    )

    await succeeds('drain', 'cancel', 'site/fra')
    await answers('all.ops.test', [A, B, C, D])
    const { answer } = await json<Explanation>('explain', 'weighted.ops.test')
    const weights = new Map(answer.values.map((value, index) => [value, answer.weights?.[index] ?? 0]))
    expect(weights.get(C)).toBeLessThan(weights.get(A) ?? 0)
    await eventually(
      async () => {
        const grown = await json<Explanation>('explain', 'weighted.ops.test')
        expect(new Set(grown.answer.weights)).toEqual(new Set([1]))
      },
      { withinMs: ANSWER_MS },
    )
    expect((await ask('weighted.ops.test')).ttlSec).toBe(30)
  })

  it('one that is planned shortens the time to live and takes out nothing; one that expires ends by itself', async () => {
    await succeeds('drain', 'endpoint/one/a', '--in', '1h', '--reason', 'upgrade')
    await eventually(async () => {
      expect(await ask('all.ops.test')).toEqual({ values: [A, B, C, D], ttlSec: 5 })
    })
    expect(await succeeds('get', 'drains')).toMatch(/endpoint\/one\/a +planned +100% +in 59m, begins in 59m/)
    await succeeds('drain', 'cancel', 'endpoint/one/a')
    await succeeds('drain', 'pool/one', '--for', '3s', '--reason', 'a short one')
    await answers('all.ops.test', [C, D])
    await answers('all.ops.test', [A, B, C, D])
    expect(await json('get', 'drains')).toMatchObject([{ target: 'pool/one', phase: 'expired' }])
    await succeeds('drain', 'cancel', 'pool/one')
    // The failover of the load balancer that latches was a failover.
    await succeeds('failback', 'latched.ops.test')
  })
})

describe('latch', () => {
  it('after a failover answers stay, over a restart too, until somebody fails back', async () => {
    await answers('latched.ops.test', [A, B])
    await servers.stop(A, B)
    await answers('latched.ops.test', [C, D])
    await servers.start(A, B)
    await becomes('one/a', 'up')
    await becomes('one/b', 'up')
    await answers('all.ops.test', [A, B, C, D])
    expect((await ask('latched.ops.test')).values).toEqual([C, D])
    await eventually(async () => {
      const { steps } = await json<Explanation>('explain', 'latched.ops.test')
      expect(steps.join('\n')).toContain('latched on tier 2')
    })
    const { loadBalancers } = await json<Status>('status')
    expect(loadBalancers.find((one) => one.name === 'latched.ops.test')?.latched).toEqual([
      { route: -1, type: 'A', pool: 'two' },
    ])

    await fairlead.end()
    await fairlead.start()
    await answers('all.ops.test', [A, B, C, D])
    expect((await ask('latched.ops.test')).values).toEqual([C, D])

    await succeeds('failback', 'latched.ops.test')
    await answers('latched.ops.test', [A, B])
  })

  it('a load balancer that does not latch has no failback', async () => {
    const refused = await fairlead.run('failback', 'all.ops.test')
    expect(refused).toMatchObject({ code: 2 })
    expect(refused.stderr).toContain('does not latch')
    expect(await fairlead.run('failback', 'none.ops.test')).toMatchObject({ code: 2 })
  })
})

describe('withdrawal budget', () => {
  it('what is beyond it stays answered, with an alarm, until it is released', async () => {
    const [first = '', second = '', third = '', alive = ''] = BIG
    await servers.stop(first)
    await answers('held.ops.test', [second, third, alive])
    await servers.stop(second, third)
    await becomes('big/e1', 'down')
    await becomes('big/e2', 'down')
    expect((await ask('held.ops.test')).values).toEqual([second, third, alive])
    const { alarms, events } = await json<Status>('status')
    expect(alarms).toEqual([
      expect.stringContaining(
        'the withdrawal budget is spent: 2 endpoints that are down stay answered (held.ops.test)',
      ),
    ])
    expect(events).toContainEqual(expect.objectContaining({ kind: 'alarm', source: 'withdrawal budget' }))
    expect(await endpointStatus('big/e2')).toMatchObject({ state: 'down', beside: ['held'] })
    const { endpoints } = await json<Explanation>('explain', 'held.ops.test')
    expect(endpoints.map((one) => one.reason)).toEqual(['down', 'held', 'held', 'up'])
    expect(await json<OperationsView['budget']>('budget')).toMatchObject({
      loadBalancers: [{ name: 'held.ops.test', spent: 1, limit: 1, windowSec: 600, held: 2 }],
      held: 2,
    })
    expect(await fairlead.metrics()).toContain('\nfairlead_held_endpoints 2\n')
    expect(await succeeds('budget')).toMatch(/held\.ops\.test +1 +1 +600s +2/)

    // Killed, it still knows what it took out and what it holds.
    await fairlead.end('SIGKILL')
    await fairlead.start()
    await answers('all.ops.test', [A, B, C, D])
    await becomes('big/e2', 'down')
    expect((await ask('held.ops.test')).values).toEqual([second, third, alive])

    await succeeds('budget', 'release', 'held.ops.test')
    await answers('held.ops.test', [alive])
    expect((await json<Status>('status')).alarms).toEqual([])
    await servers.start(first, second, third)
    await answers('held.ops.test', BIG)
  })
})
