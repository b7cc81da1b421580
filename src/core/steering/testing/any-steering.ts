/** Policies, all-down modes and candidates of every kind, at random, for property tests. */
import fc from 'fast-check'
import type { ClientMap } from '../../model/client-map.ts'
import { clientMapSchema } from '../../model/client-map.ts'
import { siteSchema, type Site } from '../../model/site.ts'
import type { Candidate } from '../eligibility.ts'
import { balancer, candidate, FIXED, pools, REASONS } from './candidates.ts'

const POOLS = ['p1', 'p2', 'p3']
const SITES = ['ams', 'nyc', 'sgp']
export const FIXED_4 = { kind: 'fixed', addresses: ['198.51.100.1'] }

export const sites: ReadonlyMap<string, Site> = new Map(
  SITES.map((name, index) => [
    name,
    siteSchema.parse({ name, coordinates: { latitude: 10 * index, longitude: 40 * index } }),
  ]),
)
export const clientMaps: ReadonlyMap<string, ClientMap> = new Map([
  [
    'offices',
    clientMapSchema.parse({
      name: 'offices',
      entries: [
        { name: 'ams', prefixes: ['203.0.113.0/24', '2001:db8:a::/48'] },
        { name: 'lab', prefixes: ['203.0.113.128/25'] },
      ],
    }),
  ],
])

const anyEndpoint = fc.record({
  pool: fc.constantFrom(...POOLS),
  v6: fc.boolean(),
  reason: fc.constantFrom(...REASONS),
  weight: fc.nat(5),
  lastUp: fc.nat(4),
  site: fc.constantFrom(...SITES),
  evidence: fc.constantFrom({}, {}, { rampShare: 0.3 }, { drain: { phase: 'planned' as const, share: 1 } }),
})

export const anyPools: fc.Arbitrary<Map<string, Candidate[]>> = fc
  .array(anyEndpoint, { maxLength: 14 })
  .map((list) =>
    pools(
      ...list.map(({ pool, v6, evidence, ...rest }, index) =>
        candidate(`${pool}/e${index}`, v6 ? `2001:db8::${index + 1}` : `192.0.2.${index + 1}`, {
          ...rest,
          // Else it would take away the drain that the reason is made of.
          evidence: rest.reason === 'draining' || rest.reason === 'drained' ? {} : evidence,
        }),
      ),
    ),
  )

const anyMinHealthy = fc.oneof(
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
)
export const anyPoolList = fc.subarray(POOLS, { minLength: 1 })
const anyTiers = fc
  .tuple(anyPoolList, fc.array(anyMinHealthy, { minLength: 3, maxLength: 3 }))
  .map(([names, needs]) => names.map((pool, index) => ({ pool, minHealthy: needs[index] })))
const anyRoute = fc.oneof(
  anyPoolList.map((names) => ({ pools: names })),
  anyTiers.map((tiers) => ({ tiers })),
)
const anyRule = fc
  .tuple(
    fc.constantFrom(
      { continents: ['EU'] },
      { countries: ['NL', 'BE'] },
      { asns: [64_500] },
      { clientMap: { map: 'offices', entries: ['ams'] } },
    ),
    anyRoute,
  )
  .map(([when, route]) => ({ when, ...route }))
const anyRules = fc.oneof(
  fc.constant({}),
  fc.array(anyRule, { minLength: 1, maxLength: 3 }).map((rules) => ({ rules })),
)
const anyMax = fc.constantFrom({}, { maxAnswers: 1 }, { maxAnswers: 3 })
const anyAnswers = fc.constantFrom({}, { answers: 2 })
const anyLatch = fc.constantFrom({}, { latch: true })

export const anyPolicy = fc.oneof(
  fc
    .tuple(anyPoolList, anyMax, anyRules)
    .map(([names, ...more]) => merged({ kind: 'all', pools: names }, more)),
  fc
    .tuple(anyTiers, anyMax, anyRules, anyLatch)
    .map(([tiers, ...more]) => merged({ kind: 'failover', tiers }, more)),
  fc
    .tuple(fc.constantFrom('weighted', 'sticky', 'nearest'), anyRoute, anyAnswers, anyRules, anyLatch)
    .map(([kind, ...more]) => merged({ kind }, more)),
)

export const anyWhenDown = fc.constantFrom(
  { kind: 'last-healthy' },
  { kind: 'all' },
  { kind: 'refuse' },
  { kind: 'empty' },
  { kind: 'cname', target: 'sorry.elsewhere.test' },
  FIXED,
  FIXED_4,
)
export const anyBalancer = fc
  .tuple(anyPolicy, anyWhenDown)
  .map(([policy, whenDown]) => balancer(policy, whenDown))
export const anyType = fc.constantFrom('A' as const, 'AAAA' as const)
/** Up to tier 3: latched somewhere, or not. */
export const anyLatchedTier = fc.nat(2).map((tier) => () => tier)

function merged(policy: object, more: readonly object[]): object {
  return Object.assign({}, policy, ...more) as object
}
