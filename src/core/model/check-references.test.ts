import { describe, expect, it } from 'vitest'
import { checkReferences, referrersOf } from './check-references.ts'
import { applyChanges, configurationOf, type Configuration } from './configuration.ts'
import { loadBalancerSchema } from './load-balancer.ts'
import { monitorSchema } from './monitor.ts'
import { poolsOf } from './policy.ts'
import { endpointSchema } from './pool.ts'
import type { Kind, Resource } from './resource.ts'
import { siteSchema } from './site.ts'
import { zoneSchema } from './zone.ts'

function zone(name: string, records: unknown[] = [], nameservers = ['ns.elsewhere.test']): Resource {
  return { kind: 'zone', key: name, spec: zoneSchema.parse({ name, nameservers, records }) }
}

function balancer(
  name: string,
  zoneName = 'example.test',
  policy: unknown = { kind: 'all', pools: ['web'] },
): Resource {
  const spec = loadBalancerSchema.parse({ name, zone: zoneName, policy })
  return { kind: 'loadBalancer', key: name, spec }
}

function endpoint(key: string, site = 'ams'): Resource {
  const name = key.split('/')[1]
  return { kind: 'endpoint', key, spec: endpointSchema.parse({ name, address: '192.0.2.1', port: 80, site }) }
}

const SITE: Resource = { kind: 'site', key: 'ams', spec: siteSchema.parse({ name: 'ams' }) }
const MONITOR: Resource = {
  kind: 'monitor',
  key: 'http',
  spec: monitorSchema.parse({ kind: 'http', name: 'http' }),
}
const pool = (monitors: string[] = ['http']): Resource => ({
  kind: 'pool',
  key: 'web',
  spec: { name: 'web', monitors },
})
const A = (name: string) => ({ name, type: 'A', values: ['192.0.2.1'] })
const CNAME = (name: string) => ({ name, type: 'CNAME', values: ['elsewhere.test'] })
const NS = (name: string) => ({ name, type: 'NS', values: ['ns.elsewhere.test'] })
const TXT = (name: string) => ({ name, type: 'TXT', values: ['x'] })

const FAILOVER = { kind: 'failover', tiers: [{ pool: 'web' }] }
const BASE = [SITE, MONITOR, pool(), endpoint('web/a')]

/** 'kind key pointer: message' of every fault. */
function faults(resources: readonly Resource[], touched?: { kind: Kind; key: string }[]): string[] {
  return checkReferences(configurationOf(resources), touched).map(
    (fault) => `${fault.kind} ${fault.key} ${fault.pointer}: ${fault.message}`,
  )
}

describe('checkReferences', () => {
  it('a configuration in which everything is there has no faults', () => {
    const www = balancer('www.example.test')
    const apex = balancer('example.test', 'example.test', { kind: 'failover', tiers: [{ pool: 'web' }] })
    expect(faults([...BASE, zone('example.test', [A('a'), TXT('www'), TXT('@')]), www, apex])).toEqual([])
  })

  it.each<{ what: string; resources: Resource[]; place: string; message: RegExp }>([
    {
      what: 'endpoint to site',
      resources: [pool([]), endpoint('web/a', 'xxx')],
      place: 'endpoint web/a /site',
      message: /no site 'xxx'/,
    },
    {
      what: 'endpoint to pool',
      resources: [SITE, endpoint('gone/a')],
      place: 'endpoint gone/a ',
      message: /no pool 'gone'/,
    },
    {
      what: 'pool to monitor',
      resources: [pool()],
      place: 'pool web /monitors/0',
      message: /no monitor 'http'/,
    },
    {
      what: 'balancer to zone',
      resources: [pool([]), balancer('www.example.test')],
      place: 'loadBalancer www.example.test /zone',
      message: /no zone/,
    },
    {
      what: 'balancer to pool',
      resources: [zone('example.test'), balancer('www.example.test')],
      place: 'loadBalancer www.example.test /policy/pools/0',
      message: /no pool 'web'/,
    },
    {
      what: 'failover tier to pool',
      resources: [zone('example.test'), balancer('www.example.test', 'example.test', FAILOVER)],
      place: 'loadBalancer www.example.test /policy/tiers/0/pool',
      message: /no pool 'web'/,
    },
  ])('a reference to nothing: $what', ({ resources, place, message }) => {
    const found = faults(resources)
    expect(found).toHaveLength(1)
    expect(found[0]?.startsWith(`${place}:`)).toBe(true)
    expect(found[0]).toMatch(message)
  })

  it('says what is missing as data too, and the likely name in words', () => {
    const [fault] = checkReferences(configurationOf([SITE, pool([]), endpoint('web/a', 'amz')]))
    expect(fault).toMatchObject({ missing: { kind: 'site', key: 'amz' } })
    expect(fault?.message).toMatch(/did you mean 'ams'/)
  })

  it('finds every fault at once', () => {
    const twice = balancer('x.other.test', 'example.test', { kind: 'all', pools: ['web', 'nope', 'web'] })
    const found = faults([pool(['http', 'http']), zone('example.test', [CNAME('@'), A('b'), A('b')]), twice])
    expect(found).toHaveLength(8)
  })

  it('only what is named is checked, as it is now; what is no longer there is passed over', () => {
    const resources = [pool(), endpoint('web/a', 'xxx')]
    expect(faults(resources, [{ kind: 'pool', key: 'web' }])).toHaveLength(1)
    expect(faults(resources, [{ kind: 'pool', key: 'other' }])).toEqual([])
    expect(faults(resources)).toHaveLength(2)
  })

  it('a name twice in a list', () => {
    expect(faults([MONITOR, pool(['http', 'http'])])[0]).toMatch(
      /^pool web \/monitors\/1: 'http' stands here twice/,
    )
    const servers = zone('example.test', [], ['a.elsewhere.test', 'A.elsewhere.test.'])
    expect(faults([servers])[0]).toMatch(/\/nameservers\/1: .*twice/)
  })
})

