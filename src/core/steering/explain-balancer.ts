/** The part of an explanation that a load balancer has: its decision for the asked type, and what that gives to the client. */
import type { LoadBalancer } from '../model/load-balancer.ts'
import type { Explanation } from '../views/explanation.ts'
import { answerFor } from './answer-for.ts'
import { conditionOf, conditionText } from './client-condition.ts'
import type { Decision } from './decision.ts'
import { holds, type Client } from './evaluate.ts'
import { explainEndpoint } from './explain-endpoint.ts'
import type { ExplainContext } from './explain-context.ts'

/** What the DNS server really says where the all-down mode is `refuse`: a resolver then asks elsewhere or serves stale. */
const REFUSED_RCODE = 'SERVFAIL'

export interface BalancerPart {
  /** null: nothing of this type is answered to this client. */
  readonly answer: Explanation['answer'] | null
  readonly rest: Pick<Explanation, 'loadBalancer' | 'rule' | 'routes' | 'endpoints' | 'publication'>
  readonly steps: readonly string[]
}

export function explainBalancer(
  balancer: LoadBalancer,
  decision: Decision,
  { context, client }: { readonly context: ExplainContext; readonly client: Client | null },
): BalancerPart {
  const { record, rule, candidates, type } = decision
  const routes = routesView(balancer, decision, { context, client })
  const given = record === null ? null : answerFor(record, client)
  const values = new Set(given?.values ?? [])
  const chosen = routes.find(({ isChosen }) => isChosen)
  return {
    answer: given === null || record === null ? null : answerView(given, record.ttlSec),
    rest: {
      loadBalancer: balancer.name,
      rule: chosen === undefined || chosen.rule === 'passed-over' ? rule : chosen.rule,
      routes,
      endpoints: candidates.map((candidate) => explainEndpoint(candidate, values, context)),
      publication: context.published(balancer.name, type),
    },
    steps: [...decision.steps, ...clientSteps(balancer, chosen, client), ...(given?.steps ?? [])],
  }
}

function answerView(
  { kind, values, weights, shares }: ReturnType<typeof answerFor>,
  ttlSec: number,
): Explanation['answer'] | null {
  if (kind === 'refused') return { rcode: REFUSED_RCODE, kind, values: [], ttlSec: null }
  if (values.length === 0) return null
  return {
    rcode: 'NOERROR',
    kind,
    values,
    ...(weights && { weights }),
    ...(shares && { shares: shares.map(rounded) }),
    ttlSec,
  }
}

function clientSteps(
  { policy }: LoadBalancer,
  chosen: Explanation['routes'][number] | undefined,
  client: Client | null,
): string[] {
  if (client === null || (policy.rules ?? []).length === 0) return []
  const rule = chosen?.route ?? 0
  return rule > 0 ? [`rule ${rule} is the first one about the client ${client.address}`] : []
}

/** In the order in which they are asked: the rules, then the policy's own. */
function routesView(
  balancer: LoadBalancer,
  { routes }: Decision,
  { context, client }: { readonly context: ExplainContext; readonly client: Client | null },
): Explanation['routes'] {
  const rules = balancer.policy.rules ?? []
  const maps = context.configuration.clientMap
  const isAbout = (route: number) => {
    const when = rules[route]?.when
    return client !== null && when !== undefined && holds(conditionOf(when, maps), client)
  }
  const asked = [...routes.filter(({ route }) => route >= 0), ...routes.filter(({ route }) => route < 0)]
  const about = asked.filter(({ route }) => route < 0 || isAbout(route))
  // Without rules it is the same one for everybody.
  const isKnown = client !== null || rules.length === 0
  const chosen = isKnown ? about.find(({ leaf }) => leaf !== null) : undefined
  return asked.map((one) => {
    const when = rules[one.route]?.when
    return {
      route: one.route + 1,
      clients: when === undefined ? 'all others' : conditionText(when),
      rule: one.rule,
      tier: one.tier === null ? null : one.tier + 1,
      eligible: [...one.eligible],
      isAboutClient: about.includes(one),
      isChosen: one === chosen,
    }
  })
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000
}
