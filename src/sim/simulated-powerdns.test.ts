/** PowerDNS and its database in the simulation: what clients are answered around a commit. */
import { expect, it } from 'vitest'
import { zoneSchema } from '../core/model/zone.ts'
import type { ZoneChange } from '../ports/zone-storage.ts'
import { Disk } from './disk.ts'
import { EventQueue } from './event-queue.ts'
import { Host, Life } from './host.ts'
import { Random } from './random.ts'
import { SimulatedPowerdns } from './simulated-powerdns.ts'
import { SimulatedZoneStorage } from './simulated-zone-storage.ts'

const zone = zoneSchema.parse({ name: 'sim.test', nameservers: ['ns1.example.net'] })
const WWW = 'www.sim.test'

function change(scope: ZoneChange['scope'], addresses: Readonly<Record<string, string | null>>) {
  const owners = new Map(
    Object.entries(addresses).map(([name, address]) => [
      name,
      address === null
        ? null
        : [{ kind: 'plain' as const, name, type: 'A' as const, ttlSec: 30, values: [address] }],
    ]),
  )
  return { zones: [{ zone, scope, owners }], removedZones: [] }
}

function setUp(seed = 1) {
  const queue = new EventQueue()
  const random = new Random(seed)
  const host = new Host(queue, random, 0)
  const disk = new Disk(host, random)
  const life = new Life(host)
  const powerdns = new SimulatedPowerdns({ queue, random, zones: () => disk.zones })
  const added: string[] = []
  const storage = new SimulatedZoneStorage({
    ...{ life, disk, powerdns, queue, random },
    onAdded: (owner, values) => added.push(`${owner} ${values.join(' ')}`),
  })
  const server = powerdns.serverFor(life)
  const passed = async <T>(promise: Promise<T>) => {
    await queue.run(queue.nowMs + 100)
    return promise
  }
  return { queue, disk, life, powerdns, storage, server, passed, added }
}

it('writes what differs, with a new serial, and tells it', async () => {
  const { powerdns, storage, passed, added } = setUp()
  expect(powerdns.answer(WWW, 'A').rcode).toBe('REFUSED')
  powerdns.restart()
  const whole = change('replace', { [WWW]: '192.0.2.1', 'old.sim.test': '192.0.2.9' })
  const written = {
    zone: 'sim.test',
    created: true,
    resigned: false,
    serial: 1,
    owners: [WWW, 'old.sim.test'],
  }
  expect(await passed(storage.write(whole))).toEqual({ written: [written], removed: [], refused: [] })
  expect(await passed(storage.write(whole))).toMatchObject({ written: [] })
  expect(await passed(storage.write(change('replace', { [WWW]: '192.0.2.1' })))).toMatchObject({
    written: [{ created: false, serial: 2, owners: ['old.sim.test'] }],
  })
  expect(added).toEqual([`${WWW} 192.0.2.1`, 'old.sim.test 192.0.2.9'])
  expect([await storage.zones(), storage.serial('sim.test')]).toEqual([['sim.test'], 2])
  expect(powerdns.answer(WWW, 'A')).toMatchObject({ rcode: 'NOERROR', values: ['192.0.2.1'], ttlSec: 30 })
  expect(powerdns.answer('old.sim.test', 'A').rcode).toBe('NXDOMAIN')
  await passed(storage.write({ zones: [], removedZones: ['sim.test'] }))
  expect(await storage.zones()).toEqual([])
})

it('answers what it has cached, until that is purged or too old', async () => {
  const { queue, powerdns, storage, server, passed } = setUp()
  await passed(storage.write(change('replace', { [WWW]: '192.0.2.1' })))
  const values = () => powerdns.answer(WWW, 'A').values
  expect(values()).toEqual(['192.0.2.1'])
  await passed(storage.write(change('update', { [WWW]: '192.0.2.2' })))
  expect(values()).toEqual(['192.0.2.1'])
  await passed(server.purge([WWW]))
  expect(await passed(server.ask(WWW, 'A'))).toMatchObject({ values: ['192.0.2.2'] })
  await passed(storage.write(change('update', { [WWW]: '192.0.2.3' })))
  await passed(server.purge(['sim.test$']))
  expect(values()).toEqual(['192.0.2.3'])
  await passed(storage.write(change('update', { [WWW]: '192.0.2.4' })))
  await queue.run(queue.nowMs + 20_000)
  expect(values()).toEqual(['192.0.2.4'])
})

it('now and then caches the old row after the commit', async () => {
  const cached = new Map<string, number>()
  for (let seed = 1; seed <= 100; seed += 1) {
    const { powerdns, storage, passed } = setUp(seed)
    await passed(storage.write(change('replace', { [WWW]: '192.0.2.1' })))
    powerdns.restart()
    await passed(storage.write(change('update', { [WWW]: '192.0.2.2' })))
    const values = powerdns.answer(WWW, 'A').values.join()
    cached.set(values, (cached.get(values) ?? 0) + 1)
  }
  expect(cached.get('192.0.2.1')).toBeGreaterThan(10)
  expect(cached.get('192.0.2.2')).toBeGreaterThan(60)
})

it('of a process that was killed a write is not there; on a full disk it fails', async () => {
  const { queue, disk, life, storage } = setUp()
  disk.isFull = true
  const failed = expect(storage.write(change('replace', { [WWW]: '192.0.2.1' }))).rejects.toThrow('full')
  await queue.run(queue.nowMs + 100)
  await failed
  disk.isFull = false
  void storage.write(change('replace', { [WWW]: '192.0.2.1' }))
  life.kill()
  await queue.run(queue.nowMs + 100)
  expect(disk.zones.size).toBe(0)
})
