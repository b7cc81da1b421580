/** The pure part: a plan of everything, and what one endpoint's change costs. */
import type { OwnerRecords } from '../src/core/dns/record-set.ts'
import { UNDECIDED, type Verdict } from '../src/core/health/verdict.ts'
import type { Configuration } from '../src/core/model/configuration.ts'
import { AnswerPlan } from '../src/core/steering/answer-plan.ts'
import { SteeringState } from '../src/core/steering/state/steering-state.ts'
import { BALANCERS, keyAt, SITES, ZONE } from './plan-world.ts'
import { quantile } from './quantile.ts'

const FULL_PLANS = 5
const CHANGES = 1_000

export interface PureCost {
  readonly fullPlanMs: number
  readonly oneChangeMs: number
}

const NOW = { wallMs: 1_800_000_000_000, monotonicMs: 0 }
const QUORUM = { quorum: { down: 1, up: 1 }, votes: [] }
const UP: Verdict = { ...UNDECIDED, ...QUORUM, state: 'up' }
const DOWN: Verdict = { ...UP, state: 'down', lastUp: 1 }

export function measurePure(configuration: Configuration): PureCost {
  const down = new Set<string>()
  const steering = new SteeringState({ verdict: (key) => (down.has(key) ? DOWN : UP) })
  steering.define(configuration, NOW)
  const { view } = steering
  const fulls: number[] = []
  let owners: ReadonlyMap<string, OwnerRecords> = new Map()
  // The first one also warms up what the others run.
  for (let turn = 0; turn <= FULL_PLANS; turn += 1) {
    const startedMs = performance.now()
    owners = new AnswerPlan(configuration).zones(view).get(ZONE)?.owners ?? new Map()
    if (turn > 0) fulls.push(performance.now() - startedMs)
  }
  if (owners.size !== BALANCERS + 1)
    throw new Error(`the plan holds ${owners.size} names, not ${BALANCERS} and the apex`)
  const plan = new AnswerPlan(configuration)
  const changes: number[] = []
  for (let turn = 0; turn < CHANGES; turn += 1) {
    const endpoint = keyAt((turn * 7) % BALANCERS, turn % SITES)
    down.add(endpoint)
    const startedMs = performance.now()
    const { balancers } = steering.onTransitions([{ endpoint, from: UP, to: DOWN }], NOW)
    const different = [...balancers]
      .flatMap((name) => configuration.loadBalancer.get(name) ?? [])
      .map((balancer) => ({ name: balancer.name, records: plan.ownerRecords(balancer, view) }))
      .filter(({ name, records }) => JSON.stringify(records) !== JSON.stringify(owners.get(name)))
    changes.push(performance.now() - startedMs)
    if (different.length !== 1) throw new Error(`${endpoint} changed ${different.length} names`)
    down.delete(endpoint)
    steering.onTransitions([{ endpoint, from: DOWN, to: UP }], NOW)
  }
  return { fullPlanMs: quantile(fulls, 0.5), oneChangeMs: quantile(changes, 0.5) }
}
