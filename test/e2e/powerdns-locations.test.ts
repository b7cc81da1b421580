/** Where clients are: EDNS client subnet, whose word is believed, its scope, and a database that is replaced under queries. */
import { execFile } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locationDatabase, type Place } from '../../src/adapters/geoip/testing/location-database.ts'
import type { Resource } from '../../src/core/model/resource.ts'
import { settingsSchema } from '../../src/core/model/settings.ts'
import { balancer, makeRig, pool, monitor, until, zone, type Rig } from './powerdns-rig.ts'

const run = promisify(execFile)
const NL: Place = { continent: 'EU', country: 'NL', asn: 64_500, latitude: 52.37, longitude: 4.9 }

let rig: Rig
beforeAll(async () => {
  rig = await makeRig({ locations: locationDatabase({ '203.0.113.0/24': NL }) })
  await rig.nameserver.start()
  configure('all')
  rig.say({ 'eu/a': 'up', 'world/a': 'up', 'world/b': 'up' })
  await until('answers', async () => (await rig.values('geo.example.test')).includes('198.51.100.1'))
})
afterAll(() => rig.destroy())

function configure(trust: 'all' | string[]): void {
  const settings = settingsSchema.parse({ geoip: { enabled: true }, clientSubnet: { trust } })
  rig.configure([
    { kind: 'settings', key: 'settings', spec: settings } satisfies Resource,
    zone('example.test'),
    monitor(),
    ...pool('eu', { a: '192.0.2.1' }),
    ...pool('world', { a: '198.51.100.1', b: '198.51.100.2' }),
    balancer('geo.example.test', {
      kind: 'failover',
      rules: [{ when: { countries: ['NL'] }, pools: ['eu'] }],
      tiers: [{ pool: 'world' }],
    }),
    balancer('plain.example.test', { kind: 'all', pools: ['world'] }),
    balancer('drawn.example.test', { kind: 'weighted', pools: ['world'] }),
  ])
}

async function answerFor(subnet: string, name = 'geo.example.test'): Promise<readonly string[]> {
  const [address = '', length] = subnet.split('/')
  const answer = await rig.client.ask(name, 'A', { clientSubnet: { address, prefixLength: Number(length) } })
  return answer.kind === 'answer' ? answer.values : [answer.detail]
}

/** The scope that the server says its answer has (RFC 7871 7.2.1). */
async function scopeOf(name: string): Promise<string | undefined> {
  const { stdout } = await run('dig', [
    ...['@127.0.0.1', '-p', String(rig.port), '+subnet=203.0.113.0/24', '+tries=1', name, 'A'],
  ])
  return /CLIENT-SUBNET: 203\.0\.113\.0\/24\/(\d+)/.exec(stdout)?.[1]
}

describe('the location of a client', () => {
  it('comes from the client subnet, else from the resolver', async () => {
    expect(await answerFor('203.0.113.0/24')).toEqual(['192.0.2.1'])
    expect(await answerFor('198.51.100.0/24')).toEqual(['198.51.100.1', '198.51.100.2'])
    expect(await rig.values('geo.example.test')).toEqual(['198.51.100.1', '198.51.100.2'])
  })

  it('the scope is 0 where a plain answer is the same for every client', async () => {
    expect(await scopeOf('plain.example.test')).toBe('0')
    expect(await scopeOf('geo.example.test')).toBe('24')
  })

  it('PowerDNS gives the source prefix as scope of whatever it draws, also where the client makes no difference', async () => {
    expect(await scopeOf('drawn.example.test')).toBe('24')
  })

  it('only resolvers that are trusted are believed', async () => {
    configure(['192.0.2.53/32'])
    await until('the subnet is not believed', async () => (await answerFor('203.0.113.0/24')).length === 2)
    configure(['192.0.2.53/32', '127.0.0.0/8'])
    await until('the subnet is believed', async () => (await answerFor('203.0.113.0/24')).length === 1)
  })

  it('a database that is replaced is read without a restart, and without an answer lost', async () => {
    const before = rig.pids()
    let [asked, lost] = [0, 0]
    const state = { isDone: false }
    const load = (async () => {
      while (!state.isDone) {
        asked += 1
        const values = await answerFor('203.0.113.0/24')
        if (!['192.0.2.1', '198.51.100.1,198.51.100.2'].includes(values.join())) lost += 1
      }
    })()
    const next = `${rig.locationsPath}.next`
    writeFileSync(next, locationDatabase({ '198.51.100.0/24': NL }))
    renameSync(next, rig.locationsPath)
    await until(
      'the new database answers',
      async () => (await answerFor('198.51.100.0/24')).join() === '192.0.2.1',
    )
    expect(await answerFor('203.0.113.0/24')).toHaveLength(2)
    state.isDone = true
    await load
    expect(rig.pids()).toEqual(before)
    expect({ lost, asked: asked > 100 }).toEqual({ lost: 0, asked: true })
    expect(rig.recorder.alarms()).toEqual([])
  })
})
