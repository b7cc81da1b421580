/**
 * The gate before a drain: the load balancers that it would leave without any eligible endpoint once it has drained, under the
 * verdicts of this moment. Pure. Those that have none anyway are not its doing.
 */
import { balancersOver } from '../core/model/balancers-over.ts'
import type { Configuration } from '../core/model/configuration.ts'
import { poolOf } from '../core/model/resource.ts'
import { AnswerPlan } from '../core/steering/answer-plan.ts'
import { endpointsOfDrain } from '../core/steering/endpoints-of-drain.ts'
import { drainedAtMs, drainPhase } from '../core/steering/operations-in-force.ts'
import type { SteeringView } from '../core/steering/steering-view.ts'
import type { ChangePlan } from './change-plan.ts'

/** Names, sorted. */
export function emptiedBy(
  before: Configuration,
  { changes, next }: Pick<Extract<ChangePlan, { kind: 'planned' }>, 'changes' | 'next'>,
  now: SteeringView,
): readonly string[] {
  const emptied = new Set<string>()
  const drains = changes.flatMap((change) =>
    change.op === 'put' && change.kind === 'drain' ? change.spec : [],
  )
  // Nearly every change has none, and costs nothing here.
  if (drains.length === 0) return []
  const [old, planned] = [new AnswerPlan(before), new AnswerPlan(next)]
  for (const drain of drains) {
    const atMs = Math.max(now.wallMs, drainedAtMs(drain))
    if (drainPhase(drain, atMs) === 'expired') continue
    const view = viewAt(now, atMs)
    const pools = new Set(endpointsOfDrain(next, drain).map(poolOf))
    for (const name of new Set([...pools].flatMap((pool) => balancersOver(next, pool)))) {
      const [was, is] = [before.loadBalancer.get(name), next.loadBalancer.get(name)]
      if (was === undefined || is === undefined || emptied.has(name)) continue
      const hasAny = (plan: AnswerPlan, balancer: typeof was) =>
        plan.decisions(balancer, view).some(({ candidates }) => candidates.some(({ eligible }) => eligible))
      if (hasAny(old, was) && !hasAny(planned, is)) emptied.add(name)
    }
  }
  return [...emptied].sort()
}

function viewAt(view: SteeringView, wallMs: number): SteeringView {
  return {
    wallMs,
    verdict: (...of) => view.verdict(...of),
    rampShare: (...of) => view.rampShare(...of),
    isHeld: (...of) => view.isHeld(...of),
    latchedTier: (...of) => view.latchedTier(...of),
  }
}
