/**
 * A thousand publications, drawn from a seed: after each one what BIND holds is what was published, by digest. The copy is taken
 * by zone transfer from BIND; what was published is what the nameserver reports of its load balancers, and the static records.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newEncryptionKey, vaultOf } from '../../src/adapters/dnssec/key-vault.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import type { Resource } from '../../src/core/model/resource.ts'
import { settingsSchema } from '../../src/core/model/settings.ts'
import { tsigPurpose } from '../../src/core/model/tsig-key.ts'
import { Random } from '../../src/sim/random.ts'
import { eventually } from './harness/eventually.ts'
import { bindSecondary, type OtherServer } from './harness/other-servers.ts'
import { balancer, makeRig, monitor, pool, until, zone, type Rig } from './powerdns-rig.ts'

const PUBLICATIONS = 1_000
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const ZONE = 'example.test'
const KEY = {
  name: 'transfer.example.net',
  algorithm: 'hmac-sha256',
  secret: Buffer.alloc(32, 5).toString('base64'),
}
const ENDPOINTS = ['a', 'b', 'c', 'd', 'e'] as const
const run = promisify(execFile)

let folder: string
let rig: Rig
let bind: OtherServer
const vault = vaultOf(newEncryptionKey())

/** What is drawn. */
const statics = new Map<string, readonly string[]>()
const weights: Record<string, number> = { a: 1, b: 2, c: 3, d: 4, e: 5 }
const up: Record<string, boolean> = {}
let extraBalancers = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-random-'))
  const transfersPort = await freePort()
  rig = await makeRig({ transfersPort, vault })
  const options = {
    folder: join(folder, 'bind'),
    port: await freePort(),
    zones: [ZONE],
    primaries: [transfersPort],
    serialQueryRate: 1_000,
    key: KEY,
  }
  bind = bindSecondary(options)
  await bind.start()
  await rig.nameserver.start()
})

afterAll(async () => {
  await bind.end()
  await rig.destroy()
  rmSync(folder, { recursive: true, force: true })
})

function configure(): void {
  const secondaries = [{ address: '127.0.0.1', port: bind.port, tsigKey: KEY.name }]
  const records = Array.from(statics, ([name, values]) => ({
    name,
    type: 'A',
    values: [...values],
    ttlSec: 60,
  }))
  const sealed = vault.seal(KEY.secret, tsigPurpose(KEY.name))
  const key = { name: KEY.name, algorithm: 'hmac-sha256', createdAtMs: 0, sealed } as const
  const addresses = Object.fromEntries(
    ENDPOINTS.map((name, n) => [name, `192.0.2.${n + 1}*${weights[name] ?? 1}`]),
  )
  const settings = settingsSchema.parse({ withdrawalBudget: 'off' })
  const resources: Resource[] = [
    { kind: 'settings', key: settings.name, spec: settings },
    { kind: 'tsigKey', key: KEY.name, spec: key },
    zone(ZONE, { records, transfers: { secondaries } }),
    monitor(),
    ...pool('web', addresses),
    ...pool('spare', { s: '198.51.100.1' }),
    balancer('all.example.test', { kind: 'all', pools: ['web'] }),
    balancer('weighted.example.test', { kind: 'weighted', pools: ['web'] }),
    balancer('sticky.example.test', { kind: 'sticky', pools: ['web'] }),
    balancer('failover.example.test', { kind: 'failover', tiers: [{ pool: 'web' }, { pool: 'spare' }] }),
    balancer('*.wild.example.test', { kind: 'all', pools: ['web'] }),
    ...Array.from({ length: extraBalancers }, (_, n) =>
      balancer(`extra${n}.deep.example.test`, { kind: 'weighted', pools: ['web'] }),
    ),
  ]
  rig.configure(resources)
}

