/**
 * dnsdist before the real PowerDNS: what clients get while PowerDNS is killed, through a neighbour's, with and without encryption,
 * in a flood, and by the rules of EDNS, which both have to keep.
 */
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { DEFAULT_TIMES } from '../../src/core/health/verdict-book.ts'
import type { FrontChoice } from '../../src/nameserver/front/front-choice.ts'
import { makeCertificate } from './harness/self-signed.ts'
import { balancer, frontChoice, makeRig, monitor, pool, until, zone, type Rig } from './powerdns-rig.ts'

const run = promisify(execFile)
const ALL = { a: '192.0.2.1*3', b: '192.0.2.2*1' }

let folder: string
const rigs: Rig[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-front-'))
})
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.destroy()
  rmSync(folder, { recursive: true, force: true })
})

async function started(options: Parameters<typeof makeRig>[0]): Promise<Rig> {
  // One checker that speaks now and then: its word stands, and nothing settles.
  const times = { ...DEFAULT_TIMES, leaseMs: 3_600_000, settleMs: 0 }
  const rig = await makeRig({ times, ...options })
  rigs.push(rig)
  await rig.nameserver.start()
  return rig
}

async function configured(rig: Rig): Promise<void> {
  const statics = Array.from({ length: 20 }, (_, n) => ({
    name: `s${n}`,
    type: 'A',
    values: [`198.51.100.${n + 1}`],
  }))
  rig.configure([
    zone('example.test', { records: statics }),
    monitor(),
    ...pool('web', ALL),
    balancer('all.example.test', { kind: 'all', pools: ['web'] }),
    balancer('weighted.example.test', { kind: 'weighted', pools: ['web'] }),
    balancer('*.wild.example.test', { kind: 'weighted', pools: ['web'] }),
  ])
  rig.say({ 'web/a': 'up', 'web/b': 'up' })
  await until('everything is read back', () => rig.recorder.publications()[0])
  await until('both answer', async () => (await rig.values('all.example.test')).length === 2)
}

/** A PowerDNS that does not start again while the file is there. */
function stoppable(): { readonly binary: string; readonly flag: string } {
  const [binary, flag] = [join(folder, 'pdns'), join(folder, 'stay-dead')]
  writeFileSync(binary, `#!/bin/sh\n[ -e ${flag} ] && exit 1\nexec /usr/sbin/pdns_server "$@"\n`)
  chmodSync(binary, 0o755)
  return { binary, flag }
}

/** What dnsdist was asked, and how much of it the PowerDNS behind it answered. */
async function counted(rig: Rig, { backend }: FrontChoice): Promise<{ queries: number; responses: number }> {
  const text = readFileSync(join(rig.dataDir, 'front', 'secrets.json'), 'utf8')
  const { metricsPassword } = JSON.parse(text) as { readonly metricsPassword: string }
  const authorization = `Basic ${Buffer.from(`fairlead:${metricsPassword}`).toString('base64')}`
  const url = `http://127.0.0.1:${backend.port + 2}/jsonstat?command=stats`
  return (await (await fetch(url, { headers: { authorization } })).json()) as Awaited<
    ReturnType<typeof counted>
  >
}

const killPowerDns = (rig: Rig) => {
  for (const pid of rig.pids()) process.kill(pid, 'SIGKILL')
}

