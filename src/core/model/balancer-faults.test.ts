import { describe, expect, it } from 'vitest'
import { checkReferences, referrersOf } from './check-references.ts'
import { configurationOf } from './configuration.ts'
import { documentSchema, resourcesOfDocument } from './document.ts'

const endpoint = (name: string, more: object = {}) => ({
  name,
  address: '192.0.2.1',
  port: 80,
  site: 'ams',
  ...more,
})

/** What is wrong with one load balancer, in a world of two pools. */
function faultsOf(balancer: object, more: object = {}): string[] {
  const document = documentSchema.parse({
    sites: [{ name: 'ams' }, { name: 'nyc', coordinates: { latitude: 40.7, longitude: -74 } }],
    zones: [
      {
        name: 'example.test',
        nameservers: ['ns.elsewhere.test'],
        records: [{ name: 'both', type: 'TXT', values: ['beside'] }],
      },
    ],
    clientMaps: [{ name: 'offices', entries: [{ name: 'ams', prefixes: ['192.0.2.0/24'] }] }],
    pools: [
      { name: 'web', endpoints: [endpoint('a'), endpoint('b', { site: 'nyc' })] },
      { name: 'cdn', endpoints: [endpoint('c', { address: 'cdn.elsewhere.test' })] },
      { name: 'idle', endpoints: [endpoint('d', { weight: 0 })] },
      { name: 'all', pools: ['web', 'cdn'] },
    ],
    loadBalancers: [{ name: 'www.example.test', zone: 'example.test', ...balancer }],
    ...more,
  })
  return checkReferences(configurationOf(resourcesOfDocument(document))).map(
    ({ pointer, message }) => `${pointer}: ${message}`,
  )
}

const geoip = { settings: { geoip: { enabled: true } } }
const all = { kind: 'all', pools: ['web'] }

describe('rules', () => {
  it('every fault of every rule at once, each in its place', () => {
    const policy = {
      kind: 'weighted',
      pools: ['web'],
      rules: [
        { when: { countries: ['NL'] }, pools: ['nowhere'] },
        {
          when: { clientMap: { map: 'offices', entries: ['ams', 'fra', 'ams'] } },
          tiers: [{ pool: 'gone' }],
        },
        { when: { clientMap: { map: 'office', entries: ['ams'] } }, pools: ['web', 'web'] },
      ],
    }
    expect(faultsOf({ policy })).toEqual([
      "/policy/rules/0/pools/0: there is no pool 'nowhere'",
      expect.stringMatching(/^\/policy\/rules\/0\/when: .* needs a database of locations/),
      "/policy/rules/1/tiers/0/pool: there is no pool 'gone'",
      "/policy/rules/1/when/clientMap/entries/1: the client map 'offices' has no entry 'fra'",
      "/policy/rules/1/when/clientMap/entries/2: 'ams' stands here twice",
      "/policy/rules/2/pools/1: 'web' stands here twice",
      "/policy/rules/2/when/clientMap/map: there is no client map 'office', did you mean 'offices'?",
    ])
  })

  it('rules by location are fine once the settings say that there is a database', () => {
    const policy = { ...all, rules: [{ when: { continents: ['EU'] }, pools: ['web'] }] }
    expect(faultsOf({ policy }, geoip)).toEqual([])
  })

  it('a client map cannot go while a rule names it', () => {
    const policy = {
      ...all,
      rules: [{ when: { clientMap: { map: 'offices', entries: ['ams'] } }, pools: ['web'] }],
    }
    const document = documentSchema.parse({
      loadBalancers: [{ name: 'www.example.test', zone: 'example.test', policy }],
    })
    const configuration = configurationOf(resourcesOfDocument(document))
    expect(referrersOf(configuration, { kind: 'clientMap', key: 'offices' })).toEqual([
      { kind: 'loadBalancer', key: 'www.example.test' },
    ])
  })
})

