/**
 * What a PowerDNS without an agent answers from a shared database: every way of steering, by LUA records that find in the tables
 * what they call; and of whom the database takes a plan.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { DnsClient } from '../../src/adapters/dns-client/dns-client.ts'
import { locationDatabase } from '../../src/adapters/geoip/testing/location-database.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { NATIVE_LIMITS, PostgresZoneStorage } from '../../src/adapters/powerdns/postgres-zone-storage.ts'
import { FailoverPool } from '../../src/adapters/sql/postgres/failover-pool.ts'
import { parsePostgresAddress } from '../../src/adapters/sql/postgres/postgres-address.ts'
import { LocalFeed } from '../../src/adapters/transport/local-feed.ts'
import { LocalFrames } from '../../src/adapters/transport/local-frames.ts'
import type { Lease } from '../../src/core/lease/lease.ts'
import { clientMapSchema } from '../../src/core/model/client-map.ts'
import { configurationOf } from '../../src/core/model/configuration.ts'
import { endpointSchema } from '../../src/core/model/pool.ts'
import { endpointKey, type Resource } from '../../src/core/model/resource.ts'
import { settingsSchema } from '../../src/core/model/settings.ts'
import { siteSchema } from '../../src/core/model/site.ts'
import { zoneSchema } from '../../src/core/model/zone.ts'
import { createNative, type NativePublisher } from '../../src/nameserver/native/context.ts'
import { FencedError } from '../../src/ports/zone-storage.ts'
import { SAMPLE_PLACES } from '../../scripts/sample-locations.ts'
import { PostgresServer } from '../harness/postgres.ts'
import { eventually } from './harness/eventually.ts'
import { runFairlead } from './harness/fairlead-process.ts'
import { NativeServer } from './harness/native-server.ts'
import { balancer, Recorder, zone } from './powerdns-rig.ts'

const IN_NL = { address: '203.0.113.0', prefixLength: 24 }
const ELSEWHERE = { address: '192.0.2.0', prefixLength: 24 }

let folder: string
let postgres: PostgresServer
let url: string
let database: string
let server: NativeServer
let client: DnsClient
let native: NativePublisher
const feed = new LocalFeed()
const recorder = new Recorder()
let revision = 0

function addressOf(text: string) {
  const parsed = parsePostgresAddress(text)
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'))
  return parsed.address
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-native-'))
  const places = join(folder, 'places.mmdb')
  writeFileSync(places, locationDatabase(SAMPLE_PLACES))
  postgres = await PostgresServer.start()
  url = await postgres.database()
  database = /\/(\w+)\?/.exec(url)![1]!
  const schema = await runFairlead(['powerdns-config', '--mode', 'native', '--schema'])
  await postgres.query(schema.stdout, database)
  const about = { folder, name: 'server', address: '127.0.0.1', port: await freePort(), database: url }
  server = new NativeServer({ ...about, args: ['--geoip-database', places] })
  await server.start()
  client = new DnsClient(server)
  native = await createNative({
    ...{ name: 'n1', site: 'native', dataDir: join(folder, 'n1'), database: addressOf(url), feed },
    ...{ frames: new LocalFrames(), reporter: recorder, clock: systemClock },
    logger: pino({ level: 'silent' }),
  })
  native.start()
})
afterAll(async () => {
  await native.stop()
  await server.end()
  await postgres.remove()
  rmSync(folder, { recursive: true, force: true })
})

const pool = (name: string, addresses: readonly string[], site = 'ams'): Resource[] => [
  { kind: 'pool', key: name, spec: { name, monitors: [] } },
  ...addresses.map((text, index): Resource => {
    const [address, weight = '1'] = text.split('*')
    const spec = endpointSchema.parse({ name: `e${index}`, address, port: 80, site, weight: Number(weight) })
    return { kind: 'endpoint', key: endpointKey(name, `e${index}`), spec }
  }),
]
const site = (name: string, latitude: number, longitude: number): Resource => ({
  ...{ kind: 'site', key: name },
  spec: siteSchema.parse({ name, coordinates: { latitude, longitude } }),
})
/** Too many for a record's own text. */
const MANY = Array.from({ length: 120 }, (_, index) => `198.51.100.${index + 1}`)

