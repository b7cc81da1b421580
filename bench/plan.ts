/** 10,000 load balancers over 100,000 endpoints: what a plan costs, what one change costs, and how long the loss of a site takes. */
import type { Bench } from './bench.ts'
import { measurePure } from './plan-pure.ts'
import { measureSiteLoss } from './plan-site-loss.ts'
import { planConfiguration } from './plan-world.ts'
import { round } from './round.ts'

export const plan: Bench = {
  name: 'plan',
  summary:
    '10,000 load balancers, 100,000 endpoints: a full plan, one change, the loss of a site on a real PowerDNS',
  aims: [
    { metric: 'fullPlanMs', op: '<=', bound: 500 },
    { metric: 'oneChangeMs', op: '<=', bound: 1 },
    { metric: 'siteLossMs', op: '<=', bound: 3_000 },
  ],
  run: async (progress) => {
    const configuration = planConfiguration()
    const pure = measurePure(configuration)
    progress(`a full plan takes ${round(pure.fullPlanMs, 1)} ms, one change ${round(pure.oneChangeMs, 3)} ms`)
    const costs = { ...pure, ...(await measureSiteLoss(configuration, progress)) }
    return Object.fromEntries(Object.entries(costs).map(([metric, value]) => [metric, round(value, 3)]))
  },
}
