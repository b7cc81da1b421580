/**
 * The decision for one load balancer: what its name answers, type by type, and why. `plan` publishes it and `explain` shows it:
 * one function, so that the two can never disagree.
 * What must stay true: no verdict makes a name vanish: where the balancer has an enabled endpoint, a record set is there, and
 * one of the endpoint's type unless the operator chose otherwise (`fixed` without such an address, `cname`, `empty`); a CNAME
 * stands alone at its name (RFC 1034 3.6.2); a disabled endpoint is never answered with.
 */
import type { SteeredType } from '../dns/record-set.ts'
import type { LoadBalancer } from '../model/load-balancer.ts'
import { poolsOf } from '../model/policy.ts'
import { isHostname } from '../net/address.ts'
import { decideType, seeRoutes, type DecisionContext } from './decide-type.ts'
import type { Decision } from './decision.ts'
import type { Candidate } from './eligibility.ts'
import { decideServiceBinding } from './service-binding.ts'
import { ttlOf } from './ttl-of.ts'

export interface AnswerContext extends DecisionContext {
  /** The endpoints of each pool that the policy names, with those of the pools inside it, each once, in order of name. */
  readonly pools: ReadonlyMap<string, readonly Candidate[]>
}

/** One decision for each type that the balancer has a say in: addresses or CNAME, and the service binding. */
export function decideAnswer(balancer: LoadBalancer, context: AnswerContext): readonly Decision[] {
  const byType = new Map<string, ByType>()
  for (const pool of poolsOf(balancer.policy)) byType.set(pool, splitByType(context.pools.get(pool) ?? []))
  const seen = typesOf([...byType.values()], balancer).map((type) => {
    const input = { balancer, type, context, members: (pool: string) => byType.get(pool)?.[type] ?? [] }
    return { input, routes: seeRoutes(input) }
  })
  const isDown = seen.every(({ routes }) => routes.every(({ choice }) => choice.eligible.length === 0))
  const decisions = seen.map(({ input, routes }) => decideType(input, routes, isDown))
  if (isDown && balancer.whenDown.kind === 'cname')
    return aliasInstead(balancer, balancer.whenDown.target, decisions)
  const { serviceBinding } = balancer
  if (serviceBinding === undefined) return decisions
  return [...decisions, decideServiceBinding(balancer, serviceBinding, decisions)]
}

type ByType = Readonly<Record<SteeredType, readonly Candidate[]>>
const NONE: readonly Candidate[] = []

function splitByType(candidates: readonly Candidate[]): ByType {
  const split: Record<SteeredType, Candidate[]> = { A: [], AAAA: [], CNAME: [] }
  for (const candidate of candidates) split[typeOf(candidate.endpoint.address)].push(candidate)
  return split
}

function typeOf(address: string): SteeredType {
  if (address.includes(':')) return 'AAAA'
  return isHostname(address) ? 'CNAME' : 'A'
}

/** All endpoints are of one sort; where none is there yet, and in the fixed mode, the name has addresses. */
function typesOf(pools: readonly ByType[], { whenDown }: LoadBalancer): readonly SteeredType[] {
  const isAlias = pools.some(({ CNAME }) => CNAME.length > 0)
  if (!isAlias) return ['A', 'AAAA']
  return whenDown.kind === 'fixed' ? ['CNAME', 'A', 'AAAA'] : ['CNAME']
}

/** Nothing is eligible, and the operator sends clients to another name: whatever they ask for. */
function aliasInstead(
  balancer: LoadBalancer,
  target: string,
  decisions: readonly Decision[],
): readonly Decision[] {
  const candidates = decisions.flatMap((decision) => decision.candidates)
  const { name } = balancer
  const { ttlSec, reason } = ttlOf(balancer, candidates.length === 0 ? NONE : candidates)
  const steps = decisions.flatMap((decision) =>
    decision.steps.slice(0, Math.max(0, decision.steps.length - 1)),
  )
  const alias: Decision = {
    type: 'CNAME',
    record: { kind: 'plain', name, type: 'CNAME', ttlSec, values: [target] },
    rule: 'when-down',
    candidates,
    routes: decisions.flatMap((decision) => decision.routes),
    ttlReason: reason,
    steps: [...steps, `nothing eligible: an alias of ${target}`, reason],
  }
  const beside = decisions
    .filter(({ type }) => type !== 'CNAME')
    .map((decision): Decision => ({
      ...decision,
      record: null,
      rule: 'when-down',
      steps: [...decision.steps, `nothing eligible: the name is an alias of ${target} instead`],
    }))
  return [alias, ...beside]
}
