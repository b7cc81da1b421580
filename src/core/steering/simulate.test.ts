import { describe, expect, it } from 'vitest'
import { configurationOf, type Configuration } from '../model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../model/document.ts'
import type { SimulatedBalancer } from '../views/simulation.ts'
import { AnswerPlan } from './answer-plan.ts'
import { sampleClients } from './sample-clients.ts'
import { simulate, type SimulatedWorld, type SimulationInput } from './simulate.ts'
import { plainView } from './steering-view.ts'

const endpoints = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ name: `e${index}`, address: `192.0.2.${index + 1}`, port: 80, site: 'ams' },
  }))
function configurationWith(
  policies: Readonly<Record<string, object>>,
  count = 4,
  more: object = {},
): Configuration {
  return configurationOf(
    resourcesOfDocument(
      documentSchema.parse({
        sites: [{ name: 'ams' }],
        monitors: [{ kind: 'tcp', name: 'm' }],
        zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test'] }],
        clientMaps: [{ name: 'offices', entries: [{ name: 'ams', prefixes: ['203.0.113.0/24'] }] }],
        pools: [
          { name: 'web', monitors: ['m'], endpoints: endpoints(count) },
          { name: 'other', endpoints: [{ name: 'o', address: '192.0.2.99', port: 80, site: 'ams' }] },
        ],
        loadBalancers: Object.entries(policies).map(([name, policy]) => ({
          ...{ name: `${name}.example.test`, zone: 'example.test', policy },
          ...more,
        })),
      }),
    ),
  )
}

function world(configuration: Configuration, ...down: string[]): SimulatedWorld {
  const up = { state: 'up', degraded: false, lastUp: 0 } as const
  const view = plainView((key) => (down.includes(key) ? { ...up, state: 'down' } : up))
  return { configuration, plan: new AnswerPlan(configuration), view }
}

const place = (address: string) => ({ address, location: null })
const sample = sampleClients(500).map(place)

function run(
  before: SimulatedWorld,
  after: SimulatedWorld,
  more: Partial<SimulationInput> = {},
): SimulatedBalancer[] {
  return [...simulate({ before, after, names: null, clients: [], sample, ...more })]
}

const WEIGHTED = { kind: 'weighted', pools: ['web'] }
const STICKY = { kind: 'sticky', pools: ['web'] }
const ALL = { kind: 'all', pools: ['web'] }

describe('simulate', () => {
  it('shows only what changes, or what was named', () => {
    const configuration = configurationWith({ www: WEIGHTED, calm: { kind: 'all', pools: ['other'] } })
    expect(run(world(configuration), world(configuration))).toEqual([])
    const down = run(world(configuration), world(configuration, 'web/e0'))
    expect(down.map(({ name, type }) => [name, type])).toEqual([['www.example.test', 'A']])
    const [calm] = run(world(configuration), world(configuration, 'web/e0'), { names: ['calm.example.test'] })
    expect(calm).toMatchObject({ isChanged: false, moved: 0 })
  })

  it('of a weighted policy: the shares before and after, and what must move', () => {
    const configuration = configurationWith({ www: WEIGHTED })
    const [www] = run(world(configuration), world(configuration, 'web/e0'))
    expect(www).toMatchObject({
      moved: 0.25,
      before: { rule: 'policy', ttlSec: 30, shares: [{ value: '192.0.2.1', share: 0.25 }, {}, {}, {}] },
      after: { ttlSec: 15, shares: [{ value: '192.0.2.2', share: 0.3333 }, {}, {}] },
    })
  })

  it('of a sticky policy: only the share of the endpoint that goes moves, and each client that stays gets the same', () => {
    const configuration = configurationWith({ www: STICKY })
    const clients = sample.slice(0, 50)
    const [www] = run(world(configuration), world(configuration, 'web/e0'), { clients })
    const gone = www?.before?.shares.find(({ value }) => value === '192.0.2.1')?.share
    expect(www?.moved).toBe(gone)
    expect(gone).toBeGreaterThan(0.2)
    expect(gone).toBeLessThan(0.3)
    for (const one of www?.clients ?? []) {
      expect([...one.before, ...one.after]).toHaveLength(2)
      expect(one.moved).toBe(one.before[0] === '192.0.2.1' ? 1 : 0)
      if (one.moved === 0) expect(one.after).toEqual(one.before)
    }
  })

  it('of a draft: what comes, what goes, and rules for the clients that they are about', () => {
    const before = configurationWith({ old: ALL, www: ALL })
    const when = { clientMap: { map: 'offices', entries: ['ams'] } }
    const after = configurationWith({ www: { ...ALL, rules: [{ when, pools: ['other'] }] }, fresh: STICKY })
    const clients = [place('203.0.113.7'), place('198.51.100.7')]
    const [fresh, old, www] = run(world(before), world(after), { clients, sample: clients })
    expect(fresh).toMatchObject({ name: 'fresh.example.test', before: null, moved: 1 })
    expect(old).toMatchObject({ name: 'old.example.test', after: null, moved: 1 })
    expect(www).toMatchObject({
      moved: 0.5,
      clients: [
        { client: '203.0.113.7', after: ['192.0.2.99'], moved: 1 },
        { client: '198.51.100.7', moved: 0 },
      ],
    })
  })

  it('of names that vanish or are refused, in words; and of other types', () => {
    const down = ['web/e0', 'web/e1', 'web/e2', 'web/e3']
    const refuse = configurationWith({ www: ALL }, 4, { whenDown: { kind: 'refuse' } })
    const [refused] = run(world(refuse), world(refuse, ...down))
    expect(refused?.after).toMatchObject({
      rule: 'when-down',
      ttlSec: null,
      shares: [{ value: '(refused)', share: 1 }],
    })
    const empty = configurationWith({ www: ALL }, 4, { whenDown: { kind: 'empty' } })
    expect(run(world(empty), world(empty, ...down))[0]?.after?.shares).toEqual([
      { value: '(none)', share: 1 },
    ])
    const cname = configurationWith({ www: ALL }, 4, { whenDown: { kind: 'cname', target: 'sorry.test' } })
    expect(run(world(cname), world(cname, ...down)).map(({ type }) => type)).toEqual(['A', 'CNAME'])
  })

  it('only a TTL may change', () => {
    const spare = { kind: 'failover', tiers: [{ pool: 'other' }, { pool: 'web' }] }
    const configuration = configurationWith({ www: spare })
    const [www] = run(world(configuration), world(configuration, 'web/e0'))
    expect(www).toMatchObject({ isChanged: true, moved: 0, before: { ttlSec: 30 }, after: { ttlSec: 15 } })
  })
})

it('a sample is the same every time, distinct, and from all over IPv4', () => {
  const all = sampleClients(1_000)
  expect(all).toEqual(sampleClients(1_000))
  expect(new Set(all).size).toBe(1_000)
  const firsts = all.map((address) => Number(address.split('.')[0]))
  expect(Math.min(...firsts)).toBeLessThan(3)
  expect(Math.max(...firsts)).toBeGreaterThan(220)
  expect(Math.max(...firsts)).toBeLessThan(224)
})
