/** dnsdist on its own feet: one that the operator runs with what is printed, and one whose disk is full. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { DEFAULT_TIMES } from '../../src/core/health/verdict-book.ts'
import type { PublishedAnswer } from '../../src/ports/report.ts'
import { balancer, frontChoice, makeRig, monitor, pool, until, zone, type Rig } from './powerdns-rig.ts'

const run = promisify(execFile)
const FAIRLEAD = join(import.meta.dirname, '../../bin/fairlead')

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name))
  undo.push(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

async function rigged(options: Parameters<typeof makeRig>[0]): Promise<Rig> {
  // One checker that speaks now and then: its word stands, and nothing settles.
  const rig = await makeRig({ times: { ...DEFAULT_TIMES, leaseMs: 3_600_000, settleMs: 0 }, ...options })
  undo.push(() => rig.destroy())
  await rig.nameserver.start()
  return rig
}

function configure(rig: Rig, more: readonly string[] = []): void {
  rig.configure([
    zone('example.test'),
    monitor(),
    ...pool('web', { a: '192.0.2.1', b: '192.0.2.2' }),
    ...more.flatMap((name) => pool(name, { one: '192.0.2.3' })),
    balancer('all.example.test', { kind: 'all', pools: ['web'] }),
    balancer('weighted.example.test', { kind: 'weighted', pools: ['web'] }),
    ...more.map((name) => balancer(`${name}.example.test`, { kind: 'weighted', pools: [name] })),
  ])
  rig.say({ 'web/a': 'up', 'web/b': 'up' })
}

const answered = (rig: Rig, name: string, values: string) =>
  until(`${name}: ${values}`, async () => (await rig.values(name)).toSorted().join() === values)

it('is attached with the configuration that is printed, never ended, and told of changes when it returns', async () => {
  const folder = temporaryFolder('fairlead-attached-')
  const dataDir = join(folder, 'data')
  const choice = await frontChoice({ kind: 'attach' })
  const rig = await rigged({ front: choice, dataDir })
  undo.push(() => rig.nameserver.stop())
  const { stdout } = await run(FAIRLEAD, [
    ...['dnsdist-config', '--data-dir', dataDir],
    ...['--dns-address', '127.0.0.1', '--dns-port', String(rig.port)],
    ...['--backend', `127.0.0.1:${choice.backend.port}`],
  ])
  const file = join(folder, 'dnsdist.conf')
  writeFileSync(file, stdout)
  const operatorStarts = () => {
    const child = spawn('dnsdist', ['--config', file, '--supervised', '--disable-syslog'], {
      stdio: 'ignore',
    })
    undo.push(() => void child.kill('SIGKILL'))
    return child
  }
  const first = operatorStarts()
  configure(rig)
  await answered(rig, 'all.example.test', '192.0.2.1,192.0.2.2')
  await until('attached', () => rig.recorder.last?.front?.state === 'attached')
  const drawn = new Set<string>()
  await until('it draws itself', async () => {
    drawn.add((await rig.values('weighted.example.test')).join())
    return drawn.size === 2
  })

  first.kill('SIGKILL')
  await once(first, 'exit')
  rig.say({ 'web/a': 'down' })
  const second = operatorStarts()
  await answered(rig, 'all.example.test', '192.0.2.2')
  await answered(rig, 'weighted.example.test', '192.0.2.2')
  await rig.nameserver.stop()
  expect(second.exitCode).toBeNull()
  expect(second.signalCode).toBeNull()
})

it('goes on with what it knew while the disk of its table is full, also after a restart, and catches up', async () => {
  const dataDir = temporaryFolder('fairlead-full-')
  const table = temporaryFolder('fairlead-full-table-')
  mkdirSync(join(dataDir, 'front'))
  symlinkSync(table, join(dataDir, 'front', 'table'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', table])
  undo.push(() => {
    execFileSync('umount', ['-l', table])
  })
  const rig = await rigged({ front: await frontChoice(), dataDir })
  configure(rig)
  await answered(rig, 'all.example.test', '192.0.2.1,192.0.2.2')
  await until('what is drawn', async () => (await rig.values('weighted.example.test')).length === 1)
  const filler = join(table, 'filler')
  expect(() => execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'], { stdio: 'ignore' })).toThrow()

  const names = Array.from({ length: 80 }, (_, n) => `n${n}`)
  configure(rig, names)
  await until('an alarm', () =>
    rig.recorder.alarms().some((text) => text.includes('the table of dnsdist could not be written')),
  )
  // Not in the table: PowerDNS behind it has the answer.
  await answered(rig, 'n79.example.test', '192.0.2.3')
  process.kill(rig.recorder.last?.front?.pid ?? 0, 'SIGKILL')
  await until('another one draws', async () =>
    /^192\.0\.2\.[12]$/.test((await rig.values('weighted.example.test')).join()),
  )
  await until('it is told to run', () => rig.recorder.last?.front?.state === 'running')

  rig.say({ 'web/a': 'down' })
  const isPublished = ({ name, values }: PublishedAnswer) =>
    name === 'all.example.test' && values.join() === '192.0.2.2'
  await until('it is published', () => rig.recorder.answers.find(isPublished))
  await answered(rig, 'all.example.test', '192.0.2.1,192.0.2.2')
  rmSync(filler)
  await answered(rig, 'all.example.test', '192.0.2.2')
  await until('what dnsdist draws is current', async () => {
    for (let count = 0; count < 12; count += 1)
      if ((await rig.values('weighted.example.test')).join() !== '192.0.2.2') return false
    return true
  })
  const alarms = rig.recorder.alarms().filter((text) => text.includes('the table of dnsdist'))
  expect(alarms).toHaveLength(1)
})
