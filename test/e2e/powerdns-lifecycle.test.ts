/** PowerDNS killed, stopped, left running, taken over; its port taken, its database damaged, its disk full. */
import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/exit-code.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { balancer, makeRig, monitor, pool, until, zone, type Rig, type RigOptions } from './powerdns-rig.ts'

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function newRig(options: RigOptions = {}): Promise<Rig> {
  const rig = await makeRig(options)
  undo.push(() => rig.destroy())
  return rig
}

function publish(rig: Rig, addresses: Record<string, string> = { a: '192.0.2.1', b: '192.0.2.2' }) {
  rig.configure([
    zone('example.test'),
    monitor(),
    ...pool('one', addresses),
    balancer('www.example.test', { kind: 'all', pools: ['one'] }),
  ])
  rig.say(Object.fromEntries(Object.keys(addresses).map((name) => [`one/${name}`, 'up' as const])))
}

const answers = (rig: Rig, ...values: string[]) =>
  until(
    `the answer ${values.join(' ')}`,
    async () => (await rig.values('www.example.test')).join() === values.join(),
  )

async function started(options: RigOptions = {}): Promise<Rig> {
  const rig = await newRig(options)
  await rig.nameserver.start()
  publish(rig)
  await answers(rig, '192.0.2.1', '192.0.2.2')
  return rig
}

describe('the process', () => {
  it('restarts PowerDNS after kill -9 and answers the same; the event is visible', async () => {
    const rig = await started()
    const [pid] = rig.pids()
    process.kill(pid!, 'SIGKILL')
    const [next] = await until('another process', () => {
      const pids = rig.pids()
      return pids.length === 1 && pids[0] !== pid && pids
    })
    await answers(rig, '192.0.2.1', '192.0.2.2')
    await until('the report', () => rig.recorder.last?.dnsServer.pid === next)
    expect(rig.recorder.last?.dnsServer).toMatchObject({ state: 'running', restarts: 1 })
    expect(rig.recorder.alarms().join()).toContain('SIGKILL')
    rig.say({ 'one/a': 'down' })
    await answers(rig, '192.0.2.2')
  })

  it('says that a stopped PowerDNS hangs, restarts it, and publishes what changed meanwhile', async () => {
    const rig = await started()
    const [pid] = rig.pids()
    process.kill(pid!, 'SIGSTOP')
    rig.say({ 'one/a': 'down' })
    await until('the alarm of the read-back', () =>
      rig.recorder.alarms().some((text) => text.includes('not read back')),
    )
    expect(rig.recorder.last?.unpublishedForMs).not.toBeNull()
    await until('the alarm of the supervision', () =>
      rig.recorder.alarms().some((text) => text.includes('hangs')),
    )
    await answers(rig, '192.0.2.2')
    expect(rig.pids()).not.toContain(pid)
    await until('all is published', () => rig.recorder.last?.unpublishedForMs === null)
  })

  it('lets a PowerDNS that was stopped for a moment go on', async () => {
    const rig = await started()
    const [pid] = rig.pids()
    process.kill(pid!, 'SIGSTOP')
    rig.say({ 'one/a': 'down' })
    await until('a failing read-back', () => rig.recorder.last?.unpublishedForMs)
    process.kill(pid!, 'SIGCONT')
    await answers(rig, '192.0.2.2')
    expect(rig.pids()).toEqual([pid])
  })

  it('is not left running by a stop that comes while it starts', async () => {
    const rig = await newRig()
    const starting = rig.nameserver.start()
    await rig.nameserver.stop()
    await starting
    expect(rig.pids()).toEqual([])
  })

  it('ends nothing but its own: a process with our words further down its command line stays', async () => {
    const rig = await started()
    const other = spawn('sh', ['-c', 'sleep 60', `--config-dir=${rig.configRoot}/x`], { stdio: 'ignore' })
    undo.push(() => void other.kill('SIGKILL'))
    await once(other, 'spawn')
    await rig.nameserver.stop()
    expect(rig.pids()).toEqual([])
    expect([other.exitCode, other.signalCode]).toEqual([null, null])
  })
})

