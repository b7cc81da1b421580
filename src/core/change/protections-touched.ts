/**
 * Which protections a change set touches. Pure.
 * What must stay true: what is inside of something protected is protected with it, before and after the change; a protection
 * protects itself; operations of the moment (overrides, drains, latches, releases) and keys are free, so that nobody waits for an
 * approval at night.
 */
import type { Configuration } from '../model/configuration.ts'
import { protectionOf } from '../model/protection.ts'
import { poolOf, type Kind } from '../model/resource.ts'

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
  const touched = changes.flatMap(({ kind, key }) => {
    if (kind === 'protection') return [key]
    const zones = [before, next].map(({ loadBalancer }) => loadBalancer.get(key)?.zone)
    const around: Touched[] = [
      { kind, key },
      ...(kind === 'endpoint' ? [{ kind: 'pool', key: poolOf(key) } as const] : []),
      ...(kind === 'loadBalancer' ? zones : []).flatMap((zone) =>
        zone === undefined ? [] : [{ kind: 'zone', key: zone } as const],
      ),
    ]
    return around.flatMap((one) => protectionOf(one.kind, one.key) ?? [])
  })
  return [...new Set(touched)].filter((name) => before.protection.has(name)).sort()
}
