/**
 * Random configurations and health, from a seed: many load balancers of every policy over a few pools, in one zone. For the
 * differential test, which asks the real PowerDNS what the pure functions say.
 */
import fc from 'fast-check'
import type { RegisterState } from '../../src/core/health/register.ts'
import { configurationOf, type Configuration } from '../../src/core/model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../../src/core/model/document.ts'
import { checkReferences } from '../../src/core/model/check-references.ts'
import type { Place } from '../../src/adapters/geoip/testing/location-database.ts'

export const ZONE = 'example.test'
const POOLS = ['p1', 'p2', 'p3', 'p4'] as const
const SITES = { ams: [52.37, 4.9], nyc: [40.71, -74.01], sgp: [1.35, 103.82] } as const

/** What the database of locations knows. */
export const PLACES: Readonly<Record<string, Place>> = {
  '203.0.113.0/24': { continent: 'EU', country: 'NL', asn: 64_500, latitude: 52.1, longitude: 5.1 },
  '203.0.113.128/25': { continent: 'EU', country: 'BE', asn: 64_501, latitude: 50.85, longitude: 4.35 },
  '198.51.100.0/24': { continent: 'NA', country: 'US', asn: 64_502, latitude: 37.77, longitude: -122.42 },
  '2001:db8:a::/48': { continent: 'AS', country: 'SG', asn: 64_503, latitude: 1.29, longitude: 103.85 },
  '2001:db8:b::/48': { continent: 'EU', country: 'NL' },
}

