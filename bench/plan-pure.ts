/** The pure part: a plan of everything, and what one endpoint's change costs. */
import type { OwnerRecords } from '../src/core/dns/record-set.ts'
import type { Configuration } from '../src/core/model/configuration.ts'
import { AnswerPlan } from '../src/core/steering/answer-plan.ts'
import type { VerdictView } from '../src/core/steering/eligibility.ts'
import { plainView } from '../src/core/steering/steering-view.ts'
import { BALANCERS, keyAt, SITES, ZONE } from './plan-world.ts'
import { quantile } from './quantile.ts'

const FULL_PLANS = 5
const CHANGES = 1_000

export interface PureCost {
  readonly fullPlanMs: number
  readonly oneChangeMs: number
}

export function measurePure(configuration: Configuration): PureCost {
  const down = new Set<string>()
  const verdict = (key: string): VerdictView => ({
    ...{ state: down.has(key) ? 'down' : 'up', degraded: false, lastUp: 0 },
  })
  const view = plainView(verdict)
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
    const key = keyAt((turn * 7) % BALANCERS, turn % SITES)
    down.add(key)
    const startedMs = performance.now()
    const different = plan
      .affectedBy([key])
      .map((balancer) => ({ name: balancer.name, records: plan.ownerRecords(balancer, view) }))
      .filter(({ name, records }) => JSON.stringify(records) !== JSON.stringify(owners.get(name)))
    changes.push(performance.now() - startedMs)
    if (different.length !== 1) throw new Error(`${key} changed ${different.length} names`)
    down.delete(key)
  }
  return { fullPlanMs: quantile(fulls, 0.5), oneChangeMs: quantile(changes, 0.5) }
}