describe('the death and return of Fairlead', () => {
  it('leaves PowerDNS answering after kill -9; the next one takes the same process over', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'fairlead-pdns-'))
    const port = await freePort()
    const program = new URL('powerdns-child.ts', import.meta.url).pathname
    const child = spawn(process.execPath, [program, dataDir, String(port), '192.0.2.1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const rig = await newRig({ dataDir, port })
    await once(child.stdout, 'data')
    await answers(rig, '192.0.2.1')
    const [pid] = rig.pids()
    child.kill('SIGKILL')
    await once(child, 'exit')
    await answers(rig, '192.0.2.1')
    expect(rig.pids()).toEqual([pid])

    await rig.nameserver.start()
    expect(rig.pids()).toEqual([pid])
    expect(rig.recorder.last?.dnsServer).toMatchObject({ state: 'adopted', pid })
    publish(rig)
    await answers(rig, '192.0.2.1', '192.0.2.2')
    process.kill(pid!, 'SIGKILL')
    await until('the adopted one is replaced', () => rig.recorder.last?.dnsServer.state === 'running')
    await answers(rig, '192.0.2.1', '192.0.2.2')
  })

  it('is not taken over when its database is gone: it would answer from the deleted file for ever', async () => {
    const first = await started({ leaveRunning: true })
    const [pid] = first.pids()
    await first.nameserver.stop()
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(first.dataDir, 'powerdns', `zones.db${suffix}`), { force: true })
    const second = await newRig({ dataDir: first.dataDir, port: first.port })
    await second.nameserver.start()
    publish(second, { a: '192.0.2.7' })
    await answers(second, '192.0.2.7')
    expect(second.pids()).toHaveLength(1)
    expect(second.pids()).not.toContain(pid)
  })

  it('restarts the running one when the configuration is another, and never lets a serial go back', async () => {
    const first = await makeRig({ leaveRunning: true })
    await first.nameserver.start()
    publish(first)
    await answers(first, '192.0.2.1', '192.0.2.2')
    const serialOf = async (rig: Rig) => Number((await rig.values('example.test', 'SOA'))[0]?.split(' ')[2])
    const before = await serialOf(first)
    const [pid] = first.pids()
    await first.nameserver.stop()
    expect(first.pids()).toEqual([pid])

    const second = await newRig({ dataDir: first.dataDir })
    await second.nameserver.start()
    expect(second.pids()).not.toContain(pid)
    expect(second.pids()).toHaveLength(1)
    // The restored plan answers before anything is configured.
    await answers(second, '192.0.2.1', '192.0.2.2')
    publish(second)
    await until('what stands is read back', () =>
      second.recorder.answers.some((answer) => answer.readBackAtMs !== null),
    )
    expect(await serialOf(second)).toBe(before)
    expect(second.recorder.publications()).toEqual([])
    publish(second, { a: '192.0.2.9' })
    await answers(second, '192.0.2.9')
    await until('a later serial', async () => (await serialOf(second)) > before)
  })

  it('publishes nothing before it hears checkers again, and remembers the verdicts of the run before', async () => {
    const first = await makeRig({ leaveRunning: true })
    await first.nameserver.start()
    publish(first)
    first.say({ 'one/a': 'down' })
    await answers(first, '192.0.2.2')
    await first.nameserver.stop()

    const second = await newRig({ dataDir: first.dataDir, port: first.port })
    await second.nameserver.start()
    const world = (ttlSec: number) => [
      zone('example.test'),
      monitor(),
      ...pool('one', { a: '192.0.2.1', b: '192.0.2.2' }),
      balancer('www.example.test', { kind: 'all', pools: ['one'] }, { ttlSec }),
    ]
    second.configure(world(11))
    await until('a report of the new revision', () => second.recorder.last?.revision === 1)
    expect(second.recorder.last).toMatchObject({ ready: false, dnsServer: { state: 'adopted' } })
    expect(await second.client.ask('www.example.test', 'A')).toMatchObject({
      values: ['192.0.2.2'],
      ttlSec: 15,
    })
    second.say({ 'one/a': 'unknown', 'one/b': 'unknown' })
    await until('the publication', () => second.recorder.publications()[0])
    expect(await second.client.ask('www.example.test', 'A')).toMatchObject({
      values: ['192.0.2.2'],
      // Half of the new one: one/a is down still.
      ttlSec: 6,
    })
  })
})