/** Clients that ask with a client subnet, inside and outside of all prefixes that are named anywhere. */
const anyClient = fc.oneof(
  fc.nat(255).map((last) => `203.0.113.${last}`),
  fc.nat(255).map((last) => `198.51.100.${last}`),
  fc.nat(65_535).map((group) => `2001:db8:a:${group.toString(16)}::1`),
  fc.nat(65_535).map((group) => `2001:db8:b:${group.toString(16)}::1`),
  fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.1.${a}.${b}`),
  fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `172.20.${a}.${b}`),
)

const anyEndpoint = fc.record({
  v6: fc.boolean(),
  weight: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(0)),
  enabled: fc.oneof(
    { weight: 9, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  site: fc.constantFrom(...Object.keys(SITES)),
  state: fc.constantFrom<RegisterState>('up', 'up', 'up', 'down', 'unknown'),
})
const anyMinHealthy = fc.constantFrom<number | string>(1, 1, 2, '50%', '100%')
const anyPoolList = fc.subarray([...POOLS], { minLength: 1, maxLength: 3 })
const anyRoute = fc.oneof(
  anyPoolList.map((pools) => ({ pools })),
  fc
    .tuple(anyPoolList, fc.array(anyMinHealthy, { minLength: 3, maxLength: 3 }))
    .map(([names, needs]) => ({ tiers: names.map((pool, index) => ({ pool, minHealthy: needs[index] })) })),
)
const anyWhen = fc.oneof(
  fc.subarray(['EU', 'NA', 'AS'], { minLength: 1 }).map((continents) => ({ continents })),
  fc.subarray(['NL', 'BE', 'US', 'SG'], { minLength: 1 }).map((countries) => ({ countries })),
  fc.subarray([64_500, 64_501, 64_502], { minLength: 1 }).map((asns) => ({ asns })),
  fc
    .subarray(['lab', 'home', 'all'], { minLength: 1 })
    .map((entries) => ({ clientMap: { map: 'net', entries } })),
)
const anyRules = fc.oneof(
  fc.constant({}),
  fc
    .array(fc.tuple(anyWhen, anyRoute), { minLength: 1, maxLength: 3 })
    .map((rules) => ({ rules: rules.map(([when, route]) => ({ when, ...route })) })),
)
const anyPolicy = fc.oneof(
  fc
    .tuple(anyPoolList, fc.constantFrom({}, { maxAnswers: 2 }), anyRules)
    .map(([pools, ...more]) => Object.assign({ kind: 'all', pools }, ...more) as object),
  fc
    .tuple(anyRoute, fc.constantFrom({}, { maxAnswers: 1 }), anyRules)
    .map(([route, ...more]) =>
      'tiers' in route
        ? (Object.assign({ kind: 'failover' }, route, ...more) as object)
        : (Object.assign({ kind: 'all' }, route, ...more) as object),
    ),
  fc
    .tuple(
      fc.constantFrom('weighted', 'sticky', 'nearest'),
      anyRoute,
      fc.constantFrom({}, { answers: 2 }),
      anyRules,
    )
    .map(([kind, ...more]) => Object.assign({ kind }, ...more) as object),
  fc
    .tuple(anyRoute, fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 128 }))
    .map(([route, ipv4PrefixBits, ipv6PrefixBits]) => ({
      kind: 'sticky',
      ...route,
      ipv4PrefixBits,
      ipv6PrefixBits,
    })),
)
const anyWhenDown = fc.constantFrom(
  { kind: 'last-healthy' },
  { kind: 'all' },
  { kind: 'refuse' },
  { kind: 'empty' },
  { kind: 'cname', target: 'sorry.elsewhere.test' },
  { kind: 'fixed', addresses: ['192.0.2.250', '2001:db8::fa'] },
)
const anyBinding = fc.constantFrom(
  {},
  {},
  { serviceBinding: { alpn: ['h2', 'h3'], port: 8_443 } },
  { serviceBinding: { type: 'SVCB', priority: 2 } },
)

export interface World {
  readonly configuration: Configuration
  readonly states: Readonly<Record<string, RegisterState>>
  readonly clients: readonly string[]
}

/** `count`: load balancers in it. The same seed gives the same world. */
export function worldOf(seed: number, count: number): World {
  const sample = <T>(arbitrary: fc.Arbitrary<T>, size: number, salt: number): T[] =>
    fc.sample(arbitrary, { seed: seed + salt, numRuns: size })
  const endpoints = sample(anyEndpoint, 14, 1)
  const aliases = sample(anyEndpoint, 5, 2)
  const policies = sample(anyPolicy, count, 3)
  const modes = sample(anyWhenDown, count, 4)
  const bindings = sample(anyBinding, count, 5)
  const pools = POOLS.map((name, index) => ({
    name,
    monitors: ['tcp'],
    // One of them contains another one.
    ...(index === 3 && { pools: ['p1'] }),
    endpoints: endpoints.flatMap(({ v6, weight, enabled, site }, at) =>
      at % POOLS.length === index
        ? [
            {
              name: `e${at}`,
              address: v6 ? `2001:db8::${at + 1}` : `192.0.2.${at + 1}`,
              port: 80,
              site,
              weight,
              enabled,
            },
          ]
        : [],
    ),
  }))
  const document = {
    settings: { geoip: { enabled: true }, withdrawalBudget: 'off' },
    sites: Object.entries(SITES).map(([name, [latitude, longitude]]) => ({
      name,
      coordinates: { latitude, longitude },
    })),
    zones: [{ name: ZONE, nameservers: ['ns1.elsewhere.test'] }],
    monitors: [{ name: 'tcp', kind: 'tcp' }],
    clientMaps: [
      {
        name: 'net',
        entries: [
          { name: 'lab', prefixes: ['10.0.0.0/8', '203.0.113.64/26'] },
          { name: 'home', prefixes: ['10.1.0.0/16', '2001:db8:a::/48'] },
          { name: 'all', prefixes: ['172.16.0.0/12', '10.1.128.0/17'] },
        ],
      },
    ],
    pools: [
      ...pools,
      {
        name: 'cdn',
        monitors: ['tcp'],
        endpoints: aliases.map(({ weight, enabled, site }, at) => ({
          ...{ name: `a${at}`, address: `cdn${at}.elsewhere.test`, port: 80, site, weight, enabled },
        })),
      },
    ],
    loadBalancers: policies.map((policy, index) => ({
      name: index === 0 ? ZONE : index === 1 ? `*.wild.${ZONE}` : `b${index}.${ZONE}`,
      zone: ZONE,
      ttlSec: 60,
      // Every eighth answers with host names.
      policy: index % 8 === 7 ? renamed(policy) : policy,
      whenDown: modes[index],
      ...(modes[index]?.kind !== 'cname' && index % 8 !== 7 && bindings[index]),
    })),
  }
  return {
    configuration: withoutFaults(document),
    states: Object.fromEntries([
      ...endpoints.map(({ state }, at) => [`${POOLS[at % POOLS.length]!}/e${at}`, state] as const),
      ...aliases.map(({ state }, at) => [`cdn/a${at}`, state] as const),
    ]),
    clients: sample(anyClient, 6, 6),
  }
}

/** The same policy over the pool of host names. */
function renamed(policy: object): object {
  return JSON.parse(JSON.stringify(policy).replaceAll(/"p\d"/g, '"cdn"')) as object
}

/** A load balancer that would be refused is none that could be asked for: a name twice in a list, weights that are all 0. */
function withoutFaults(document: object): Configuration {
  const resources = resourcesOfDocument(documentSchema.parse(document))
  const faulty = new Set(checkReferences(configurationOf(resources)).map(({ kind, key }) => `${kind} ${key}`))
  const kept = resources.filter(({ kind, key }) => !faulty.has(`${kind} ${key}`))
  const left = checkReferences(configurationOf(kept))
  if (left.length > 0) throw new Error(`the world has faults: ${JSON.stringify(left)}`)
  return configurationOf(kept)
}
