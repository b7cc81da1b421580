/**
 * What operators say of an endpoint at a time: the override and the drains that are in force. What must stay true: whatever has
 * expired by `wallMs` says nothing, with nobody having cleaned it up; of several drains the one that leaves least counts.
 */
import type { Configuration } from '../model/configuration.ts'
import { drainedBy, type Drain } from '../model/drain.ts'
import { poolsWithin } from '../model/nested-pools.ts'
import type { Override } from '../model/override.ts'
import { poolOf, type EndpointKey } from '../model/resource.ts'

/** planned: it has not begun; draining: weights shrink; drained: no new answers; expired: as if it were not there. */
export type DrainPhase = 'planned' | 'draining' | 'drained' | 'expired'

const STEPS = 10

export function isExpired(
  { expiresAtMs }: { readonly expiresAtMs?: number | undefined },
  wallMs: number,
): boolean {
  return expiresAtMs !== undefined && wallMs >= expiresAtMs
}

export function drainPhase(drain: Drain, wallMs: number): DrainPhase {
  if (isExpired(drain, wallMs)) return 'expired'
  if (wallMs < startOf(drain)) return 'planned'
  return wallMs < drainedAtMs(drain) ? 'draining' : 'drained'
}

/** When no new answers are given any more, in ms since the epoch. */
export function drainedAtMs(drain: Drain): number {
  return startOf(drain) + drain.drainSec * 1_000
}

/** What is left of the weight, 0 to 1 in tenths: 0 once drained, never before. */
export function drainShare(drain: Drain, wallMs: number): number {
  const phase = drainPhase(drain, wallMs)
  if (phase === 'drained') return 0
  if (phase !== 'draining') return 1
  return Math.ceil(((drainedAtMs(drain) - wallMs) / (drain.drainSec * 1_000)) * STEPS) / STEPS
}

/** The next time after `wallMs` at which the drain changes what is answered; null: never again. */
export function nextChangeOfDrain(drain: Drain, wallMs: number): number | null {
  const stepMs = (drain.drainSec * 1_000) / STEPS
  const startMs = startOf(drain)
  const steps = Array.from({ length: STEPS + 1 }, (_, step) => Math.ceil(startMs + step * stepMs))
  const times = drain.expiresAtMs === undefined ? steps : [...steps, drain.expiresAtMs]
  const later = times.filter(
    (atMs) => atMs > wallMs && !(isExpired(drain, atMs) && atMs !== drain.expiresAtMs),
  )
  return later.length === 0 ? null : Math.min(...later)
}

export function overrideInForce(
  configuration: Configuration,
  endpoint: EndpointKey,
  wallMs: number,
): Override | undefined {
  const override = configuration.override.get(endpoint)
  return override === undefined || isExpired(override, wallMs) ? undefined : override
}

/** Of the drains on the endpoint that have not expired the one that leaves least, or begins first. */
export function drainInForce(
  configuration: Configuration,
  endpoint: EndpointKey,
  wallMs: number,
): Drain | undefined {
  const { drain } = configuration
  if (drain.size === 0) return undefined
  const site = configuration.endpoint.get(endpoint)?.site
  const names = [`endpoint/${endpoint}`, ...(site === undefined ? [] : [`site/${site}`])]
  const drains = [
    ...names.flatMap((name) => drain.get(name) ?? []),
    ...(poolDrains(configuration).get(poolOf(endpoint)) ?? []),
  ].filter((one) => !isExpired(one, wallMs))
  return drains.reduce<Drain | undefined>((first, one) => {
    if (first === undefined) return one
    const less = drainShare(one, wallMs) - drainShare(first, wallMs)
    return less < 0 || (less === 0 && startOf(one) < startOf(first)) ? one : first
  }, undefined)
}

function startOf({ startAtMs = 0 }: Drain): number {
  return startAtMs
}

interface PoolDrains {
  readonly of: Configuration['pool']
  readonly byPool: ReadonlyMap<string, readonly Drain[]>
}
const known = new WeakMap<Configuration['drain'], PoolDrains>()

/** By pool, the drains of pools that are about its endpoints: its own, and those of pools that contain it. */
function poolDrains({ drain, pool }: Configuration): ReadonlyMap<string, readonly Drain[]> {
  const found = known.get(drain)
  if (found?.of === pool) return found.byPool
  const byPool = new Map<string, Drain[]>()
  for (const one of drain.values()) {
    const { kind, key } = drainedBy(one)
    if (kind !== 'pool') continue
    for (const name of poolsWithin(pool, key)) byPool.set(name, [...(byPool.get(name) ?? []), one])
  }
  known.set(drain, { of: pool, byPool })
  return byPool
}
