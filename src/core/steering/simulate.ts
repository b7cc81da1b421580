/**
 * How answers would change: two worlds side by side, each a configuration with what is known of its endpoints, asked by the same
 * clients. What must stay true: it decides with the functions that planning uses; the same worlds and clients give the same
 * result, whatever chance would do: it counts with shares, and draws nothing.
 */
import type { RecordSet } from '../dns/record-set.ts'
import type { Configuration } from '../model/configuration.ts'
import type { SimulatedBalancer, SimulatedSide } from '../views/simulation.ts'
import { answerFor } from './answer-for.ts'
import type { AnswerPlan } from './answer-plan.ts'
import { DECIDED_TYPES, type DecidedType, type Decision } from './decision.ts'
import type { Client } from './evaluate.ts'
import { answerLines } from './shown-answer.ts'
import type { SteeringView } from './steering-view.ts'

export interface SimulatedWorld {
  readonly configuration: Configuration
  /** Of that configuration. */
  readonly plan: AnswerPlan
  readonly view: SteeringView
}

export interface SimulationInput {
  readonly before: SimulatedWorld
  readonly after: SimulatedWorld
  /** null: every load balancer. */
  readonly names: readonly string[] | null
  /** What each of them gets is told. */
  readonly clients: readonly Client[]
  /** Over them the shares are taken; at least one. */
  readonly sample: readonly Client[]
}

/** Every answer of the load balancers that are named; else those that change. In order of name and type. */
export function* simulate(input: SimulationInput): Generator<SimulatedBalancer> {
  const { before, after, names } = input
  const all = new Set([
    ...before.configuration.loadBalancer.keys(),
    ...after.configuration.loadBalancer.keys(),
  ])
  for (const name of names ?? [...all].sort()) {
    const [was, is] = [decisionsOf(before, name), decisionsOf(after, name)]
    for (const type of DECIDED_TYPES) {
      const [old, next] = [was.get(type), is.get(type)]
      const isChanged = textOf(old) !== textOf(next)
      const isThere = [old, next].some((one) => (one?.record ?? null) !== null)
      if (isThere && (isChanged || names !== null)) yield compare(input, { name, type, isChanged, old, next })
    }
  }
}

interface Compared {
  readonly name: string
  readonly type: DecidedType
  readonly isChanged: boolean
  readonly old: Decision | undefined
  readonly next: Decision | undefined
}

function compare({ clients, sample }: SimulationInput, compared: Compared): SimulatedBalancer {
  const { name, type, isChanged, old, next } = compared
  const [was, is] = [sharesBy(old?.record ?? null), sharesBy(next?.record ?? null)]
  const moved = sample.reduce((sum, client) => sum + distance(was(client), is(client)), 0) / sample.length
  return {
    name,
    type,
    isChanged,
    moved: rounded(moved),
    before: sideOf(old, averageOf(sample.map(was))),
    after: sideOf(next, averageOf(sample.map(is))),
    clients: clients.map((client) => {
      const [from, to] = [was(client), is(client)]
      return {
        client: client.address,
        before: [...from.keys()],
        after: [...to.keys()],
        moved: rounded(distance(from, to)),
      }
    }),
  }
}

/** How often each value is what a client goes to; they add up to 1. What is no address has a word. */
type Shares = ReadonlyMap<string, number>
const NOTHING: Shares = new Map([['(none)', 1]])
const REFUSED: Shares = new Map([['(refused)', 1]])

/** Where all clients are treated alike it is worked out once. */
function sharesBy(record: RecordSet | null): (client: Client) => Shares {
  if (record === null) return () => NOTHING
  const isByClient =
    record.kind === 'steered' && record.selector.kind !== 'weighted' && record.selector.kind !== 'values'
  if (isByClient) return (client) => sharesOf(record, client)
  let shares: Shares | null = null
  return (client) => (shares ??= sharesOf(record, client))
}

function sharesOf(record: RecordSet, client: Client): Shares {
  const { kind, values, ...answer } = answerFor(record, client)
  const shares = answer.shares ?? values.map(() => 1)
  if (kind === 'refused') return REFUSED
  const total = shares.reduce((sum, share) => sum + share, 0)
  if (total === 0) return NOTHING
  return new Map(values.map((value, index) => [value, (shares[index] ?? 0) / total]))
}

/** The share that goes elsewhere: half the sum of the differences (total variation). */
function distance(a: Shares, b: Shares): number {
  if (a === b) return 0
  let sum = 0
  for (const value of new Set([...a.keys(), ...b.keys()]))
    sum += Math.abs((a.get(value) ?? 0) - (b.get(value) ?? 0))
  return sum / 2
}

function averageOf(all: readonly Shares[]): Shares {
  const sums = new Map<string, number>()
  for (const shares of all)
    for (const [value, share] of shares) sums.set(value, (sums.get(value) ?? 0) + share / all.length)
  return sums
}

function sideOf(decision: Decision | undefined, shares: Shares): SimulatedSide | null {
  if (decision === undefined) return null
  const { record, rule } = decision
  return {
    rule,
    ttlSec: record?.kind === 'refused' ? null : (record?.ttlSec ?? null),
    shares: Array.from(shares, ([value, share]) => ({ value, share: rounded(share) })).sort(
      (a, b) => b.share - a.share || (a.value < b.value ? -1 : 1),
    ),
  }
}

function decisionsOf(
  { configuration, plan, view }: SimulatedWorld,
  name: string,
): ReadonlyMap<DecidedType, Decision> {
  const balancer = configuration.loadBalancer.get(name)
  const decisions = balancer === undefined ? [] : plan.decisions(balancer, view)
  return new Map(decisions.map((decision) => [decision.type, decision]))
}

function textOf(decision: Decision | undefined): string {
  const record = decision?.record ?? null
  return record === null ? '' : [record.ttlSec, ...answerLines(record)].join('\n')
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000
}
