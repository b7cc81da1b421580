/**
 * `npm start`, as somebody does it who has just cloned this: the real scripts, the real endpoints, signals to the whole process
 * group as a terminal sends them. What must stay true: whatever ends it, nothing of it is left, and nothing else is touched.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ENDPOINTS } from '../../scripts/quickstart/endpoints.ts'
import { DnsClient } from '../../src/adapters/dns-client/dns-client.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { documentSchema } from '../../src/core/model/document.ts'
import { eventually } from './harness/eventually.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'

const ROOT = join(import.meta.dirname, '../..')
const STARTED = /ams-1 (\d+), ams-2 (\d+), fra-1 (\d+), fra-2 (\d+)/

let dataDir: string
let dnsPort: number
let dns: DnsClient
let child: ChildProcess | null = null
let blocker: Server | null = null

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'fairlead-quickstart-'))
  dnsPort = await freePort()
  dns = new DnsClient({ address: '127.0.0.1', port: dnsPort })
})

afterEach(async () => {
  if (child !== null) await end('SIGTERM')
  const server = dnsServerPid()
  if (server !== null) process.kill(server, 'SIGKILL')
  blocker?.close()
  blocker = null
  rmSync(dataDir, { recursive: true, force: true })
})

interface Started {
  readonly output: () => string
  /** Process ids of the demo endpoints, by the operator's own hint. */
  readonly endpoints: Readonly<Record<string, number>>
}

function npmStart(): { child: ChildProcess; output: () => string } {
  const options = ['--data-dir', dataDir, '--dns-port', String(dnsPort), '--api', '127.0.0.1:0']
  // A process group of its own, as a terminal gives to what is typed into it.
  child = spawn('npm', ['start', '--', ...options], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  return { child, output: () => output }
}

async function start(): Promise<Started> {
  const started = npmStart()
  const found = await eventually(
    () => {
      const match = STARTED.exec(started.output())
      if (match === null) throw new Error(`it has not started: ${started.output()}`)
      return match
    },
    { withinMs: 30_000 },
  )
  const endpoints = Object.fromEntries(
    Object.keys(ENDPOINTS).map((name, index) => [name, Number(found[index + 1])]),
  )
  return { output: started.output, endpoints }
}

/** To the whole group, as Ctrl-C is. */
async function end(signal: NodeJS.Signals): Promise<void> {
  const running = child
  child = null
  if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return
  const exited = once(running, 'exit')
  process.kill(-running.pid, signal)
  await exited
}

async function answers(name: string, type: 'A' | 'AAAA', expected: readonly string[]): Promise<void> {
  await eventually(async () => {
    expect(await dns.ask(name, type)).toMatchObject({ rcode: 'NOERROR', values: expected })
  })
}

/** The PowerDNS of this test's data directory, found by its command line; null when none runs. */
function dnsServerPid(): number | null {
  const status = spawnSyncText('pgrep', ['-f', `pdns_server.*${dataDir}`])
  return status === '' ? null : Number(status.split('\n')[0])
}

function spawnSyncText(program: string, args: readonly string[]): string {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout.trim()
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function expectNothingLeft(started: Started): Promise<void> {
  await eventually(() => {
    for (const pid of Object.values(started.endpoints)) expect(lives(pid)).toBe(false)
  })
}

it('answers, follows the death and return of an endpoint, and ends with Ctrl-C without a trace', async () => {
  const started = await start()
  await answers('www.example.test', 'A', ['127.0.0.11', '127.0.0.12'])
  await answers('www.example.test', 'AAAA', ['2001:db8:a::11', '2001:db8:a::12'])
  await answers('all.example.test', 'A', ['127.0.0.11', '127.0.0.12', '127.0.0.21', '127.0.0.22'])
  await answers('mail.example.test', 'A', ['192.0.2.25'])
  expect(started.output()).toContain(`dig @127.0.0.1 -p ${dnsPort}`)

  process.kill(started.endpoints['ams-1']!, 'SIGKILL')
  await answers('www.example.test', 'A', ['127.0.0.12'])
  await answers('www.example.test', 'AAAA', ['2001:db8:a::12'])

  const revived = spawnSyncText('npm', ['run', '-s', '--prefix', ROOT, 'quickstart', '--', 'revive', 'ams-1'])
  expect(revived).toMatch(/^ams-1 .* process \d+$/)
  await answers('www.example.test', 'A', ['127.0.0.11', '127.0.0.12'])

  const killed = spawnSyncText('npm', ['run', '-s', '--prefix', ROOT, 'quickstart', '--', 'kill', 'ams-1'])
  expect(killed).toMatch(/^ams-1 .* dead$/)
  await answers('all.example.test', 'A', ['127.0.0.12', '127.0.0.21', '127.0.0.22'])

  // npm waits for what it started, so whoever gets the prompt back gets a machine back on which nothing of this runs.
  await end('SIGINT')
  expect(dnsServerPid()).toBe(null)
  expect(started.output()).toContain('stopping')
  await expectNothingLeft(started)
})

it('works a second time on what the first left, and ends on SIGTERM and SIGHUP too', async () => {
  const first = await start()
  await answers('www.example.test', 'A', ['127.0.0.11', '127.0.0.12'])
  await end('SIGTERM')
  await expectNothingLeft(first)
  const second = await start()
  expect(second.output()).toContain('has not changed since it was applied as revision 1')
  await answers('www.example.test', 'A', ['127.0.0.11', '127.0.0.12'])
  await end('SIGHUP')
  await expectNothingLeft(second)
  expect(dnsServerPid()).toBe(null)
})

it('takes the endpoints along when fairlead is killed, and leaves PowerDNS answering', async () => {
  const started = await start()
  await answers('www.example.test', 'A', ['127.0.0.11', '127.0.0.12'])
  const fairlead = spawnSyncText('pgrep', ['-f', `fairlead.mjs up .*${dataDir}`])
  process.kill(Number(fairlead), 'SIGKILL')
  await expectNothingLeft(started)
  await answers('www.example.test', 'A', ['127.0.0.11', '127.0.0.12'])
})

it('says in one sentence that the port of an endpoint is in use, and ends', async () => {
  const { address, port } = ENDPOINTS['fra-1']
  blocker = createServer().listen(port, address)
  await once(blocker, 'listening')
  const { child: npm, output } = npmStart()
  const [code] = (await once(npm, 'exit')) as [number]
  expect(code).toBe(EXIT.portInUse)
  const sentences = output().match(/quickstart: .*/g)
  expect(sentences).toEqual([
    `quickstart: ${address}:${port}, where the demo endpoint fra-1 would listen, is in use`,
  ])
  expect(dnsServerPid()).toBe(null)
})

it('starts the very endpoints that its configuration names', () => {
  const text = readFileSync(join(ROOT, 'examples/quickstart.yaml'), 'utf8')
  const { pools } = documentSchema.parse(parse(text))
  const probed = pools.flatMap((pool) =>
    pool.endpoints.map((endpoint) => `${endpoint.check?.address ?? endpoint.address}:${endpoint.port}`),
  )
  const served = Object.values(ENDPOINTS).map(({ address, port }) => `${address}:${port}`)
  expect(new Set(probed)).toEqual(new Set(served))
})
