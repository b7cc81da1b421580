/**
 * The whole thing, as its user meets it: a file through the CLI, a real PowerDNS asked by `dig`, a server that is really killed.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from './harness/eventually.ts'
import { EndpointProcess } from './harness/endpoint-process.ts'
import { FairleadProcess } from './harness/fairlead-process.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'

const run = promisify(execFile)

/** Longer than `settle`: for 10 s after a start nothing that was up is taken out. */
const ANSWER_MS = 25_000

let folder: string
let fairlead: FairleadProcess
let endpoints: Record<'a' | 'b' | 'six', EndpointProcess>
let file: string

/** The answer section as `dig +short` prints it, sorted. */
async function dig(name: string, type: string): Promise<string[]> {
  const { stdout } = await run('dig', [
    '@127.0.0.1',
    '-p',
    String(fairlead.dnsPort),
    '+short',
    '+tries=1',
    '+time=1',
    name,
    type,
  ])
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort()
}

async function answers(name: string, type: string, expected: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      expect(await dig(name, type)).toEqual(expected)
    },
    { withinMs: ANSWER_MS },
  )
}

interface StatusJson {
  nameservers: { dnsServer: { pid: number; state: string; restarts: number } }[]
  endpoints: { pool: string; endpoint: string; state: string }[]
}

async function status(): Promise<StatusJson> {
  const result = await fairlead.run('status', '--json')
  return JSON.parse(result.stdout) as StatusJson
}

/** All since this fairlead started: unlike the last events of status, the counter forgets none. */
async function transitions(): Promise<number> {
  const counts = (await fairlead.metrics()).matchAll(/^fairlead_transitions_total\{[^}]*\} (\d+)$/gm)
  return Array.from(counts, ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0)
}