describe('PowerDNS killed', () => {
  it('costs no answer under 5,000 queries a second, and none while it stays away', async () => {
    const { binary, flag } = stoppable()
    const front = await frontChoice()
    const rig = await started({ front, binary })
    await configured(rig)
    const names = Array.from({ length: 20 }, (_, n) => `s${n}.example.test A`)
    const questions = [...names, 'all.example.test A', 'weighted.example.test A']
    const file = join(folder, 'questions')
    writeFileSync(file, `${questions.join('\n')}\n`)
    const load = run('dnsperf', [
      '-s',
      '127.0.0.1',
      '-p',
      String(rig.port),
      '-d',
      file,
      '-l',
      '5',
      '-Q',
      '5000',
      '-c',
      '4',
    ])
    // The rounds of a read-back empty the cache, with pauses shorter than this; and each second all of it is asked for again, in one
    // go. A death in the midst of either costs what is under way: so long without both, and it comes between them.
    const quietMs = 400
    let filled = { ...(await counted(rig, front)), atMs: performance.now() }
    await until('the load is under way, and all of it is in the cache', async () => {
      const now = { ...(await counted(rig, front)), atMs: performance.now() }
      // One more is dnsdist's own look whether PowerDNS is there.
      if (now.responses > filled.responses + 1) filled = now
      return now.atMs - filled.atMs >= quietMs && now.queries - filled.queries >= quietMs
    })
    writeFileSync(flag, '')
    killPowerDns(rig)
    const { stdout } = await load
    expect(stdout).toMatch(/Queries lost:\s+0 /)
    expect(stdout).toMatch(/Response codes:\s+NOERROR \d+ \(100\.00%\)/)
    expect(Number(/Queries completed:\s+(\d+)/.exec(stdout)?.[1])).toBeGreaterThan(20_000)
    expect(rig.pids()).toEqual([])
    expect(await rig.values('s3.example.test')).toEqual(['198.51.100.4'])
    rig.say({ 'web/b': 'down' })
    await until(
      'a change is answered without any PowerDNS',
      async () => (await rig.values('all.example.test')).join() === '192.0.2.1',
    )
    // A load balancer at a wildcard changed too: a purge of the whole zone was asked for.
    await until('the purge has failed', () => rig.recorder.last?.unpublishedForMs)
    expect(await rig.values('s3.example.test')).toEqual(['198.51.100.4'])
    rmSync(flag)
    await until('PowerDNS is back', () => rig.pids()[0], 15_000)
    rig.say({ 'web/b': 'up' })
    await until('a change is answered', async () => (await rig.values('all.example.test')).length === 2)
  })

  it('lets a change through by the PowerDNS of a neighbour', async () => {
    const { binary, flag } = stoppable()
    const neighbour = await started({})
    await configured(neighbour)
    const neighbours = [{ host: '127.0.0.1', port: neighbour.port }]
    const rig = await started({ front: await frontChoice({ neighbours }), binary })
    await configured(rig)
    writeFileSync(flag, '')
    killPowerDns(rig)
    await until('a name that was never asked for comes from the neighbour', async () => {
      return (await rig.values('s7.example.test')).join() === '198.51.100.8'
    })
    for (const one of [neighbour, rig]) one.say({ 'web/a': 'down' })
    const startedAtMs = performance.now()
    await until('the dead endpoint has left the answers', async () => {
      return (await rig.values('all.example.test')).join() === '192.0.2.2'
    })
    expect(performance.now() - startedAtMs).toBeLessThan(3_000)
    expect(await rig.values('weighted.example.test')).toEqual(['192.0.2.2'])
    expect(existsSync(flag)).toBe(true)
  })
})

it('is restarted when it dies, and answers as before, what is drawn as well', async () => {
  const rig = await started({ front: await frontChoice() })
  await configured(rig)
  const before = rig.recorder.last?.front
  expect(before).toMatchObject({ state: 'running', version: '1.7.3' })
  process.kill(before?.pid ?? 0, 'SIGKILL')
  await until('another one answers', async () => (await rig.values('all.example.test')).length === 2)
  const values = new Set<string>()
  for (let count = 0; count < 60; count += 1) values.add((await rig.values('weighted.example.test')).join())
  expect([...values].sort()).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(rig.recorder.alarms().join()).toContain('dnsdist (pid')
})

it('never keeps what is drawn, not at a wildcard either', async () => {
  const rig = await started({ front: await frontChoice() })
  await configured(rig)
  const seen = new Set<string>()
  await until('both values come within a moment', async () => {
    seen.add((await rig.values('x.wild.example.test')).join())
    return seen.size === 2
  })
  expect([...seen].sort()).toEqual(['192.0.2.1', '192.0.2.2'])
})

describe('a flood', () => {
  it('of one client is sent to TCP, and of unknown names as well; others are served', async () => {
    const rig = await started({
      front: await frontChoice({ clientQueriesPerSec: 400, unknownNamesPerSec: 20 }),
    })
    await configured(rig)
    const flood = async (questions: readonly string[], source: string, rate: number) => {
      const file = join(folder, 'flood')
      writeFileSync(file, `${questions.join('\n')}\n`)
      const args = [
        '-s',
        '127.0.0.1',
        '-a',
        source,
        '-p',
        String(rig.port),
        '-d',
        file,
        '-l',
        '3',
        '-Q',
        String(rate),
      ]
      return (await run('dnsperf', args)).stdout
    }
    const truncated = (source: string) => askedFrom(rig.port, source, 's1.example.test')
    const running = flood(['s1.example.test A'], '127.0.0.21', 2_000)
    await until('it is sent to TCP', () => truncated('127.0.0.21'))
    expect(await truncated('127.0.0.22')).toBe(false)
    await running
    const unknown = Array.from({ length: 300 }, (_, n) => `nobody${n}.example.test A`)
    const unknownFlood = flood(unknown, '127.0.0.31', 90)
    await until('unknown names are sent to TCP', () =>
      askedFrom(rig.port, '127.0.0.31', 'nobody-else.example.test'),
    )
    expect(await askedFrom(rig.port, '127.0.0.32', 'nobody-else.example.test')).toBe(false)
    await unknownFlood
  })
})