function configure(web: readonly string[], office = '203.0.113.0/24'): void {
  const geoip = settingsSchema.parse({ geoip: { enabled: true } })
  const map = clientMapSchema.parse({ name: 'office', entries: [{ name: 'ams', prefixes: [office] }] })
  const byMap = { when: { clientMap: { map: 'office', entries: ['ams'] } }, pools: ['spare'] }
  const resources: Resource[] = [
    { kind: 'settings', key: 'settings', spec: geoip },
    { kind: 'clientMap', key: 'office', spec: map },
    ...[site('ams', 52, 5), site('nyc', 40.7, -74)],
    ...[zone('example.test'), zone('other.test')],
    ...pool('web', web),
    ...pool('spare', ['192.0.2.50']),
    ...pool('far', ['192.0.2.60'], 'nyc'),
    ...pool('many', MANY),
    balancer('all.example.test', { kind: 'all', pools: ['web'] }),
    balancer('weighted.example.test', { kind: 'weighted', pools: ['web'] }),
    balancer('sticky.example.test', { kind: 'sticky', pools: ['web'] }),
    balancer('nearest.example.test', { kind: 'nearest', pools: ['web', 'far'] }),
    balancer('mapped.example.test', { kind: 'all', pools: ['web'], rules: [byMap] }),
    balancer('long.example.test', { kind: 'weighted', pools: ['many'], rules: [byMap] }),
    balancer('weighted.other.test', { kind: 'weighted', pools: ['web'] }, { zone: 'other.test' }),
  ]
  feed.publish({ revision: ++revision, configuration: configurationOf(resources) })
}

async function values(name: string, clientSubnet?: typeof IN_NL): Promise<readonly string[]> {
  const answer = await client.ask(name, 'A', clientSubnet && { clientSubnet })
  if (answer.kind !== 'answer') return [answer.kind]
  return answer.rcode === 'NOERROR' ? answer.values : [answer.rcode]
}

async function soon(check: () => Promise<void>): Promise<void> {
  await eventually(check, { withinMs: 5_000, everyMs: 20 })
}

it('every way of steering is answered, and follows a change of the configuration', async () => {
  configure(['192.0.2.1', '192.0.2.2*3'])
  await soon(async () => {
    expect(await values('all.example.test')).toEqual(['192.0.2.1', '192.0.2.2'])
  })
  for (const name of ['weighted.example.test', 'weighted.other.test', 'sticky.example.test']) {
    const seen = new Set<string>()
    for (let count = 0; count < 60; count += 1) for (const value of await values(name)) seen.add(value)
    expect([...seen].sort()).toEqual(
      name.startsWith('sticky') ? [expect.stringMatching(/^192\.0\.2\.[12]$/)] : ['192.0.2.1', '192.0.2.2'],
    )
  }
  expect(await values('nearest.example.test', IN_NL)).toEqual([expect.stringMatching(/^192\.0\.2\.[12]$/)])
  expect(await values('nearest.example.test', { address: '198.51.100.0', prefixLength: 24 })).toEqual([
    '192.0.2.60',
  ])
  expect(await values('mapped.example.test', IN_NL)).toEqual(['192.0.2.50'])
  expect(await values('mapped.example.test', ELSEWHERE)).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(await values('long.example.test', IN_NL)).toEqual(['192.0.2.50'])
  expect(MANY).toContain((await values('long.example.test', ELSEWHERE))[0])

  configure(['192.0.2.3'], '192.0.2.0/24')
  await soon(async () => {
    expect(await values('weighted.example.test')).toEqual(['192.0.2.3'])
  })
  await soon(async () => {
    expect(await values('mapped.example.test', ELSEWHERE)).toEqual(['192.0.2.50'])
    expect(await values('mapped.example.test', IN_NL)).toEqual(['192.0.2.3'])
    expect(await values('long.example.test', ELSEWHERE)).toEqual(['192.0.2.50'])
  })
  expect(recorder.alarms()).toEqual([])
})

it('a change of one name is few rows in one transaction', async () => {
  const count = postgres.statements().length
  configure(['192.0.2.4'], '192.0.2.0/24')
  await soon(async () => {
    expect(await values('all.example.test')).toEqual(['192.0.2.4'])
  })
  const asked = postgres
    .statements()
    .slice(count)
    .filter(({ database: of }) => of === database)
  const [plan] = asked.filter(({ text }) => text.startsWith('delete'))
  const session = asked.filter((one) => one.session === plan?.session)
  const words = session.map(({ text }) => text.split(' ', 2).join(' '))
  const zonePart = ['savepoint zone', 'delete from', 'update "records"', 'insert into', 'release zone']
  expect(words.slice(words.lastIndexOf('start transaction', words.indexOf('delete from')))).toEqual(
    // The lease first; what differs of a zone goes in one statement and comes in one, however many names.
    expect.arrayContaining(['start transaction', 'update leases', ...zonePart, ...zonePart, 'commit']),
  )
  expect(words.filter((word) => /^(?:delete|insert)/.test(word))).toHaveLength(4)
})

