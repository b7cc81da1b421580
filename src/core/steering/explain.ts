/**
 * What is answered for a name, type and client, and how it came about. It decides with the very functions that planning uses,
 * so that what it says is what is published; the rest is the search through the zone (locate-name.ts).
 */
import { valuesOf, type RecordSet, type RecordType } from '../dns/record-set.ts'
import type { ProbeOutput } from '../health/frame.ts'
import type { Verdict } from '../health/verdict.ts'
import type { Configuration } from '../model/configuration.ts'
import type { LoadBalancer } from '../model/load-balancer.ts'
import type { EndpointKey } from '../model/resource.ts'
import type { Zone } from '../model/zone.ts'
import type { Explanation } from '../views/explanation.ts'
import type { AnswerPlan } from './answer-plan.ts'
import type { DecidedType, Decision } from './decision.ts'
import type { Candidate } from './eligibility.ts'
import { locateName } from './locate-name.ts'
import { shownAnswer } from './shown-answer.ts'
import { staticOwners } from './static-owners.ts'
import type { SteeringView } from './steering-view.ts'

/** What the DNS server really says where the all-down mode is `refuse`: a resolver then asks elsewhere or serves stale. */
export const REFUSED_RCODE = 'SERVFAIL'

export interface Question {
  /** Canonical. */
  readonly name: string
  readonly type: RecordType
  /** Canonical address; null: not given. */
  readonly client: string | null
}

export interface ExplainContext {
  readonly configuration: Configuration
  readonly revision: number
  /** Of the same configuration. */
  readonly plan: AnswerPlan
  /** What the plan is made by. */
  readonly view: SteeringView
  /** With the votes behind it. */
  readonly verdict: (endpoint: EndpointKey) => Verdict | undefined
  readonly probes: (endpoint: EndpointKey) => readonly (ProbeOutput & { readonly checker: string })[]
  /** Wall ms of the endpoint's last change of state. */
  readonly sinceMs: (endpoint: EndpointKey) => number | null
  readonly published: (name: string, type: DecidedType) => NonNullable<Explanation['publication']> | null
}

type Part = Pick<
  Explanation,
  'kind' | 'zone' | 'loadBalancer' | 'answer' | 'rule' | 'steps' | 'endpoints' | 'publication'
>

const MAX_CNAMES = 10

export function explain(question: Question, context: ExplainContext): Explanation {
  const { name, type, client } = question
  return { name, type, client, ...explainName(question, context, 0), revision: context.revision }
}

function explainName(question: Question, context: ExplainContext, depth: number): Part {
  const { name, type } = question
  const { configuration, plan, view } = context
  const located = locateName(name, configuration, (key) => {
    const balancer = configuration.loadBalancer.get(key)
    return balancer !== undefined && plan.policyRecords(balancer, view).length > 0
  })
  const part = (zone: Zone | null, rest: Pick<Part, 'kind' | 'answer' | 'steps'>): Part => ({
    zone: zone?.name ?? null,
    loadBalancer: null,
    rule: 'static',
    endpoints: [],
    publication: null,
    ...rest,
  })
  switch (located.kind) {
    case 'not-served':
      return part(null, {
        kind: 'not-served',
        answer: nothing('REFUSED'),
        steps: [`no zone here holds '${name}'`],
      })
    case 'delegation':
      return part(located.zone, {
        kind: 'delegation',
        answer: nothing('NOERROR'),
        steps: [
          `'${located.cut}' is delegated to ${located.nameservers.join(', ')}: a referral, with an empty answer`,
        ],
      })
    case 'nxdomain': {
      const steps = [
        `the zone '${located.zone.name}' has no '${name}', and no wildcard below '${located.closestEncloser}'`,
      ]
      return withBalancer(name, { question, context }, () =>
        part(located.zone, { kind: 'nxdomain', answer: nothing('NXDOMAIN'), steps }),
      )
    }
    case 'owner': {
      const steps = located.byWildcard ? [`'${name}' is answered by the wildcard '${located.owner}'`] : []
      const sets = staticOwners(located.zone).get(located.owner) ?? []
      const alias = sets.find((set) => set.type === 'CNAME')
      if (alias !== undefined && type !== 'CNAME')
        return followAlias({ question, context, depth }, { zone: located.zone, alias, steps })
      const set = sets.find((one) => one.type === type)
      if (set !== undefined)
        return part(located.zone, {
          kind: 'static',
          answer: answerOf(set),
          steps: [...steps, `a static ${type} record of the zone '${located.zone.name}'`],
        })
      return withBalancer(located.owner, { question, context, steps }, () =>
        part(located.zone, {
          kind: 'nodata',
          answer: nothing('NOERROR'),
          steps: [...steps, `'${located.owner}' exists, but has no ${type} record`],
        }),
      )
    }
  }
}

