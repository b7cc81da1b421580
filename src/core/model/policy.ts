/**
 * The policy of a load balancer: rules narrow by client, tiers by health, and one method chooses among the endpoints that are
 * left. What must stay true: there is always a default, for clients that no rule names.
 */
import { z } from 'zod'
import { identifier } from './scalars.ts'

const maxAnswers = z
  .int()
  .min(1)
  .max(64)
  .optional()
  .describe(
    'At most so many endpoints in one answer. Of more eligible ones each query gets others, all equally often. Without it 1000, the same ones for every query: more addresses may not fit into a DNS message',
  )

export const minHealthySchema = z
  .union([
    z.int().min(1).max(100_000),
    z
      .string()
      .regex(/^(?:100|[1-9]?\d)%$/, { error: "a count such as 2 or a share such as '50%' is expected" }),
  ])
  .describe(
    "How many endpoints (2) or which share ('50%') must be eligible for the tier to count as up; counted for IPv4 (A) and IPv6 (AAAA) apart. A share is one of the endpoints that are enabled and no longer unknown",
  )

const tier = z.strictObject({
  pool: identifier.describe('Name of the pool'),
  minHealthy: minHealthySchema.default(1),
})

const tierList = z
  .array(tier)
  .min(1)
  .max(64)
  .describe('In order of preference: the first tier with enough healthy endpoints answers')

const poolList = z
  .array(identifier)
  .min(1)
  .max(64)
  .describe('Names of the pools whose endpoints are answered with')

const route = { pools: poolList.optional(), tiers: tierList.optional() }

const continents = z
  .array(z.enum(['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA']))
  .min(1)
  .max(7)
  .describe('Continents of the client: AF, AN, AS, EU, NA, OC, SA')
const countries = z
  .array(z.string().regex(/^[A-Z]{2}$/, { error: "an ISO 3166-1 alpha-2 code is expected, such as 'NL'" }))
  .min(1)
  .max(250)
  .describe('Countries of the client (ISO 3166-1 alpha-2)')
const asns = z
  .array(z.int().min(1).max(4_294_967_295))
  .min(1)
  .max(1_000)
  .describe('Autonomous systems of the client, where the database of locations has them')
const clientMap = z
  .strictObject({
    map: identifier.describe('Name of the client map'),
    entries: z.array(identifier).min(1).max(1_000).describe('Entries of the map'),
  })
  .describe('Clients that a client map puts into one of these entries')

const condition = z
  .strictObject({
    continents: continents.optional(),
    countries: countries.optional(),
    asns: asns.optional(),
    clientMap: clientMap.optional(),
  })
  .check(({ value, issues }) => {
    if (Object.keys(value).length !== 1)
      issues.push({
        code: 'custom',
        message: 'give one of continents, countries, asns, clientMap',
        input: value,
        continue: true,
      })
  })
  .describe('Which clients the rule is about')

const rules = z
  .array(z.strictObject({ when: condition, ...route }).check(oneRoute))
  .max(256)
  .optional()
  .describe(
    'In order: the first rule that is about the client and has an eligible endpoint says where to choose; for all others the policy itself does',
  )

const latch = z
  .boolean()
  .default(false)
  .describe('After a failover stay on the later tier until an operator says `fairlead failback`')

const answers = z
  .int()
  .min(1)
  .max(64)
  .default(1)
  .describe('How many endpoints, all different, each query gets')

export const policySchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('failover'), tiers: tierList, rules, maxAnswers, latch })
      .describe('Tiers in order: the first one with enough healthy endpoints answers with all of them.'),
    z
      .strictObject({ kind: z.literal('all'), pools: poolList, rules, maxAnswers })
      .describe('Every eligible endpoint is in the answer.'),
    z
      .strictObject({ kind: z.literal('weighted'), ...route, rules, answers, latch })
      .check(oneRoute)
      .describe(
        'Each query gets one eligible endpoint (or several different ones), in proportion to the weights.',
      ),
    z
      .strictObject({
        kind: z.literal('sticky'),
        ...route,
        rules,
        answers,
        ipv4PrefixBits: z
          .int()
          .min(0)
          .max(32)
          .default(24)
          .describe('Clients of one IPv4 prefix of this length are one'),
        ipv6PrefixBits: z
          .int()
          .min(0)
          .max(128)
          .default(56)
          .describe('Clients of one IPv6 prefix of this length are one'),
        latch,
      })
      .check(oneRoute)
      .describe(
        "Each client gets the same endpoint as long as it is eligible (rendezvous hash over the client's prefix, in proportion to the weights); a change of the pool moves only its share of the clients.",
      ),
    z
      .strictObject({ kind: z.literal('nearest'), ...route, rules, answers, latch })
      .check(oneRoute)
      .describe('Each client gets the eligible endpoint whose site is nearest to it.'),
  ])
  .meta({ id: 'Policy', description: 'How the answer is chosen among the eligible endpoints.' })

export type Policy = z.output<typeof policySchema>
export type PolicyRule = NonNullable<Policy['rules']>[number]
export type MinHealthy = z.output<typeof minHealthySchema>
export type Tier = z.output<typeof tier>

/** Where a rule, or the policy itself, chooses. */
export type Route =
  | { readonly kind: 'pools'; readonly pools: readonly string[] }
  | { readonly kind: 'tiers'; readonly tiers: readonly Tier[] }

interface Routed {
  readonly pools?: readonly string[] | undefined
  readonly tiers?: readonly Tier[] | undefined
}

/** Of a policy: where clients are sent that no rule names. */
export function routeOf({ pools, tiers }: Routed): Route {
  return tiers === undefined ? { kind: 'pools', pools: pools ?? [] } : { kind: 'tiers', tiers }
}

export function poolsOfRoute(route: Route): readonly string[] {
  return route.kind === 'pools' ? route.pools : route.tiers.map((one) => one.pool)
}

/** Names of all pools that a policy names, each once, those of the default first. Pools inside pools are not among them. */
export function poolsOf(policy: Policy): readonly string[] {
  return [...new Set([policy, ...(policy.rules ?? [])].flatMap((one) => poolsOfRoute(routeOf(one))))]
}

function oneRoute({ value, issues }: z.core.ParsePayload<Routed>): void {
  if ((value.pools === undefined) !== (value.tiers === undefined)) return
  issues.push({
    code: 'custom',
    message:
      value.pools === undefined
        ? "give 'pools' or 'tiers': where to choose for every client that no rule is about"
        : "give 'pools' or 'tiers', not both",
    input: value,
    continue: true,
  })
}