it('refuses the plan of a writer that was taken over, and keeps nothing of it', async () => {
  await native.stop()
  const make = () => new PostgresZoneStorage({ address: addressOf(url), clock: systemClock })
  const [old, next] = [make(), make()]
  const take = async (storage: PostgresZoneStorage, holder: string): Promise<Lease> => {
    const taken = await storage.leases.take(
      { name: 'native', holder, lastsMs: 1_000 },
      await storage.leases.read('native'),
    )
    expect(taken).not.toBeNull()
    storage.hold(taken)
    return taken!
  }
  const write = (storage: PostgresZoneStorage, value: string) => {
    const name = 'www.fenced.test'
    const spec = zoneSchema.parse({ name: 'fenced.test', nameservers: ['ns1.example.net'] })
    const owners = new Map([
      [name, [{ kind: 'plain', name, type: 'A', ttlSec: 5, values: [value] }]],
    ] as const)
    return storage.write({ zones: [{ zone: spec, scope: 'replace', owners }], removedZones: [] })
  }
  const stored = async () => {
    const text = `select r.content from records r where r.name = 'www.fenced.test' and r.type = 'A'`
    return (await postgres.query(text, database)).map((row) => (row as { content: string }).content)
  }
  await expect(write(old, '192.0.2.0')).rejects.toThrow(FencedError)
  await take(old, 'old')
  await write(old, '192.0.2.1')
  await take(next, 'next')
  await expect(write(old, '192.0.2.66')).rejects.toThrow(/refused a plan of epoch \d+/)
  expect(await stored()).toEqual(['192.0.2.1'])
  // What the old one wrote is known to the one that took over.
  expect((await write(next, '192.0.2.2')).written).toMatchObject([{ zone: 'fenced.test', created: false }])
  expect(await stored()).toEqual(['192.0.2.2'])
  await expect(write(old, '192.0.2.66')).rejects.toThrow(FencedError)
  // Many at once: of plans of both only those of the holder are kept, whole.
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => write(index % 2 === 0 ? old : next, `192.0.2.1${index}`)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
  expect(outcomes.filter((_, index) => index % 2 === 0).every(({ status }) => status === 'rejected')).toBe(
    true,
  )
  expect(await stored()).toHaveLength(1)
  expect(Number((await stored())[0]!.split('.')[3]) % 2).toBe(1)
  await Promise.all([old.close(), next.close()])
})

it('a writer that is stopped within a transaction holds up its successor for two seconds at most', async () => {
  const storage = new PostgresZoneStorage({ address: addressOf(url), clock: systemClock })
  const stopped = new FailoverPool(addressOf(url), NATIVE_LIMITS)
  const connection = await stopped.connect()
  connection.on('error', () => undefined)
  await connection.query('start transaction isolation level serializable')
  await connection.query(`update leases set epoch = epoch where name = 'native'`)
  const startedMs = performance.now()
  const claim = { name: 'native', holder: 'successor', lastsMs: 1_000 }
  expect(await storage.leases.take(claim, await storage.leases.read('native'))).not.toBeNull()
  const tookMs = performance.now() - startedMs
  expect(tookMs).toBeGreaterThan(1_000)
  expect(tookMs).toBeLessThan(5_000)
  await expect(connection.query('commit')).rejects.toThrow()
  connection.release(true)
  await stopped.end()
  await storage.close()
})

it('the tables are those of PowerDNS, column by column, and beside them the leases', async () => {
  const theirs = 'theirs'
  await postgres.query(`create database ${theirs}`)
  const packaged = '/usr/share/doc/pdns-backend-pgsql/schema.pgsql.sql'
  await postgres.query(readFileSync(packaged, 'utf8'), theirs)
  const columns = `select table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
    from information_schema.columns where table_schema = 'public' and table_name <> 'leases'
    order by table_name, column_name`
  const ours = await postgres.query(columns, database)
  expect(ours.length).toBeGreaterThan(30)
  expect(ours).toEqual(await postgres.query(columns, theirs))
})
