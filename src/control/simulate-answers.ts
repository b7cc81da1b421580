/**
 * What POST /v1/simulate replies: today's answers beside those under a draft and with some endpoints down.
 * What must stay true: nothing here changes anything; what the withdrawal budget and latches would do is told as a nameserver
 * would do it, from a copy of what steering remembers.
 */
import type { Configuration } from '../core/model/configuration.ts'
import type { Fault } from '../core/model/fault.ts'
import { poolOf, type EndpointKey } from '../core/model/resource.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import type { VerdictLookup } from '../core/steering/eligibility.ts'
import type { Client } from '../core/steering/evaluate.ts'
import { sampleClients } from '../core/steering/sample-clients.ts'
import { simulate, type SimulatedWorld } from '../core/steering/simulate.ts'
import type { SavedSteering } from '../core/steering/state/saved-steering.ts'
import { SteeringState } from '../core/steering/state/steering-state.ts'
import type { Simulation, SimulationRequest } from '../core/views/simulation.ts'
import type { Locate } from '../ports/locations.ts'
import { parseFailures } from './parse-failures.ts'

export interface SimulationContext {
  readonly before: SimulatedWorld
  readonly revision: number
  /** With the draft in it, and how many resources that changes. */
  readonly draft: { readonly configuration: Configuration; readonly changes: number }
  /** What steering remembers. */
  readonly saved: SavedSteering
  readonly now: { readonly wallMs: number; readonly monotonicMs: number }
  readonly locate: Locate
}

export type SimulationResult =
  | { readonly kind: 'simulated'; readonly simulation: Simulation }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

const SAMPLE = 1_000
const MAX_HELD = 1_000
/** Larger than any that a verdict was given: what fails now was up a moment ago. */
const JUST_NOW = Number.MAX_SAFE_INTEGER

export function simulateAnswers(request: SimulationRequest, context: SimulationContext): SimulationResult {
  const { before, draft, revision, locate } = context
  const { configuration } = draft
  const failures = parseFailures(request.fail, configuration)
  const unknown = unknownNames(request, context)
  if (failures.kind === 'invalid' || unknown.length > 0)
    return { kind: 'invalid', faults: [...(failures.kind === 'invalid' ? failures.faults : []), ...unknown] }
  const { endpoints } = failures
  const { after, held } = worldAfter(endpoints, context)
  const place = (address: string): Client => ({ address, location: locate(address) })
  const clients = request.clients.map(place)
  const sample = clients.length > 0 ? clients : sampleClients(SAMPLE).map(place)
  const input = { before, after, clients, sample, names: request.names ?? null }
  const answers: Simulation['answers'] = []
  let more = false
  for (const answer of simulate(input)) {
    more = answers.length >= request.limit
    if (more) break
    answers.push(answer)
  }
  const failed = [...endpoints].sort()
  return {
    kind: 'simulated',
    simulation: {
      revision,
      changes: draft.changes,
      failed,
      unnoticed: failed.filter((key) => !isMonitored(key, configuration)),
      held: held.filter(({ endpoint }) => endpoints.has(endpoint)).slice(0, MAX_HELD),
      sample: sample.length,
      answers,
      more,
    },
  }
}

function worldAfter(
  failed: ReadonlySet<EndpointKey>,
  { before, draft, saved, now }: SimulationContext,
): { after: SimulatedWorld; held: { loadBalancer: string; endpoint: EndpointKey }[] } {
  const { configuration } = draft
  const verdict: VerdictLookup = (key) => {
    const present = before.view.verdict(key)
    if (!failed.has(key)) return present
    const wasUp = present?.state === 'up'
    return { state: 'down', degraded: false, lastUp: wasUp ? JUST_NOW : (present?.lastUp ?? 0) }
  }
  const state = new SteeringState({ verdict, saved })
  state.define(configuration, now)
  const held = Array.from(state.budget.holds(), ({ loadBalancer, endpoint }) => ({ loadBalancer, endpoint }))
  return { after: { configuration, plan: new AnswerPlan(configuration), view: state.view }, held }
}

function unknownNames({ names = [] }: SimulationRequest, { before, draft }: SimulationContext): Fault[] {
  return names.flatMap((name, index) => {
    const isKnown = [before.configuration, draft.configuration].some(({ loadBalancer }) =>
      loadBalancer.has(name),
    )
    return isKnown ? [] : [{ pointer: `/names/${index}`, message: `there is no load balancer '${name}'` }]
  })
}

function isMonitored(key: EndpointKey, { pool }: Configuration): boolean {
  return (pool.get(poolOf(key))?.monitors.length ?? 0) > 0
}