describe('DNS rules within a zone', () => {
  const records = (...list: unknown[]) => faults([zone('example.test', list)])

  it('no CNAME at the apex, nor beside other data (RFC 1034 3.6.2)', () => {
    expect(records(CNAME('@'))[0]).toMatch(/cannot stand at the apex/)
    expect(records(CNAME('example.test.'))[0]).toMatch(/cannot stand at the apex/)
    expect(records(TXT('www'), CNAME('www'))[0]).toMatch(/records\/1: a CNAME cannot stand beside other data/)
    expect(records(CNAME('www'), TXT('WWW.example.test.'))[0]).toMatch(/records\/0: .*beside other data/)
    expect(records(CNAME('www'), TXT('w'))).toEqual([])
    expect(records(CNAME('*'), TXT('www'))).toEqual([])
  })

  it('one record set a name and type, no value twice, no NS at the apex beside nameservers', () => {
    expect(records(A('a'), A('A'))[0]).toMatch(/records\/1: a second A record of 'a'/)
    const twice = { name: 'm', type: 'AAAA', values: ['2001:db8::1', '2001:DB8:0::1'] }
    expect(records(twice)[0]).toMatch(/a value stands here twice/)
    expect(records(NS('@'))[0]).toMatch(/are its 'nameservers'/)
  })

  it('a name server inside the zone has an address there', () => {
    const inside = (...list: unknown[]) => faults([zone('example.test', list, ['ns1.example.test'])])
    expect(inside()[0]).toMatch(/\/nameservers\/0: 'ns1.example.test' lies in this zone but has no address/)
    expect(inside(A('ns1'))).toEqual([])
    expect(inside({ name: 'ns1', type: 'AAAA', values: ['2001:db8::1'] })).toEqual([])
    expect(inside(A('*'))).toEqual([])
    expect(inside(A('*.sub'))).toHaveLength(1)
    expect(inside(CNAME('ns1'))).toHaveLength(1)
    const steered = balancer('ns1.example.test')
    expect(faults([...BASE, zone('example.test', [], ['ns1.example.test']), steered])).toEqual([])
  })
})