describe('endpoints', () => {
  it('nearest needs a database, and coordinates of each site', () => {
    const policy = { kind: 'nearest', pools: ['web'] }
    expect(faultsOf({ policy }, geoip)).toEqual([
      expect.stringMatching(/^\/policy: the site 'ams' .* has no coordinates/),
    ])
    expect(faultsOf({ policy })).toEqual([
      expect.stringMatching(/^\/policy\/kind: the policy 'nearest' needs a database/),
      expect.stringMatching(/'ams'/),
    ])
  })

  it('weights that are all 0 could choose none', () => {
    expect(faultsOf({ policy: { kind: 'weighted', pools: ['idle'] } })).toEqual([
      expect.stringMatching(/^\/policy: every IPv4 endpoint here has the weight 0/),
    ])
    expect(faultsOf({ policy: { kind: 'all', pools: ['idle'] } })).toEqual([])
  })

  it('weights are looked at in each tier, in each rule, and by family', () => {
    const tiers = { kind: 'sticky', tiers: [{ pool: 'web' }, { pool: 'idle' }] }
    expect(faultsOf({ policy: tiers })).toEqual([
      expect.stringMatching(/^\/policy\/tiers\/1: every IPv4 endpoint here has the weight 0/),
    ])
    const rule = { when: { clientMap: { map: 'offices', entries: ['ams'] } }, pools: ['idle'] }
    expect(faultsOf({ policy: { kind: 'weighted', rules: [rule], pools: ['web'] } })).toContainEqual(
      expect.stringMatching(/^\/policy\/rules\/0: every IPv4 endpoint here has the weight 0/),
    )
    expect(faultsOf({ policy: { kind: 'weighted', pools: ['web', 'idle'] } })).toEqual([])
  })

  it('a name that leads to itself leads nowhere', () => {
    const target = 'www.example.test'
    expect(faultsOf({ policy: all, whenDown: { kind: 'cname', target } })).toEqual([
      '/whenDown/target: this is the load balancer itself: name another one',
    ])
    expect(faultsOf({ name: 'cdn.elsewhere.test', policy: { kind: 'all', pools: ['cdn'] } })).toContainEqual(
      expect.stringMatching(/^\/policy: the endpoint 'cdn\/c' is this very name/),
    )
  })

  it('a budget of less than one endpoint could never be met, and the least that can is named', () => {
    expect(faultsOf({ policy: all, withdrawalBudget: { share: '49%' } })).toEqual([
      "/withdrawalBudget/share: 49% of 2 endpoints is less than one: nothing could ever be taken out; at least 50% is needed, or 'off'",
    ])
    expect(faultsOf({ policy: all, withdrawalBudget: { share: '50%' } })).toEqual([])
  })

  it('host names and addresses do not mix, pools inside pools included', () => {
    expect(faultsOf({ policy: { kind: 'all', pools: ['all'] } })).toEqual([
      "/policy: the endpoint 'cdn/c' is a host name and 'web/a' an address: a load balancer answers with one sort",
    ])
  })

  it('a CNAME stands neither at an apex nor beside other records', () => {
    const policy = { kind: 'all', pools: ['cdn'] }
    expect(faultsOf({ policy })).toEqual([])
    expect(faultsOf({ policy, name: 'example.test' })).toEqual([
      expect.stringMatching(/^\/policy: .*'cdn\/c' is a host name.* cannot stand at the apex/),
    ])
    expect(faultsOf({ policy, name: 'both.example.test' })).toEqual([
      expect.stringMatching(/^\/policy: .* cannot stand beside the static TXT record/),
    ])
    const whenDown = { kind: 'cname', target: 'sorry.elsewhere.test' }
    expect(faultsOf({ policy: all, whenDown, name: 'example.test', serviceBinding: {} })).toEqual([
      expect.stringMatching(/^\/whenDown: .* cannot stand at the apex/),
      expect.stringMatching(/^\/whenDown: .* cannot stand beside a service binding/),
    ])
  })
})

describe('pools inside pools', () => {
  const pools = (inside: Record<string, string[]>) => ({
    pools: Object.entries(inside).map(([name, nested]) => ({ name, pools: nested })),
    loadBalancers: [],
  })

  it('may share what they contain', () => {
    expect(faultsOf({}, pools({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([])
  })

  it('a pool that contains itself is named with the way round', () => {
    expect(faultsOf({}, pools({ a: ['b'], b: ['c'], c: ['a'] }))).toEqual([
      '/pools/0: the pool would contain itself: a > b > c > a',
      '/pools/0: the pool would contain itself: b > c > a > b',
      '/pools/0: the pool would contain itself: c > a > b > c',
    ])
    expect(faultsOf({}, pools({ a: ['a'] }))).toEqual(['/pools/0: the pool would contain itself: a > a'])
  })

  it('one that is not there, or stands twice, is a fault', () => {
    expect(faultsOf({}, pools({ a: ['b', 'b', 'x'], b: [] }))).toEqual([
      "/pools/1: 'b' stands here twice",
      "/pools/2: there is no pool 'x', did you mean 'a'?",
    ])
  })
})

describe('overrides and drains', () => {
  it('are about something that is there', () => {
    const reason = 'test'
    const more = {
      loadBalancers: [],
      overrides: [
        { name: 'web/a', state: 'forced-up', reason },
        { name: 'web/x', state: 'forced-up', reason },
      ],
      drains: ['site/ams', 'pool/web', 'endpoint/web/a', 'site/x', 'pool/x', 'endpoint/web/x'].map(
        (name) => ({
          name,
          reason,
        }),
      ),
    }
    expect(faultsOf({}, more)).toEqual([
      "/name: there is no endpoint 'web/x', did you mean 'web/a'?",
      "/name: there is no site 'x'",
      "/name: there is no pool 'x'",
      "/name: there is no endpoint 'web/x', did you mean 'web/a'?",
    ])
  })
})
