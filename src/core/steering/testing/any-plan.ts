/** Configurations of a few pools, zones and load balancers by chance, and verdicts on their endpoints: for tests of the plan alone. */
import fc from 'fast-check'
import type { OwnerRecords } from '../../dns/record-set.ts'
import { configurationOf, type Configuration } from '../../model/configuration.ts'
import { loadBalancerSchema } from '../../model/load-balancer.ts'
import { endpointSchema } from '../../model/pool.ts'
import { endpointKey, type EndpointKey, type Resource } from '../../model/resource.ts'
import { zoneSchema, type Zone } from '../../model/zone.ts'
import type { AnswerPlan } from '../answer-plan.ts'
import type { VerdictView } from '../eligibility.ts'
import { plainView, type SteeringView } from '../steering-view.ts'

export const POOLS = ['p1', 'p2', 'p3', 'p4']
export const ZONES = ['example.test', 'other.test']

const anyEndpoints = fc.array(
  fc.record({
    pool: fc.constantFrom(...POOLS),
    v6: fc.boolean(),
    weight: fc.nat(3),
    enabled: fc.boolean(),
  }),
  { maxLength: 12 },
)
const anyPolicy = fc.tuple(
  fc.constantFrom('all', 'weighted', 'failover'),
  fc.subarray(POOLS, { minLength: 1 }),
)
const anyBalancers = fc.array(
  fc.tuple(fc.constantFrom(...ZONES), anyPolicy, fc.constantFrom('last-healthy', 'all', 'refuse')),
  { maxLength: 8 },
)

export const anyConfiguration: fc.Arbitrary<Configuration> = fc
  .tuple(anyEndpoints, anyBalancers, fc.subarray(POOLS))
  .map(([endpoints, balancers, monitored]) =>
    configurationOf([
      ...ZONES.map((name): Resource => ({ kind: 'zone', key: name, spec: zoneOf(name) })),
      ...POOLS.map((name): Resource => ({
        kind: 'pool',
        key: name,
        spec: { name, monitors: monitored.includes(name) ? ['web'] : [] },
      })),
      ...endpoints.map(({ pool, v6, weight, enabled }, index): Resource => {
        const address = v6 ? `2001:db8::${index + 1}` : `192.0.2.${index + 1}`
        const spec = endpointSchema.parse({
          name: `e${index}`,
          address,
          port: 80,
          site: 'ams',
          weight,
          enabled,
        })
        return { kind: 'endpoint', key: endpointKey(pool, spec.name), spec }
      }),
      ...balancers.map(([zone, [kind, names], whenDown], index): Resource => {
        const policy =
          kind === 'failover' ? { kind, tiers: names.map((pool) => ({ pool })) } : { kind, pools: names }
        const name = index === 0 ? zone : `b${index}.${zone}`
        const spec = loadBalancerSchema.parse({ name, zone, policy, whenDown: { kind: whenDown } })
        return { kind: 'loadBalancer', key: name, spec }
      }),
    ]),
  )

export function zoneOf(
  name: string,
  records: unknown[] = [{ name: '@', type: 'TXT', values: ['apex'] }],
): Zone {
  return zoneSchema.parse({ name, nameservers: ['ns2.elsewhere.test', 'ns1.elsewhere.test'], records })
}

const anyVerdict: fc.Arbitrary<VerdictView> = fc.record({
  state: fc.constantFrom('unknown' as const, 'up' as const, 'down' as const),
  degraded: fc.boolean(),
  lastUp: fc.nat(5),
})
/** Verdicts by the endpoint's place in the configuration; some endpoints have none. */
export const anyVerdicts = fc.array(fc.option(anyVerdict, { nil: undefined }), {
  minLength: 12,
  maxLength: 12,
})

export function lookup(
  configuration: Configuration,
  verdicts: readonly (VerdictView | undefined)[],
): SteeringView {
  const keys = [...configuration.endpoint.keys()]
  return plainView((key: EndpointKey) => verdicts[keys.indexOf(key)])
}

export function answersOf(plan: AnswerPlan, view: SteeringView): Map<string, OwnerRecords> {
  const answers = new Map<string, OwnerRecords>()
  for (const zone of plan.zones(view).values())
    for (const [owner, records] of zone.owners) answers.set(owner, records)
  return answers
}
