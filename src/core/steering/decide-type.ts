/**
 * The decision for one record type of a load balancer: which route answers which client, and with what.
 * What must stay true: the types are decided apart, and what one has changes nothing of another, but for whether the name is
 * down as a whole; where rules or the policy have eligible endpoints nothing else is answered by them; a client of whom no rule
 * with an eligible endpoint knows gets the policy's own answer, and by the all-down mode where that has none.
 */
import type { RecordSet, SteeredType } from '../dns/record-set.ts'
import type { ClientMap } from '../model/client-map.ts'
import type { LoadBalancer } from '../model/load-balancer.ts'
import { routeOf, type PolicyRule } from '../model/policy.ts'
import type { Site } from '../model/site.ts'
import { familyOf } from '../net/address.ts'
import { chooseRoute, type RouteChoice } from './choose-route.ts'
import { conditionOf, conditionText } from './client-condition.ts'
import type { Decision, RouteDecision } from './decision.ts'
import type { Candidate } from './eligibility.ts'
import { answersOf, leafOf, MAX_ANSWERS, valuesLeaf, type Method } from './leaf-of.ts'
import { recordOf } from './record-of.ts'
import type { Branch, Leaf } from './selector.ts'
import { standInsOf } from './stand-ins.ts'
import type { SteeringView } from './steering-view.ts'
import { ttlOf } from './ttl-of.ts'

export interface DecisionContext {
  readonly sites: ReadonlyMap<string, Site>
  readonly clientMaps: ReadonlyMap<string, ClientMap>
  readonly latchedTier: SteeringView['latchedTier']
}

export interface TypeInput {
  readonly balancer: LoadBalancer
  readonly type: SteeredType
  /** Endpoints of a pool, with those of the pools inside it, of this type. */
  readonly members: (pool: string) => readonly Candidate[]
  readonly context: DecisionContext
}

/** What each route of a type has; the first is the policy's own. */
export interface SeenRoute {
  /** Index of the rule; -1: the policy's own. */
  readonly route: number
  readonly rule: PolicyRule | null
  readonly choice: RouteChoice
}

export function seeRoutes({ balancer, type, members, context }: TypeInput): readonly SeenRoute[] {
  const { policy, name } = balancer
  const see = (routed: PolicyRule | null, route: number, title: string): SeenRoute => ({
    route,
    rule: routed,
    choice: chooseRoute({
      route: routeOf(routed ?? policy),
      title,
      members,
      latchedTier: 'latch' in policy && policy.latch ? context.latchedTier(name, route, type) : 0,
    }),
  })
  return [
    see(null, -1, policy.kind),
    ...(policy.rules ?? []).map((rule, index) => see(rule, index, `rule ${index + 1}`)),
  ]
}

/** `isDown`: nothing is eligible in any type of the name. */
export function decideType(input: TypeInput, routes: readonly SeenRoute[], isDown: boolean): Decision {
  const candidates = distinct(routes)
  const isEligible = routes.some(({ choice }) => choice.eligible.length > 0)
  const ttl = ttlOf(input.balancer, candidates)
  const chosen = isEligible ? byPolicy(input, routes) : byMode(input, { routes, candidates, isDown })
  const [own] = routes
  return {
    type: input.type,
    rule: chosen.rule,
    candidates,
    routes: chosen.routes,
    record: chosen.record(ttl.ttlSec),
    steps: [
      ...(own?.choice.steps ?? []),
      ...chosen.steps,
      ...(chosen.rule === 'no-endpoints' ? [] : [ttl.reason]),
    ],
    ttlReason: ttl.reason,
  }
}

interface Chosen {
  readonly rule: Decision['rule']
  readonly routes: readonly RouteDecision[]
  readonly steps: readonly string[]
  readonly record: (ttlSec: number) => RecordSet | null
}

function byPolicy(input: TypeInput, routes: readonly SeenRoute[]): Chosen {
  const { balancer, context } = input
  const method = methodOf(input)
  const steps: string[] = []
  const decided = routes.map((seen): RouteDecision => {
    const { choice, route, rule } = seen
    if (choice.eligible.length > 0) return routeDecision(seen, 'policy', leafOf(choice.eligible, method))
    if (rule !== null) return routeDecision(seen, 'passed-over', null)
    const { leaf, step } = standInLeaf(input, choice.members)
    steps.push(`for clients that no rule below is about: ${step}`)
    return routeDecision({ ...seen, route }, 'when-down', leaf)
  })
  for (const { rule, choice } of routes)
    if (rule !== null)
      steps.push(
        ...choice.steps,
        `${conditionText(rule.when)}: ${choice.eligible.length === 0 ? 'nothing eligible there, so the next rules and the policy decide' : 'are answered from there'}`,
      )
  steps.push(...methodSteps(input, decided))
  const [own] = decided
  return {
    rule: own?.rule === 'when-down' ? 'when-down' : 'policy',
    routes: decided,
    steps,
    record: (ttlSec) =>
      recordOf(
        { name: balancer.name, type: input.type, ttlSec },
        { branches: branchesOf(decided, routes, context), otherwise: own?.leaf ?? { kind: 'empty' } },
      ),
  }
}

interface AllDown {
  readonly routes: readonly SeenRoute[]
  readonly candidates: readonly Candidate[]
  readonly isDown: boolean
}