/** True when the reply to a client at this address is cut off, so that it comes again by TCP. */
async function askedFrom(port: number, source: string, name: string): Promise<boolean> {
  const args = ['@127.0.0.1', '-b', source, '-p', String(port), '+ignore', '+tries=1', '+time=1', name]
  return /flags:[^;]* tc/.test((await run('dig', args)).stdout)
}

it('serves DNS over TLS and over HTTPS', async () => {
  const { certificateFile, keyFile } = await makeCertificate(folder, 'dns.example.net')
  const [tlsPort, httpsPort] = [await freePort(), await freePort()]
  const encrypted = { certificateFile, keyFile, tlsPort, httpsPort }
  const rig = await started({ front: await frontChoice({ encrypted }) })
  await configured(rig)
  const ask = async (...more: string[]) =>
    (await run('dig', ['@127.0.0.1', '+short', '+tries=1', ...more, 'all.example.test'])).stdout
      .trim()
      .split('\n')
      .sort()
  expect(await ask('+tls', '-p', String(tlsPort))).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(await ask('+https', '-p', String(httpsPort))).toEqual(['192.0.2.1', '192.0.2.2'])
  const drawn = await ask('+https', '-p', String(httpsPort), 'weighted.example.test')
  expect(drawn.join()).toMatch(/192\.0\.2\.[12]/)
})

it('says which port is in use, and stops', async () => {
  const choice = await frontChoice()
  const first = await started({ front: choice })
  const second = await makeRig({ front: await frontChoice(), port: first.port })
  rigs.push(second)
  await expect(second.nameserver.start()).rejects.toThrow(new RegExp(`127.0.0.1:${first.port} is in use`))
})

describe('EDNS (RFC 6891)', () => {
  // Not the PowerDNS behind a dnsdist: 4.7.3 takes a query for one by TCP after a health check of dnsdist (docs/adr/0009-front.md).
  it.each(['PowerDNS alone', 'dnsdist before it'])('is kept by %s', async (which) => {
    const rig = await started(which === 'PowerDNS alone' ? {} : { front: await frontChoice() })
    await configured(rig)
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`e${n}`, `10.0.1.${n + 1}`]))
    rig.configure([
      zone('example.test'),
      monitor(),
      ...pool('web', ALL),
      ...pool('many', many),
      balancer('all.example.test', { kind: 'all', pools: ['web'] }),
      balancer('weighted.example.test', { kind: 'weighted', pools: ['web'] }),
      balancer('many.example.test', { kind: 'all', pools: ['many'], maxAnswers: 64 }),
    ])
    rig.say(Object.fromEntries(Object.keys(many).map((name) => [`many/${name}`, 'up'])))
    await until('many are answered', async () => (await rig.values('many.example.test')).length === 64)
    const dig = async (...args: string[]) => {
      const { stdout } = await run('dig', [
        '@127.0.0.1',
        '-p',
        String(rig.port),
        '+tries=1',
        '+time=2',
        ...args,
      ])
      return stdout
    }
    for (const name of ['all.example.test', 'weighted.example.test', 'nothing.example.test']) {
      const status = name.startsWith('nothing') ? 'NXDOMAIN' : 'NOERROR'
      // An unknown version (6.1.3), an unknown option (6.1.2), an unknown flag (6.1.4), none at all (7).
      expect(await dig('+edns=1', '+noednsnegotiation', name), name).toContain('status: BADVERS')
      const option = await dig('+ednsopt=100:beef', name)
      expect(option).toContain(`status: ${status}`)
      expect(option).not.toContain('OPT=100')
      const flag = await dig('+ednsflags=0x80', name)
      expect(flag).toContain(`status: ${status}`)
      expect(flag).not.toContain('MBZ')
      const plain = await dig('+noedns', name)
      expect(plain).toContain(`status: ${status}`)
      expect(plain).not.toContain('OPT PSEUDOSECTION')
      expect(await dig('+cookie', name)).toContain(`status: ${status}`)
      expect(await dig('+edns=0', '+tcp', name)).toContain(`status: ${status}`)
      expect(await dig('+dnssec', name)).toMatch(/EDNS: version: 0, flags: do; udp: \d+/)
    }
    // A small buffer: cut off by UDP, whole by TCP (RFC 7766 5).
    expect(await dig('+bufsize=512', '+ignore', 'many.example.test')).toMatch(/flags:[^;]* tc/)
    expect((await dig('+bufsize=512', '+short', 'many.example.test')).trim().split('\n').at(-1)).toMatch(
      /^10\.0\.1\./,
    )
    expect(await dig('+bufsize=512', '+tcp', 'many.example.test')).toContain('ANSWER: 64')
  })
})
