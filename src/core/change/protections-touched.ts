/**
 * Which protections a change set touches. Pure.
 * What must stay true: what is inside of something protected is protected with it, before and after the change: load balancers of a
 * zone, endpoints of a pool and of the pools that it contains; a zone that comes or goes below another changes what that one
 * answers; a protection protects itself; operations of the moment (overrides, drains, latches, releases) and keys are free, so that
 * nobody waits for an approval at night.
 */
import type { Configuration } from '../model/configuration.ts'
import { poolsWithin } from '../model/nested-pools.ts'
import { protectedBy, protectionOf } from '../model/protection.ts'
import { poolOf, type Kind } from '../model/resource.ts'
import { enclosingZone } from '../model/zone-owners.ts'

interface Touched {
  readonly kind: Kind
  readonly key: string
}

/** Names of protections, sorted. */
export function protectionsTouched(
  changes: readonly Touched[],
  { before, next }: { readonly before: Configuration; readonly next: Configuration },
): string[] {
  if (before.protection.size === 0) return []
  const states = [before, next] as const
  const touched = changes.flatMap((change) => {
    if (change.kind === 'protection') return [change.key]
    return [change, ...around(change, states)].flatMap((one) => protectionOf(one.kind, one.key) ?? [])
  })
  const pools = new Set(changes.flatMap(({ kind, key }) => poolTouched(kind, key) ?? []))
  const containing = [...before.protection.keys()].filter((name) => {
    const { kind, key } = protectedBy({ name })
    return kind === 'pool' && states.some(({ pool }) => poolsWithin(pool, key).some((one) => pools.has(one)))
  })
  return [...new Set([...touched, ...containing])].filter((name) => before.protection.has(name)).sort()
}

/** What it stands in, before or after. */
function around({ kind, key }: Touched, states: readonly [Configuration, Configuration]): Touched[] {
  if (kind === 'loadBalancer')
    return states.flatMap(({ loadBalancer }) => zoneNamed(loadBalancer.get(key)?.zone))
  const [before, next] = states
  if (kind !== 'zone' || before.zone.has(key) === next.zone.has(key)) return []
  return states.flatMap((state) => zoneNamed(enclosingZone(key, state)))
}

function zoneNamed(key: string | undefined): Touched[] {
  return key === undefined ? [] : [{ kind: 'zone', key }]
}

function poolTouched(kind: Kind, key: string): string | null {
  if (kind === 'pool') return key
  return kind === 'endpoint' ? poolOf(key) : null
}
