/**
 * What is answered for a name, type and client, and how it came about. It decides with the very functions that planning uses,
 * so that what it says is what is published; the rest is the search through the zone (locate-name.ts).
 */
import type { PlainRecordSet, RecordType } from '../dns/record-set.ts'
import type { Zone } from '../model/zone.ts'
import type { Explanation } from '../views/explanation.ts'
import type { Decision } from './decision.ts'
import type { Client } from './evaluate.ts'
import { explainBalancer } from './explain-balancer.ts'
import type { ExplainContext } from './explain-context.ts'
import { locateName } from './locate-name.ts'
import { staticOwners } from './static-owners.ts'

export interface ExplainedQuestion {
  /** Canonical. */
  readonly name: string
  readonly type: RecordType
  /** Canonical address; null: not given. */
  readonly client: string | null
}

type Part = Pick<
  Explanation,
  'kind' | 'zone' | 'loadBalancer' | 'answer' | 'rule' | 'steps' | 'routes' | 'endpoints' | 'publication'
>

const MAX_CNAMES = 10

export function explain(question: ExplainedQuestion, context: ExplainContext): Explanation {
  const { name, type, client } = question
  const { revision, atMs, notKept } = context
  const location = client === null ? null : context.locate(client)
  return {
    name,
    type,
    client,
    location,
    ...explainName(question, context, []),
    revision,
    atMs,
    notKept: [...notKept],
  }
}

/** `path`: the names that led here, by aliases. */
function explainName(question: ExplainedQuestion, context: ExplainContext, path: readonly string[]): Part {
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
    routes: [],
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
      return withBalancer(name, { question, context, path, steps: [] }, () =>
        part(located.zone, { kind: 'nxdomain', answer: nothing('NXDOMAIN'), steps }),
      )
    }
    case 'owner': {
      const steps = located.byWildcard ? [`'${name}' is answered by the wildcard '${located.owner}'`] : []
      const sets = staticOwners(located.zone).get(located.owner) ?? []
      const alias = sets.find((set) => set.type === 'CNAME')
      if (alias !== undefined && type !== 'CNAME')
        return followAlias(
          { question, context, path },
          {
            base: part(located.zone, { kind: 'cname', answer: nothing('NOERROR'), steps: [] }),
            alias: answerOf(alias),
            steps,
          },
        )
      const set = sets.find((one) => one.type === type)
      if (set !== undefined)
        return part(located.zone, {
          kind: 'static',
          answer: answerOf(set),
          steps: [...steps, `a static ${type} record of the zone '${located.zone.name}'`],
        })
      return withBalancer(located.owner, { question, context, path, steps }, () =>
        part(located.zone, {
          kind: 'nodata',
          answer: nothing('NOERROR'),
          steps: [...steps, `'${located.owner}' exists, but has no ${type} record`],
        }),
      )
    }
  }
}

interface Asked {
  readonly question: ExplainedQuestion
  readonly context: ExplainContext
  readonly path: readonly string[]
}

/** The part of the balancer at this owner name, if there is one; `otherwise` where it answers nothing of the asked type. */
function withBalancer(
  owner: string,
  { steps, ...asked }: Asked & { readonly steps: readonly string[] },
  otherwise: () => Part,
): Part {
  const { question, context } = asked
  const balancer = context.configuration.loadBalancer.get(owner)
  if (balancer === undefined) return otherwise()
  const decisions = context.plan.decisions(balancer, context.view)
  const client = clientOf(question, context)
  const explained = (decision: Decision) => explainBalancer(balancer, decision, { context, client })
  const alias = decisions.find(({ type, record }) => type === 'CNAME' && record !== null)
  if (alias !== undefined && question.type !== 'CNAME') {
    const part = explained(alias)
    if (part.answer === null) return { ...otherwise(), ...part.rest, steps: [...steps, ...part.steps] }
    const { answer, rest } = part
    const base = { kind: 'cname', zone: balancer.zone, ...rest } as const
    return followAlias(asked, { base, alias: answer, steps: [...steps, ...part.steps] })
  }
  const decision = decisions.find(({ type }) => type === question.type)
  if (decision === undefined) return { ...otherwise(), loadBalancer: balancer.name }
  const { answer, rest, steps: own } = explained(decision)
  if (answer !== null)
    return { kind: 'load-balancer', zone: balancer.zone, ...rest, answer, steps: [...steps, ...own] }
  const part = otherwise()
  return { ...part, ...rest, steps: [...part.steps, ...own] }
}

function clientOf({ client }: ExplainedQuestion, { locate }: ExplainContext): Client | null {
  return client === null ? null : { address: client, location: locate(client) }
}

/** A CNAME is answered with what it leads to, as long as that is served here (RFC 1034 4.3.2, step 3a). */
function followAlias(
  { question, context, path }: Asked,
  found: {
    readonly base: Omit<Part, 'answer' | 'steps'>
    /** With the targets as values: several where one is drawn for each query. */
    readonly alias: Part['answer']
    readonly steps: readonly string[]
  },
): Part {
  const { base, alias } = found
  if (alias.rcode === 'SERVFAIL') return { ...base, answer: alias, steps: [...found.steps] }
  const [target = '', ...others] = alias.values
  if (others.length > 0) {
    const drawn = `'${question.name}' is an alias of one of them (CNAME), and the resolver goes on from there`
    return { ...base, answer: alias, steps: [...found.steps, drawn] }
  }
  const steps = [...found.steps, `'${question.name}' is an alias of '${target}' (CNAME)`]
  const names = [...path, question.name]
  if (names.includes(target)) {
    const looped = [
      ...steps,
      `'${target}' was asked for already: a loop of aliases, and the DNS server gives up`,
    ]
    return { ...base, answer: nothing('SERVFAIL'), steps: looped }
  }
  if (names.length > MAX_CNAMES) {
    const tooLong = [...steps, `more than ${MAX_CNAMES} aliases in a row: the DNS server gives up`]
    return { ...base, answer: nothing('SERVFAIL'), steps: tooLong }
  }
  const led = explainName({ ...question, name: target }, context, names)
  const isOutside = led.kind === 'not-served'
  const outside = `'${target}' is not served here: the resolver asks for it elsewhere`
  const answer: Part['answer'] =
    led.answer.rcode === 'SERVFAIL'
      ? { ...nothing('SERVFAIL'), kind: led.answer.kind }
      : {
          rcode: isOutside ? 'NOERROR' : led.answer.rcode,
          kind: 'plain',
          values: [target, ...led.answer.values],
          ttlSec: alias.ttlSec,
        }
  // What is behind the target is what the client goes to; where that is no load balancer this name's own part stands.
  const rest = led.loadBalancer === null ? base : { ...led, kind: 'cname' as const, zone: base.zone }
  return { ...rest, answer, steps: [...steps, ...(isOutside ? [outside] : led.steps)] }
}

function nothing(rcode: Explanation['answer']['rcode']): Explanation['answer'] {
  return { rcode, kind: 'none', values: [], ttlSec: null }
}

function answerOf({ values, ttlSec }: PlainRecordSet): Explanation['answer'] {
  return { rcode: 'NOERROR', kind: 'plain', values: [...values], ttlSec }
}