describe('load balancers and zones', () => {
  const www = balancer('www.example.test')

  it('a load balancer lies in its zone', () => {
    expect(faults([...BASE, zone('example.test'), balancer('www.other.test')])[0]).toMatch(
      /\/name: 'www.other.test' is not in the zone 'example.test'/,
    )
  })

  it.each(['A', 'AAAA', 'CNAME'])('not beside a static %s record, seen from both sides', (type) => {
    const values = { A: ['192.0.2.1'], AAAA: ['2001:db8::1'], CNAME: ['x.test'] }[type]
    const found = faults([...BASE, zone('example.test', [{ name: 'www', type, values }]), www])
    expect(found).toHaveLength(2)
    expect(found[0]).toMatch(/^zone example.test \/records\/0: the load balancer 'www.example.test' answers/)
    expect(found[1]).toMatch(/^loadBalancer www.example.test \/name: .* has a static/)
  })

  it('not at or below a delegation, seen from both sides (RFC 1034 4.2.1)', () => {
    for (const name of ['sub', 'b.sub']) {
      const steered = balancer(`${name}.example.test`)
      const found = faults([...BASE, zone('example.test', [TXT('x'), NS('sub')]), steered])
      expect(found).toHaveLength(2)
      expect(found[0]).toMatch(
        /^zone example.test \/records\/1: the load balancer .* is below this delegation/,
      )
      expect(found[1]).toMatch(/delegates 'sub.example.test'/)
    }
    expect(faults([...BASE, zone('example.test', [NS('sub')]), balancer('asub.example.test')])).toEqual([])
  })

  it('a zone within a zone: names belong to the closer one, seen from both sides', () => {
    const steered = balancer('www.sub.example.test')
    const both = [...BASE, zone('example.test'), zone('sub.example.test'), steered]
    const found = faults(both)
    expect(found).toHaveLength(2)
    expect(found[0]).toMatch(/^zone sub.example.test \/name: the load balancer .* belongs to this one/)
    expect(found[1]).toMatch(/\/zone: .* belongs to the zone 'sub.example.test', which is closer/)
    expect(faults([...BASE, zone('example.test'), zone('other.test'), balancer('a.example.test')])).toEqual(
      [],
    )
    const right = balancer('www.sub.example.test', 'sub.example.test')
    expect(faults([...BASE, zone('example.test'), zone('sub.example.test'), right])).toEqual([])
  })

  it('a zone within a zone: no static data of the outer one inside, but the delegation and its glue', () => {
    const inner = zone('sub.example.test')
    const glue = zone('example.test', [NS('sub'), A('ns.sub')])
    expect(faults([glue, inner])).toEqual([])
    const found = faults([zone('example.test', [CNAME('sub'), TXT('a.sub')]), inner])
    expect(found).toHaveLength(4)
    expect(found[0]).toMatch(/^zone example.test \/records\/0: 'sub.example.test' belongs to the zone/)
    expect(found[2]).toMatch(/^zone sub.example.test \/name: the CNAME record 'sub.example.test' of the zone/)
  })

  it('10,000 balancers in a zone of 10,000 records are no matter: not each is compared with each', () => {
    const records = Array.from({ length: 10_000 }, (_, index) => A(`r${index}`))
    const balancers = Array.from({ length: 10_000 }, (_, index) => balancer(`b${index}.example.test`))
    const configuration = configurationOf([
      ...BASE,
      zone('example.test', [...records, NS('sub')]),
      ...balancers,
    ])
    expect(checkReferences(configuration)).toEqual([])
  })
})

describe('referrersOf', () => {
  const configuration: Configuration = configurationOf([
    ...BASE,
    endpoint('web/b'),
    zone('example.test', [], ['ns1.example.test']),
    balancer('www.example.test'),
    balancer('ns1.example.test', 'example.test', { kind: 'failover', tiers: [{ pool: 'web' }] }),
  ])

  it.each<[Kind, string, string[]]>([
    ['site', 'ams', ['web/a', 'web/b']],
    ['monitor', 'http', ['web']],
    ['pool', 'web', ['ns1.example.test', 'www.example.test']],
    ['zone', 'example.test', ['ns1.example.test', 'www.example.test']],
    ['loadBalancer', 'ns1.example.test', ['example.test']],
    ['loadBalancer', 'www.example.test', []],
    ['endpoint', 'web/a', []],
    ['site', 'nowhere', []],
  ])('of the %s %s', (kind, key, expected) => {
    expect(referrersOf(configuration, { kind, key }).map((one) => one.key)).toEqual(expected)
  })

  it('names exactly those that would have a fault if it were deleted', () => {
    for (const kind of ['site', 'monitor', 'pool', 'zone', 'loadBalancer'] as const)
      for (const key of configuration[kind].keys()) {
        const without = applyChanges(configuration, [{ op: 'delete', kind, key }])
        const broken = checkReferences(without).filter(
          (fault) => fault.missing?.kind !== 'pool' || fault.kind !== 'endpoint',
        )
        const names = [...new Set(broken.map((fault) => fault.key))].sort()
        expect(names).toEqual(referrersOf(configuration, { kind, key }).map((one) => one.key))
      }
  })

  it('poolsOf keeps the order of the policy', () => {
    const policy = loadBalancerSchema.shape.policy.parse({
      kind: 'failover',
      tiers: [{ pool: 'b' }, { pool: 'a' }],
    })
    expect(poolsOf(policy)).toEqual(['b', 'a'])
  })
})