describe('what stands in its way', () => {
  it.each(['udp', 'tcp'] as const)('says in one sentence that the port is in use (%s)', async (protocol) => {
    const rig = await newRig()
    if (protocol === 'udp') {
      const socket = createSocket('udp4').bind(rig.port, '127.0.0.1')
      await once(socket, 'listening')
      undo.push(() => void socket.close())
    } else {
      const server = createServer().listen(rig.port, '127.0.0.1')
      await once(server, 'listening')
      undo.push(() => void server.close())
    }
    await expect(rig.nameserver.start()).rejects.toMatchObject({
      exitCode: EXIT.portInUse,
      message: expect.stringContaining(`127.0.0.1:${rig.port} is in use`) as string,
    })
    expect(rig.pids()).toEqual([])
  })

  it('names the Debian package of a missing program, and a folder that cannot be used', async () => {
    const missing = await newRig({ binary: '/nonexistent/pdns_server' })
    await expect(missing.nameserver.start()).rejects.toMatchObject({
      exitCode: EXIT.missingProgram,
      message: expect.stringContaining('pdns-server') as string,
    })
    const file = await newRig()
    writeFileSync(join(file.dataDir, 'powerdns'), '')
    await expect(file.nameserver.start()).rejects.toMatchObject({ exitCode: EXIT.fileAccess })
    const deep = mkdtempSync(join(tmpdir(), 'fairlead-long-'))
    undo.push(() => {
      rmSync(deep, { recursive: true, force: true })
    })
    const long = await newRig({ dataDir: join(deep, 'x'.repeat(90)) })
    await expect(long.nameserver.start()).rejects.toMatchObject({ exitCode: EXIT.fileAccess })
  })

  it('keeps its files to its owner', async () => {
    const rig = await started()
    const modes = (path: string): [string, string][] =>
      readdirSync(path, { withFileTypes: true }).flatMap((entry): [string, string][] => {
        const full = join(path, entry.name)
        const mode = (statSync(full).mode & 0o77).toString(8)
        return entry.isDirectory() ? [[full, mode], ...modes(full)] : entry.isSocket() ? [] : [[full, mode]]
      })
    // PowerDNS writes its own pid file, into a folder that nobody else can enter.
    const open = modes(rig.dataDir).filter(([path, mode]) => mode !== '0' && !path.endsWith('pdns.pid'))
    expect(open).toEqual([])
  })

  it('sets a damaged database aside, says so, and answers again', async () => {
    const first = await makeRig({ leaveRunning: true })
    await first.nameserver.start()
    publish(first)
    await answers(first, '192.0.2.1', '192.0.2.2')
    const [pid] = first.pids()
    await first.nameserver.stop()
    const database = join(first.dataDir, 'powerdns', 'zones.db')
    execFileSync('sqlite3', [database, 'pragma wal_checkpoint(truncate)'])
    writeFileSync(database, Buffer.alloc(8_192, 'garbage '), { flag: 'r+' })
    truncateSync(database, 8_192)

    const rig = await newRig({ dataDir: first.dataDir, port: first.port })
    await rig.nameserver.start()
    expect(rig.recorder.alarms().join()).toContain('damaged')
    expect(rig.pids()).not.toContain(pid)
    expect(readdirSync(join(rig.dataDir, 'powerdns')).some((name) => name.includes('.damaged-'))).toBe(true)
    publish(rig)
    await answers(rig, '192.0.2.1', '192.0.2.2')
  })

  it('keeps the old answers while its disk is full, says so, and catches up', async () => {
    const mount = mkdtempSync(join(tmpdir(), 'fairlead-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount])
    undo.push(() => {
      execFileSync('umount', ['-l', mount])
      rmSync(mount, { recursive: true })
    })
    const dataDir = join(mount, 'data')
    mkdirSync(dataDir)
    const rig = await started({ dataDir })
    const filler = join(mount, 'filler')
    const fill = () => {
      execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'], { stdio: 'ignore' })
    }
    try {
      fill()
    } catch {
      // dd ends with an error once the disk is full: that is its purpose here.
    }
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`e${n}`, `10.0.0.${n}`]))
    const more = Array.from({ length: 60 }, (_, n) =>
      balancer(`n${n}.example.test`, { kind: 'all', pools: ['one'] }),
    )
    rig.configure([zone('example.test'), monitor(), ...pool('one', many), ...more])
    await until('an alarm', () => rig.recorder.alarms().some((text) => text.includes('could not be written')))
    expect(await rig.values('www.example.test')).toEqual(['192.0.2.1', '192.0.2.2'])
    rmSync(filler)
    await until('the new zone', async () => (await rig.values('n59.example.test')).length === 250, 20_000)
    expect(await rig.values('www.example.test')).toEqual(['NXDOMAIN'])
  })
})
