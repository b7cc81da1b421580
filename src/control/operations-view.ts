/** From the configuration, the clock and what steering remembers to GET /v1/operations. */
import { balancersOver } from '../core/model/balancers-over.ts'
import type { Configuration } from '../core/model/configuration.ts'
import type { Drain } from '../core/model/drain.ts'
import { poolOf } from '../core/model/resource.ts'
import { endpointsOfDrain } from '../core/steering/endpoints-of-drain.ts'
import { drainedAtMs, drainPhase, drainShare, isExpired } from '../core/steering/operations-in-force.ts'
import type { BudgetLimit } from '../core/steering/state/budget-limits.ts'
import type { SteeringState } from '../core/steering/state/steering-state.ts'
import type { OperationsView } from '../core/views/operations.ts'
import { sortedKeys } from './resource-view.ts'

export interface OperationsContext {
  readonly configuration: Configuration
  readonly state: Pick<SteeringState, 'budget' | 'view'>
  readonly wallMs: number
}

const HOLDS = 1_000

export function operationsView(context: OperationsContext): OperationsView {
  const { configuration, state, wallMs } = context
  return {
    overrides: sortedKeys(configuration.override).flatMap((key) => {
      const override = configuration.override.get(key)
      if (override === undefined) return []
      const { name, state: forced, reason, author, expiresAtMs = null } = override
      const verdict = state.view.verdict(name)?.state ?? null
      const expired = isExpired(override, wallMs)
      return { endpoint: name, state: forced, reason, author, expiresAtMs, expired, verdict }
    }),
    drains: sortedKeys(configuration.drain).flatMap((key) => {
      const drain = configuration.drain.get(key)
      return drain === undefined ? [] : drainStatus(drain, context)
    }),
    latches: sortedKeys(configuration.latch).flatMap((key) => {
      const { name, generation, tiers } = configuration.latch.get(key) ?? {
        tiers: [],
        name: '',
        generation: 0,
      }
      return tiers.length === 0 ? [] : { loadBalancer: name, generation, tiers }
    }),
    budget: budgetStatus(context),
  }
}

function drainStatus(
  drain: Drain,
  { configuration, wallMs }: OperationsContext,
): OperationsView['drains'][number] {
  const { name, startAtMs = 0, expiresAtMs = null, reason, author } = drain
  const endpoints = endpointsOfDrain(configuration, drain)
  const pools = new Set(endpoints.map(poolOf))
  const balancers = new Set([...pools].flatMap((pool) => balancersOver(configuration, pool)))
  const phase = drainPhase(drain, wallMs)
  const endMs = drainedAtMs(drain)
  let heldUntilMs = endMs
  let heldShare = phase === 'drained' ? 0 : 1
  for (const one of balancers) {
    const balancer = configuration.loadBalancer.get(one)
    if (balancer === undefined) continue
    // The short time to live holds from the moment the drain is made, which is not after its begin: what was answered with the
    // long one before that is gone by then.
    const longMs = balancer.ttlSec * 1_000
    const shortMs = Math.min(balancer.minTtlSec, balancer.ttlSec) * 1_000
    const untilMs = Math.max(endMs + shortMs, startAtMs + longMs)
    heldUntilMs = Math.max(heldUntilMs, untilMs)
    const ageMs = untilMs - endMs
    if (phase === 'drained') heldShare = Math.max(heldShare, ageMs === 0 ? 0 : (untilMs - wallMs) / ageMs)
  }
  return {
    ...{ target: name, phase, share: drainShare(drain, wallMs), startAtMs, drainedAtMs: endMs },
    ...{ reason, author, expiresAtMs, endpoints: endpoints.length, loadBalancers: balancers.size },
    ...{ heldUntilMs, heldShare: Math.round(Math.max(0, heldShare) * 100) / 100 },
  }
}

function budgetStatus({ state }: OperationsContext): OperationsView['budget'] {
  const { budget } = state
  const held = new Map<string, number>()
  const holds: OperationsView['budget']['holds'] = []
  let count = 0
  for (const hold of budget.holds()) {
    count += 1
    held.set(hold.loadBalancer, (held.get(hold.loadBalancer) ?? 0) + 1)
    if (holds.length < HOLDS) holds.push({ ...hold })
  }
  return {
    total: { spent: budget.spent(null), ...limitOf(budget.limits.total) },
    loadBalancers: [...budget.spenders()].sort().map((name) => ({
      name,
      spent: budget.spent(name),
      ...limitOf(budget.limits.ofBalancer(name)),
      held: held.get(name) ?? 0,
    })),
    held: count,
    holds,
  }
}

function limitOf(limit: BudgetLimit | null): { limit: number | null; windowSec: number | null } {
  return { limit: limit?.amount ?? null, windowSec: limit === null ? null : limit.windowMs / 1_000 }
}