/** Empty when the process has ended, also where nobody has reaped it yet. */
async function commandLine(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

async function serverPid(): Promise<number> {
  const pid = (await status()).nameservers[0]?.dnsServer.pid
  if (pid === undefined) throw new Error('no nameserver has reported')
  return pid
}

const configuration = (ports: Record<'a' | 'b' | 'six', number>) => `
sites: [{ name: ams }, { name: fra }]
zones:
  - name: whole.test
    nameservers: [ns1.whole.test]
    records:
      - { name: ns1, type: A, values: [192.0.2.53] }
      - { name: '@', type: MX, values: [{ preference: 10, exchange: mail.whole.test }] }
      - { name: text, type: TXT, values: ['one "quoted" \\ text'] }
monitors:
  - { name: web, kind: http, intervalMs: 500, fastIntervalMs: 200, timeoutMs: 400, fall: 2, rise: 2 }
pools:
  - name: ams
    monitors: [web]
    endpoints:
      - { name: a, address: 127.0.0.1, port: ${ports.a}, site: ams }
      - { name: six, address: '::1', port: ${ports.six}, site: ams }
  - name: fra
    monitors: [web]
    endpoints:
      - { name: b, address: 127.0.0.2, port: ${ports.b}, site: fra }
loadBalancers:
  - name: www.whole.test
    zone: whole.test
    ttlSec: 5
    policy: { kind: failover, tiers: [{ pool: ams }, { pool: fra }] }
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-whole-'))
  endpoints = {
    a: new EndpointProcess('127.0.0.1', await freePort()),
    b: new EndpointProcess('127.0.0.2', await freePort('127.0.0.2')),
    six: new EndpointProcess('::1', await freePort('::1')),
  }
  for (const endpoint of Object.values(endpoints)) await endpoint.start()
  file = join(folder, 'whole.yaml')
  await writeFile(file, configuration({ a: endpoints.a.port, b: endpoints.b.port, six: endpoints.six.port }))
  fairlead = new FairleadProcess({ dataDir: join(folder, 'data'), dnsPort: await freePort() })
  await fairlead.start()
})

afterAll(async () => {
  await fairlead.end()
  for (const endpoint of Object.values(endpoints)) await endpoint.kill()
  await rm(folder, { recursive: true, force: true })
})

describe('from a file to answers that follow health', () => {
  it('applies a file through the CLI and answers A, AAAA and static records', async () => {
    const applied = await fairlead.run('apply', '-f', file)
    expect(applied).toMatchObject({ code: 0 })
    await answers('www.whole.test', 'A', ['127.0.0.1'])
    await answers('www.whole.test', 'AAAA', ['::1'])
    await answers('whole.test', 'MX', ['10 mail.whole.test.'])
    await answers('text.whole.test', 'TXT', ['"one \\"quoted\\" \\\\ text"'])
    await answers('whole.test', 'NS', ['ns1.whole.test.'])
  })

  it('says that a second apply changes nothing', async () => {
    const again = await fairlead.run('apply', '-f', file)
    expect(again.code).toBe(0)
    expect(again.stdout).toContain('nothing to change')
  })

  it('takes a killed endpoint out of the answer and brings it back when it lives again', async () => {
    await endpoints.a.kill()
    await answers('www.whole.test', 'A', ['127.0.0.2'])
    await answers('www.whole.test', 'AAAA', ['::1'])
    const explained = await fairlead.run('explain', 'www.whole.test', '--json')
    expect(explained.stdout).toContain('refused')
    await endpoints.a.start()
    await answers('www.whole.test', 'A', ['127.0.0.1'])
  })

  it('answers with the last healthy endpoint when all are dead', async () => {
    await endpoints.a.kill()
    await answers('www.whole.test', 'A', ['127.0.0.2'])
    await endpoints.b.kill()
    await eventually(async () => {
      const { endpoints: seen } = await status()
      expect(seen).toContainEqual(expect.objectContaining({ pool: 'fra', endpoint: 'b', state: 'down' }))
    })
    expect(await dig('www.whole.test', 'A')).toEqual(['127.0.0.2'])
    await endpoints.b.start()
    await endpoints.a.start()
    await answers('www.whole.test', 'A', ['127.0.0.1'])
  })
})

describe('what may die', () => {
  it('a stall of the whole process for longer than the time-out takes no endpoint down', async () => {
    const before = await transitions()
    expect(before).toBeGreaterThan(0)
    for (let round = 0; round < 5; round += 1) {
      fairlead.signal('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, 600)) // longer than the monitor's time-out
      fairlead.signal('SIGCONT')
      expect(await dig('www.whole.test', 'A')).toEqual(['127.0.0.1'])
    }
    expect(await transitions()).toBe(before)
  })

  it('PowerDNS killed: it is restarted, says the same, and the event is visible', async () => {
    const pid = await serverPid()
    process.kill(pid, 'SIGKILL')
    await eventually(async () => {
      expect(await serverPid()).not.toBe(pid)
    })
    await answers('www.whole.test', 'A', ['127.0.0.1'])
    expect((await status()).nameservers[0]?.dnsServer.restarts).toBeGreaterThan(0)
  })

  it('fairlead killed: PowerDNS answers on, and the next start adopts it', async () => {
    const pid = await serverPid()
    await fairlead.end('SIGKILL')
    expect(await dig('www.whole.test', 'A')).toEqual(['127.0.0.1'])
    await fairlead.start()
    await eventually(async () => {
      expect((await status()).nameservers[0]?.dnsServer).toMatchObject({ pid, state: 'adopted' })
    })
    await endpoints.a.kill()
    await answers('www.whole.test', 'A', ['127.0.0.2'])
    await endpoints.a.start()
    await answers('www.whole.test', 'A', ['127.0.0.1'])
  })

  it('a second start on the same data directory says so and leaves the first alone', async () => {
    const second = await fairlead.run(
      'up',
      '--data-dir',
      fairlead.dataDir,
      '--dns-port',
      String(await freePort()),
      '--api',
      '127.0.0.1:0',
    )
    expect(second.code).toBe(8)
    expect(second.stderr).toContain('another fairlead')
    expect(await dig('www.whole.test', 'A')).toEqual(['127.0.0.1'])
  })

  it('SIGTERM ends PowerDNS too, and nothing is left', async () => {
    const pid = await serverPid()
    expect(await fairlead.end('SIGTERM')).toBe(0)
    expect(await commandLine(pid)).toBe('')
    await fairlead.start()
    await answers('www.whole.test', 'A', ['127.0.0.1'])
  })

  it('a lost store removes no answer, says so, and the file brings the configuration back', async () => {
    await fairlead.end('SIGKILL')
    for (const suffix of ['', '-wal', '-shm'])
      await rm(join(fairlead.dataDir, `control.sqlite${suffix}`), { force: true })
    await fairlead.start()
    await eventually(async () => {
      const { stdout } = await fairlead.run('status', '--json')
      expect(stdout).toContain('the store is empty')
    })
    expect(await dig('www.whole.test', 'A')).toEqual(['127.0.0.1'])

    await fairlead.end('SIGTERM')
    await fairlead.start(file)
    await answers('www.whole.test', 'A', ['127.0.0.1'])
    await fairlead.end('SIGKILL')
    for (const suffix of ['', '-wal', '-shm'])
      await rm(join(fairlead.dataDir, `control.sqlite${suffix}`), { force: true })
    await fairlead.start(file)
    expect((await fairlead.run('get', 'load-balancers', '--json')).stdout).toContain('www.whole.test')
    await answers('www.whole.test', 'A', ['127.0.0.1'])
  })
})
