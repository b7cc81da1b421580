/** The reconciler over a storage that fails when it likes, and the read-back over a server that caches and forgets. */
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { OwnerRecords } from '../core/dns/record-set.ts'
import { zoneSchema } from '../core/model/zone.ts'
import type { DnsAnswer, DnsServer } from '../ports/dns-server.ts'
import type { NodeEvent, PublishedAnswer, Reporter } from '../ports/report.ts'
import type { StorageChange, WrittenZone, ZoneStorage } from '../ports/zone-storage.ts'
import { Publications } from './publications.ts'
import { Publisher } from './publisher.ts'
import { ReadBack } from './read-back.ts'
import { ManualClock, turn } from './testing/manual-clock.ts'

const zone = zoneSchema.parse({ name: 'example.test', nameservers: ['ns.example.net'] })

/** Keeps owners in memory; fails as often as `failures` says. */
class FlakyStorage implements ZoneStorage {
  readonly owners = new Map<string, OwnerRecords>()
  failures: boolean[] = []
  writes = 0
  #serial = 0
  zones = () => Promise.resolve(this.#serial > 0 ? [zone.name] : [])
  serial = () => this.#serial
  close = () => Promise.resolve()
  raiseSerial = () => undefined
  async write({ zones }: StorageChange) {
    this.writes += 1
    await turn()
    if (this.failures.pop() === true) throw new Error('the disk is full')
    const written: WrittenZone[] = []
    for (const change of zones) {
      const gone =
        change.scope === 'replace' ? [...this.owners.keys()].filter((name) => !change.owners.has(name)) : []
      const changed = Array.from(change.owners).filter(
        ([name, records]) => JSON.stringify(this.owners.get(name) ?? null) !== JSON.stringify(records),
      )
      for (const name of gone) this.owners.delete(name)
      for (const [name, records] of changed)
        if (records === null) this.owners.delete(name)
        else this.owners.set(name, records)
      const owners = [...gone, ...changed.map(([name]) => name)]
      this.#serial += 1
      if (owners.length > 0)
        written.push({ zone: zone.name, created: false, resigned: false, serial: this.#serial, owners })
    }
    return { written, removed: [], refused: [] }
  }
}

/** Answers from the storage through a cache that only a purge empties; `stuck` makes it silent. */
class CachingServer implements DnsServer {
  readonly cache = new Map<string, DnsAnswer>()
  readonly #storage: FlakyStorage
  stuck = false
  purges = 0
  constructor(storage: FlakyStorage) {
    this.#storage = storage
  }
  purge(names: readonly string[]): Promise<void> {
    if (this.stuck) return Promise.reject(new Error('no answer within 1000 ms'))
    this.purges += 1
    for (const name of names) this.cache.delete(name)
    return Promise.resolve()
  }
  ask(name: string): Promise<DnsAnswer> {
    if (this.stuck) return Promise.resolve({ kind: 'no-answer', detail: 'no reply' })
    const [set] = this.#storage.owners.get(name) ?? []
    const values = set?.kind === 'plain' ? set.values : []
    const fresh = { rcode: 'NOERROR', authoritative: true, values, ttlSec: set?.ttlSec ?? null }
    const answer = this.cache.get(name) ?? ({ kind: 'answer', ...fresh } as const)
    this.cache.set(name, answer)
    return Promise.resolve(answer)
  }
}

function rig() {
  const clock = new ManualClock()
  const storage = new FlakyStorage()
  const server = new CachingServer(storage)
  const events: NodeEvent[] = []
  const answers: PublishedAnswer[] = []
  const alarms: string[] = []
  const reporter: Reporter = {
    event: (event) => events.push(event),
    published: (list) => answers.push(...list),
    withdrawn: () => undefined,
    nameserver: () => undefined,
  }
  const onAlarm = (message: string) => alarms.push(message)
  const readBack = new ReadBack({ server, clock, logger: pino({ level: 'silent' }) })
  const publications = new Publications({ readBack, storage, reporter, clock, onAlarm })
  const publisher = new Publisher({
    storage,
    publications,
    onAlarm,
    clock,
    logger: pino({ level: 'silent' }),
  })
  const wanted = new Map<string, OwnerRecords>()
  const plan = {
    signing: () => ({ kind: 'unsigned' as const }),
    zones: () =>
      new Map([
        [zone.name, { zone, owners: new Map(Array.from(wanted).filter(([, list]) => list.length > 0)) }],
      ]),
    owner: (name: string) => ({ zone, records: wanted.get(name) ?? [] }),
  }
  const want = (name: string, value: string | null) =>
    wanted.set(name, value === null ? [] : [{ kind: 'plain', name, type: 'A', ttlSec: 30, values: [value] }])
  return {
    clock,
    storage,
    server,
    events,
    answers,
    alarms,
    readBack,
    publications,
    publisher,
    plan,
    wanted,
    want,
  }
}

it('forgets nothing that became dirty, whatever fails and whenever: storage and answers end as the plan', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('touch' as const),
      name: fc.nat(5),
      value: fc.option(fc.nat(9)),
      waitMs: fc.nat(60),
    }),
    fc.record({ kind: fc.constant('replace' as const), waitMs: fc.nat(60) }),
    fc.record({ kind: fc.constant('stick' as const), stuck: fc.boolean(), waitMs: fc.nat(3_000) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(fc.boolean(), { maxLength: 10 }),
      async (steps, failures) => {
        const { clock, storage, server, publisher, plan, wanted, want, readBack, answers } = rig()
        storage.failures = failures
        publisher.replace(plan)
        publisher.open()
        for (const one of steps) {
          if (one.kind === 'touch') {
            const name = `n${one.name}.example.test`
            want(name, one.value === null ? null : `192.0.2.${one.value}`)
            publisher.touch([name])
          } else if (one.kind === 'replace') publisher.replace(plan)
          else server.stuck = one.stuck
          await clock.advance(one.waitMs)
        }
        server.stuck = false
        await clock.advance(60_000)
        const target = new Map(Array.from(wanted).filter(([, list]) => list.length > 0))
        expect(storage.owners).toEqual(target)
        expect(readBack.failingForMs()).toBeNull()
        for (const [name, [set]] of target) {
          const last = answers.findLast((answer) => answer.name === name)
          expect(last).toMatchObject({ values: set?.kind === 'plain' ? set.values : [] })
          expect(last?.readBackAtMs).not.toBeNull()
        }
      },
    ),
    { numRuns: 100 },
  )
})