/** The balancer's own part for its address types; `otherwise` when it gives no record set of the asked type. */
function withBalancer(
  owner: string,
  asked: {
    readonly question: Question
    readonly context: ExplainContext
    readonly steps?: readonly string[]
  },
  otherwise: () => Part,
): Part {
  const { question, context, steps = [] } = asked
  const balancer = context.configuration.loadBalancer.get(owner)
  if (balancer === undefined) return otherwise()
  const decisions = context.plan.decisions(balancer, context.view)
  const decision = decisions.find(({ type }) => type === question.type)
  if (decision === undefined) return { ...otherwise(), loadBalancer: balancer.name }
  const common = {
    loadBalancer: balancer.name,
    rule: decision.rule,
    endpoints: decision.candidates.map((candidate) => explainEndpoint(candidate, decision, context)),
    publication: context.published(balancer.name, decision.type),
  }
  if (decision.record === null) {
    const part = otherwise()
    return { ...part, ...common, steps: [...part.steps, ...decision.steps] }
  }
  return {
    ...common,
    kind: 'load-balancer',
    zone: balancer.zone,
    answer: answerOf(decision.record),
    steps: [...steps, ...decision.steps, ...clientStep(question, balancer)],
  }
}

function clientStep({ client }: Question, { policy }: LoadBalancer): string[] {
  if (policy.kind === 'weighted') return ['one of them is picked for each query, in proportion to its weight']
  return client === null ? [] : [`${policy.kind} gives every client the same answer, ${client} too`]
}

/** A CNAME is answered with what it leads to, as long as that is served here (RFC 1034 4.3.2, step 3a). */
function followAlias(
  asked: { readonly question: Question; readonly context: ExplainContext; readonly depth: number },
  found: {
    readonly zone: Zone
    readonly alias: Extract<RecordSet, { kind: 'plain' }>
    readonly steps: readonly string[]
  },
): Part {
  const { question, context, depth } = asked
  const target = found.alias.values[0] ?? ''
  const steps = [...found.steps, `'${question.name}' is an alias of '${target}' (CNAME)`]
  const base = { kind: 'cname', zone: found.zone.name } as const
  const alias = { kind: 'plain', values: [target], ttlSec: found.alias.ttlSec } as const
  if (depth >= MAX_CNAMES) {
    const tooLong = [...steps, `more than ${MAX_CNAMES} aliases in a row: the DNS server gives up`]
    const answer = nothing('SERVFAIL')
    return {
      ...base,
      loadBalancer: null,
      rule: 'static',
      endpoints: [],
      publication: null,
      answer,
      steps: tooLong,
    }
  }
  const led = explainName({ ...question, name: target }, context, depth + 1)
  const isOutside = led.kind === 'not-served'
  const answer: Part['answer'] =
    led.answer.rcode === 'SERVFAIL'
      ? { ...nothing('SERVFAIL'), kind: led.answer.kind }
      : { ...alias, rcode: isOutside ? 'NOERROR' : led.answer.rcode, values: [target, ...led.answer.values] }
  const outside = `'${target}' is not served here: the resolver asks for it elsewhere`
  return { ...led, ...base, answer, steps: [...steps, ...(isOutside ? [outside] : led.steps)] }
}

function nothing(rcode: Explanation['answer']['rcode']): Explanation['answer'] {
  return { rcode, kind: 'none', values: [], ttlSec: null }
}

function answerOf(record: RecordSet): Explanation['answer'] {
  if (record.kind === 'refused') return { rcode: REFUSED_RCODE, kind: 'refused', values: [], ttlSec: null }
  return { rcode: 'NOERROR', ...shownAnswer(record), ttlSec: record.ttlSec }
}

function explainEndpoint(
  candidate: Candidate,
  { record }: Decision,
  context: ExplainContext,
): Explanation['endpoints'][number] {
  const { key, endpoint, pool, eligible, reason } = candidate
  const verdict = context.verdict(key)
  const answered = record !== null && valuesOf(record).includes(endpoint.address)
  return {
    pool,
    endpoint: endpoint.name,
    address: endpoint.address,
    site: endpoint.site,
    weight: endpoint.weight,
    eligible,
    reason,
    answered,
    verdict: verdict === undefined ? null : verdictView(verdict, context.sinceMs(key)),
    probes: context.probes(key).map((probe) => ({ ...probe, phases: { ...probe.phases } })),
  }
}

function verdictView(
  { state, degraded, rule, quorum, votes }: Verdict,
  sinceMs: number | null,
): NonNullable<Explanation['endpoints'][number]['verdict']> {
  return {
    state,
    degraded,
    rule,
    quorum: { ...quorum },
    sinceMs,
    votes: votes.map(({ site, vote, ballots }) => ({
      site,
      vote,
      ballots: ballots.map(({ checker, live, fenced, state: register }) => ({
        checker,
        live,
        fenced,
        ...(register !== undefined && { state: register }),
      })),
    })),
  }
}