/** One change that is a publication: of health, or of the configuration, which a record of its own marks. */
function change(random: Random, count: number): string {
  const name = random.pick(ENDPOINTS)
  const kind = random.index(5)
  // Most stay up: what is answered when too many are down is another test's.
  const isDownable = ENDPOINTS.filter((one) => up[one] === false).length < 2
  if (kind > 2 && (isDownable || up[name] === false)) {
    up[name] = up[name] === false
    rig.say({ [`web/${name}`]: up[name] ? 'up' : 'down' })
    return `${name} is ${up[name] ? 'up' : 'down'}`
  }
  statics.set('marker', [`10.0.${count >> 8}.${count & 255}`])
  const what = changeConfiguration(kind, name, random)
  configure()
  return what
}

function changeConfiguration(kind: number, name: string, random: Random): string {
  if (kind === 1) {
    weights[name] = 1 + random.index(4)
    return `weight of ${name}`
  }
  if (kind === 2) {
    extraBalancers = random.index(4)
    return `${extraBalancers} more load balancers`
  }
  const owner = `static${random.index(8)}${random.chance(0.5) ? '' : '.below'}`
  if (statics.has(owner)) statics.delete(owner)
  else statics.set(owner, [`203.0.113.${random.index(250) + 1}`])
  return `static ${owner}`
}

/** Lines of what was published, sorted. */
function published(): string[] {
  const latest = new Map<string, string>()
  for (const { name, type, values, ttlSec } of rig.recorder.answers)
    latest.set(`${name} ${type}`, values.map((value) => `${name} ${ttlSec} ${type} ${value}`).join('\n'))
  const names = new Set(rig.feed.current()?.configuration.loadBalancer.keys())
  const balanced = Array.from(latest).filter(([key]) => names.has(key.split(' ')[0] ?? ''))
  const fixed = Array.from(statics, ([name, values]) =>
    values.map((value) => `${name}.${ZONE} 60 A ${value}`),
  ).flat()
  return [
    ...balanced.flatMap(([, lines]) => lines.split('\n')),
    ...fixed,
    `${ZONE} 300 NS ns1.example.net.`,
  ].sort()
}

/** The same of what BIND gives away by zone transfer. */
async function transferred(): Promise<string[]> {
  const args = [
    '@127.0.0.1',
    '-p',
    String(bind.port),
    '+noall',
    '+answer',
    '+time=2',
    '+tries=1',
    ZONE,
    'AXFR',
  ]
  const { stdout } = await run('dig', args)
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([name = '', ttl = '', , type = '', ...data]) =>
      name === '' || name.startsWith(';') || type === 'SOA'
        ? []
        : [`${name.slice(0, -1)} ${ttl} ${type} ${data.join(' ')}`],
    )
    .sort()
}

const digestOf = (lines: readonly string[]) => createHash('sha256').update(lines.join('\n')).digest('hex')

it(`BIND holds what was published after each of ${PUBLICATIONS} publications (SEED=${SEED})`, async () => {
  const random = new Random(SEED)
  configure()
  for (const name of ENDPOINTS) up[name] = true
  rig.say({ 'web/a': 'up', 'web/b': 'up', 'web/c': 'up', 'web/d': 'up', 'web/e': 'up', 'spare/s': 'up' })
  await until('the first publication', () => rig.recorder.publications()[0])
  const tookMs: number[] = []
  for (let count = 1; count <= PUBLICATIONS; count += 1) {
    const before = rig.recorder.publications().length
    // The checker is heard also while nothing changes.
    rig.say()
    const what = change(random, count)
    await until(`${what} is published`, () => rig.recorder.publications().length > before)
    const startedAtMs = performance.now()
    await eventually(
      async () => {
        const [ours, theirs] = [published(), await transferred()]
        if (digestOf(ours) !== digestOf(theirs)) expect(theirs, `publication ${count}: ${what}`).toEqual(ours)
      },
      { withinMs: 10_000, everyMs: 2 },
    )
    tookMs.push(performance.now() - startedAtMs)
  }
  tookMs.sort((a, b) => a - b)
  expect(tookMs[PUBLICATIONS / 2]).toBeLessThan(1_000)
}, 300_000)
