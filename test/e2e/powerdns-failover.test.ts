/** Health to answers on the real PowerDNS: frames in, DNS answers out. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { balancer, makeRig, monitor, pool, until, zone, type Rig } from './powerdns-rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await makeRig()
  await rig.nameserver.start()
})
afterEach(() => rig.destroy())

const both = (type: 'failover' | 'all' | 'weighted', ...pools: string[]) =>
  type === 'failover' ? { kind: type, tiers: pools.map((name) => ({ pool: name })) } : { kind: type, pools }

const world = () => [
  zone('example.test'),
  monitor(),
  ...pool('one', { a: '192.0.2.1', b: '192.0.2.2', six: '2001:db8::1' }),
  ...pool('two', { c: '192.0.2.3' }),
  ...pool('heavy', { x: '192.0.2.11*1', y: '192.0.2.12*9' }),
  balancer('www.example.test', both('failover', 'one', 'two'), { ttlSec: 7 }),
  balancer('all.example.test', both('all', 'one', 'two')),
  balancer('pick.example.test', both('weighted', 'heavy')),
  balancer('no.example.test', both('all', 'two'), { whenDown: { kind: 'refuse' } }),
  balancer('*.apps.example.test', both('weighted', 'heavy')),
  balancer('example.test', both('weighted', 'heavy')),
]
const ALL_UP = Object.fromEntries(
  ['one/a', 'one/b', 'one/six', 'two/c', 'heavy/x', 'heavy/y'].map((key) => [key, 'up' as const]),
)

const settled = (values: readonly string[], name: string, type: 'A' | 'AAAA' = 'A') =>
  until(`${name} ${type} = ${values.join(' ')}`, async () => {
    const got = await rig.values(name, type)
    return got.join() === values.join()
  })

describe('answers follow health', () => {
  it('publishes, fails over, comes back, and says what it did', async () => {
    rig.configure(world())
    rig.say(ALL_UP)
    await settled(['192.0.2.1', '192.0.2.2'], 'www.example.test')
    expect(await rig.client.ask('www.example.test', 'A')).toMatchObject({ ttlSec: 7, authoritative: true })
    await settled(['2001:db8::1'], 'www.example.test', 'AAAA')
    await settled(['192.0.2.1', '192.0.2.2', '192.0.2.3'], 'all.example.test')

    rig.say({ 'one/a': 'down' })
    await settled(['192.0.2.2'], 'www.example.test')
    rig.say({ 'one/b': 'down' })
    await settled(['192.0.2.3'], 'www.example.test')
    await settled(['2001:db8::1'], 'www.example.test', 'AAAA')
    rig.say({ 'one/a': 'up' })
    await settled(['192.0.2.1'], 'www.example.test')
    const published = await until('read back', () =>
      rig.recorder.answers.findLast(
        ({ name, type, readBackAtMs, values }) =>
          name === 'www.example.test' &&
          type === 'A' &&
          readBackAtMs !== null &&
          values.join() === '192.0.2.1',
      ),
    )
    // Half of 7 while one/b is down, but not below the floor of 5.
    expect(published).toMatchObject({ ttlSec: 5, zone: 'example.test' })
    await until('a publication event', () => rig.recorder.publications().length >= 4)
    expect(rig.recorder.alarms()).toEqual([])
    expect(rig.recorder.last).toMatchObject({ ready: true, revision: 1, dnsServer: { state: 'running' } })
  })

  it('weighs answers, at the apex and under a wildcard too, and only among what is up', async () => {
    rig.configure(world())
    rig.say(ALL_UP)
    for (const name of ['pick.example.test', 'example.test', 'any.apps.example.test']) {
      await until(`${name} answers`, async () => (await rig.values(name))[0]?.startsWith('192.0.2.1'))
      const drawn = await Promise.all(Array.from({ length: 200 }, () => rig.values(name)))
      const heavy = drawn.filter((values) => values[0] === '192.0.2.12').length
      expect(drawn.every((values) => values.length === 1)).toBe(true)
      expect(heavy).toBeGreaterThan(140)
      expect(heavy).toBeLessThan(200)
      expect(await rig.values(name, 'AAAA')).toEqual([])
      expect(await rig.values(name, 'MX')).toEqual([])
    }
    rig.say({ 'heavy/y': 'down' })
    for (const name of ['pick.example.test', 'example.test', 'any.apps.example.test'])
      await settled(['192.0.2.11'], name)
  })

  it('refuses with SERVFAIL where the operator chose so, and only there', async () => {
    rig.configure(world())
    rig.say({ ...ALL_UP, 'two/c': 'down' })
    await settled(['SERVFAIL'], 'no.example.test')
    expect(await rig.values('no.example.test', 'TXT')).toEqual([])
    rig.say({ 'two/c': 'up' })
    await settled(['192.0.2.3'], 'no.example.test')
    expect(rig.recorder.alarms()).toEqual([])
  })

  it('answers new zones and names at once, and nothing for those removed', async () => {
    rig.configure(world())
    rig.say(ALL_UP)
    await settled(['192.0.2.3'], 'no.example.test')
    expect(await rig.values('new.example.test')).toEqual(['NXDOMAIN'])
    expect(await rig.values('www.example.org')).toEqual(['REFUSED'])
    const startedAt = performance.now()
    rig.configure([
      ...world().filter((one) => one.key !== 'no.example.test'),
      balancer('new.example.test', both('all', 'two')),
      zone('example.org', { records: [{ name: 'www', type: 'A', values: ['192.0.2.80'] }] }),
    ])
    await settled(['192.0.2.3'], 'new.example.test')
    await settled(['192.0.2.80'], 'www.example.org')
    expect(performance.now() - startedAt).toBeLessThan(900)
    await settled(['NXDOMAIN'], 'no.example.test')
    expect(rig.recorder.gone).toEqual(['no.example.test'])
    rig.configure(world())
    await settled(['REFUSED'], 'www.example.org')
  })

  it('gives a zone a later serial for each plan that changes it, and none for one that does not', async () => {
    rig.configure([...world(), zone('quiet.test')])
    rig.say(ALL_UP)
    await settled(['192.0.2.3'], 'no.example.test')
    const serial = async (name: string) => Number((await rig.values(name, 'SOA'))[0]?.split(' ')[2])
    const [quiet, first] = [await serial('quiet.test'), await serial('example.test')]
    rig.say({ 'one/a': 'down' })
    await settled(['192.0.2.2'], 'www.example.test')
    const second = await until('a later serial', async () => {
      const now = await serial('example.test')
      return now > first && now
    })
    rig.say({ 'one/a': 'up' })
    await settled(['192.0.2.1', '192.0.2.2'], 'www.example.test')
    const third = await until('a later serial again', async () => {
      const now = await serial('example.test')
      return now > second && now
    })
    rig.configure([...world(), zone('quiet.test')])
    await until('the same configuration again', () => rig.recorder.last?.revision === 2)
    expect(await serial('example.test')).toBe(third)
    expect(await serial('quiet.test')).toBe(quiet)
  })
})