/** Nothing of this type is eligible, in whatever route. */
function byMode(input: TypeInput, { routes, candidates, isDown }: AllDown): Chosen {
  const { balancer, type, context } = input
  const { whenDown, name } = balancer
  const passed = routes.map((seen) =>
    routeDecision(seen, seen.rule === null ? 'when-down' : 'passed-over', null),
  )
  const enabled = candidates.filter(({ reason }) => reason !== 'disabled')
  const fixed = (leaf: Leaf, step: string): Chosen => ({
    rule: 'when-down',
    routes: passed.map((one) => (one.route === -1 ? { ...one, leaf } : one)),
    steps: [step],
    record: (ttlSec) => recordOf({ name, type, ttlSec }, { branches: [], otherwise: leaf }),
  })
  // A type without endpoints is not down by itself: a fixed AAAA would draw clients away from healthy A endpoints.
  if (whenDown.kind === 'fixed' && (enabled.length > 0 || isDown)) {
    const values = fixedValues(balancer, type)
    if (values.length > 0) return fixed(valuesLeaf(values), 'nothing eligible: fixed addresses')
  }
  if (enabled.length === 0)
    return {
      rule: 'no-endpoints',
      routes: passed,
      steps: [`no enabled endpoint has an answer of the type ${type}`],
      record: () => null,
    }
  if (whenDown.kind === 'fixed')
    return fixed({ kind: 'empty' }, `nothing eligible: fixed, which names no address for ${type}`)
  if (whenDown.kind === 'empty') return fixed({ kind: 'empty' }, 'nothing eligible: empty (NODATA)')
  if (whenDown.kind === 'refuse') return fixed({ kind: 'refuse' }, 'nothing eligible: refuse')
  const steps: string[] = []
  const decided = routes.map((seen): RouteDecision => {
    const { leaf, step } = standInLeaf(input, seen.choice.members)
    if (seen.rule === null) steps.push(step)
    else if (leaf.kind !== 'empty') steps.push(`${conditionText(seen.rule.when)}: ${step}`)
    return routeDecision(seen, 'when-down', leaf.kind === 'empty' && seen.rule !== null ? null : leaf)
  })
  const otherwise = decided.find(({ route }) => route === -1)?.leaf ?? { kind: 'empty' }
  return {
    rule: 'when-down',
    routes: decided,
    steps: [...steps, ...methodSteps(input, decided)],
    record: (ttlSec) =>
      recordOf({ name, type, ttlSec }, { branches: branchesOf(decided, routes, context), otherwise }),
  }
}

/** What the all-down mode gives to the clients of one route. */
function standInLeaf(input: TypeInput, members: readonly Candidate[]): { leaf: Leaf; step: string } {
  const { whenDown } = input.balancer
  const nothing = (kind: 'refuse' | 'empty') =>
    ({ leaf: { kind }, step: `nothing eligible: ${kind}` }) as const
  if (whenDown.kind === 'refuse' || whenDown.kind === 'empty') return nothing(whenDown.kind)
  if (whenDown.kind === 'fixed') {
    const values = fixedValues(input.balancer, input.type)
    return values.length > 0
      ? { leaf: valuesLeaf(values), step: 'nothing eligible: fixed addresses' }
      : nothing('empty')
  }
  const mode = whenDown.kind === 'all' ? 'all' : 'last-healthy'
  const { candidates, why } = standInsOf(members, mode)
  if (candidates.length === 0)
    return { leaf: { kind: 'empty' }, step: `no enabled endpoint has an answer of the type ${input.type}` }
  return { leaf: leafOf(candidates, methodOf(input)), step: `nothing eligible: ${mode} (${why})` }
}

function fixedValues({ whenDown }: LoadBalancer, type: SteeredType): string[] {
  if (whenDown.kind !== 'fixed' || type === 'CNAME') return []
  return whenDown.addresses.filter((address) => (type === 'A') === (familyOf(address) === 4))
}

function branchesOf(
  decided: readonly RouteDecision[],
  routes: readonly SeenRoute[],
  { clientMaps }: DecisionContext,
): Branch[] {
  return routes.flatMap(({ route, rule }): Branch[] => {
    const leaf = decided.find((one) => one.route === route)?.leaf
    return rule === null || leaf === undefined || leaf === null
      ? []
      : [{ when: conditionOf(rule.when, clientMaps), then: leaf }]
  })
}

function methodOf({ balancer, type, context }: TypeInput): Method {
  return {
    policy: balancer.policy,
    name: balancer.name,
    type,
    coordinatesOf: (site) => context.sites.get(site)?.coordinates,
  }
}

/** Said once, where any answer holds fewer than could be in it. */
function methodSteps({ balancer, type }: TypeInput, decided: readonly RouteDecision[]): string[] {
  const { policy } = balancer
  if (policy.kind !== 'all' && policy.kind !== 'failover') return []
  const isChosen = decided.some(({ leaf }) => leaf?.kind === 'weighted')
  const isCut = decided.some(({ leaf }) => leaf?.kind === 'values' && leaf.values.length === MAX_ANSWERS)
  if (isCut) return [`at most ${MAX_ANSWERS}, which is what one answer holds: by rank for this name`]
  if (!isChosen) return []
  const why = type === 'CNAME' ? 'a CNAME has one target' : 'maxAnswers'
  return [`${why}: ${answersOf({ policy, type })} of them in each answer, all equally often`]
}

function routeDecision(
  { route, choice }: SeenRoute,
  rule: RouteDecision['rule'],
  leaf: Leaf | null,
): RouteDecision {
  const { tier, isSettled, eligible } = choice
  return { route, rule, tier, isSettled, eligible: eligible.map(({ key }) => key), leaf }
}

/** Every endpoint of the routes, each once, those of the policy's own first. */
function distinct(routes: readonly SeenRoute[]): readonly Candidate[] {
  const [own] = routes
  if (own !== undefined && routes.length === 1) return own.choice.members
  const byKey = new Map<string, Candidate>()
  for (const { choice } of routes) for (const one of choice.members) byKey.set(one.key, one)
  return [...byKey.values()]
}