it('writes nothing before it is opened, and then once', async () => {
  const { clock, storage, publisher, plan, want } = rig()
  want('a.example.test', '192.0.2.1')
  publisher.replace(plan)
  publisher.touch(['a.example.test'])
  await clock.advance(10_000)
  expect(storage.writes).toBe(0)
  publisher.open()
  await clock.advance(1)
  expect(storage.writes).toBe(1)
})

it('purges again after the refill race, so that a stale answer does not stay', async () => {
  const { clock, server, publisher, plan, want } = rig()
  want('a.example.test', '192.0.2.1')
  publisher.replace(plan)
  publisher.open()
  await clock.advance(1_000)
  const old = await server.ask('a.example.test')
  want('a.example.test', '192.0.2.2')
  publisher.touch(['a.example.test'])
  await clock.advance(1)
  // A query that had read the old row puts it into the cache now.
  server.cache.set('a.example.test', old)
  await clock.advance(500)
  expect(await server.ask('a.example.test')).toMatchObject({ values: ['192.0.2.2'] })
})

it('says once that an answer is not read back in two seconds, goes on trying, and tells the publication once', async () => {
  const { clock, server, publisher, plan, want, alarms, events, readBack } = rig()
  server.stuck = true
  want('a.example.test', '192.0.2.1')
  publisher.replace(plan)
  publisher.open()
  await clock.advance(1_900)
  expect([alarms.length, events.length]).toEqual([0, 0])
  await clock.advance(20_000)
  expect(alarms).toEqual(['not read back from the DNS server: no answer within 1000 ms'])
  expect(events).toMatchObject([{ kind: 'publication', readBackMs: null, owners: ['a.example.test'] }])
  expect(readBack.failingForMs()).toBeGreaterThan(19_000)
  server.stuck = false
  await clock.advance(5_000)
  expect(readBack.failingForMs()).toBeNull()
  expect(events).toHaveLength(1)
})

it('tells of every publication, of one that a newer change took over before it was seen too', async () => {
  const { clock, server, publisher, plan, want, events, alarms } = rig()
  server.stuck = true
  publisher.open()
  for (const value of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    want('a.example.test', value)
    publisher.replace(plan)
    await clock.advance(100)
  }
  server.stuck = false
  await clock.advance(1_000)
  const told = events.flatMap((event) => (event.kind === 'publication' ? [event.readBackMs === null] : []))
  expect(told).toEqual([true, true, false])
  expect(alarms).toEqual([])
})

it('alarms on the first failed write, and not at every further one', async () => {
  const { clock, storage, publisher, plan, want, alarms } = rig()
  storage.failures = Array.from({ length: 6 }, () => true)
  want('a.example.test', '192.0.2.1')
  publisher.replace(plan)
  publisher.open()
  await clock.advance(30_000)
  expect(alarms).toEqual(['new answers could not be written, the old ones stand: the disk is full'])
  expect(storage.owners.size).toBe(1)
})

it('does not let a health change wait for the end of a backoff', async () => {
  const { clock, storage, publisher, plan, want } = rig()
  storage.failures = Array.from({ length: 9 }, () => true)
  want('a.example.test', '192.0.2.1')
  publisher.replace(plan)
  publisher.open()
  await clock.advance(15_000)
  expect([storage.failures.length, storage.owners.size]).toEqual([0, 0])
  publisher.touch(['a.example.test'])
  await clock.advance(0)
  expect(storage.owners.size).toBe(1)
})
