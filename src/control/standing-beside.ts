/**
 * What a change may break without being named in the request: those are checked as well. What must stay true: what is yielded
 * grows with what the change can break, not with the configuration.
 */
import { isDeepStrictEqual } from 'node:util'
import { isWithin } from '../core/dns/name.ts'
import { balancersOver } from '../core/model/balancers-over.ts'
import type { Configuration } from '../core/model/configuration.ts'
import type { Endpoint } from '../core/model/pool.ts'
import { poolOf, type Kind } from '../core/model/resource.ts'
import { isHostname } from '../core/net/address.ts'

interface Named {
  readonly kind: Kind
  readonly key: string
}

/** Of what is put, or deleted: nothing that is referred to is deleted, so only settings are missed by others. */
export function* standingBeside(
  { op, kind, key }: Named & { readonly op: 'put' | 'delete' },
  { before, next }: { readonly before: Configuration; readonly next: Configuration },
): Generator<Named> {
  if (op === 'delete' && kind !== 'settings') return
  switch (kind) {
    case 'zone':
      for (const name of next.loadBalancer.keys())
        if (isWithin(name, key)) yield { kind: 'loadBalancer', key: name }
      return
    case 'monitor':
      for (const pool of next.pool.values())
        if (pool.monitors.includes(key)) yield { kind: 'pool', key: pool.name }
      return
    case 'site':
      for (const { name, vantage } of next.monitor.values())
        if (vantage?.sites.includes(key)) yield { kind: 'monitor', key: name }
      // Without coordinates it is in the way of those that go by them.
      if (next.site.get(key)?.coordinates === undefined)
        yield* balancersWhere(next, (one) => one.policy.kind === 'nearest')
      return
    case 'pool':
      if (!isDeepStrictEqual(before.pool.get(key)?.pools, next.pool.get(key)?.pools))
        yield* balancersWith(key, next)
      return
    case 'endpoint':
      if (canBreak(before.endpoint.get(key), next.endpoint.get(key))) yield* balancersWith(poolOf(key), next)
      return
    case 'clientMap':
      yield* balancersWhere(next, ({ policy }) =>
        (policy.rules ?? []).some(({ when }) => when.clientMap?.map === key),
      )
      return
    case 'settings':
      yield* balancersWhere(next, ({ policy }) => policy.kind === 'nearest' || policy.rules !== undefined)
      return
    case 'loadBalancer':
    case 'override':
    case 'drain':
    case 'latch':
    case 'budgetRelease':
    case 'rule':
    case 'protection':
    case 'signingKeys':
    case 'tsigKey':
  }
}

/** What the checks of a load balancer read of an endpoint (endpoint-faults.ts). */
function canBreak(before: Endpoint | undefined, after: Endpoint | undefined): boolean {
  if (before === undefined || after === undefined) return true
  return (
    isHostname(before.address) !== isHostname(after.address) ||
    before.site !== after.site ||
    (after.weight === 0 && before.weight > 0)
  )
}

function* balancersWhere(
  configuration: Configuration,
  holds: (
    balancer: Configuration['loadBalancer'] extends ReadonlyMap<string, infer B> ? B : never,
  ) => boolean,
): Generator<Named> {
  for (const [key, balancer] of configuration.loadBalancer)
    if (holds(balancer)) yield { kind: 'loadBalancer', key }
}

/** The load balancers that may answer with endpoints of a pool. */
function* balancersWith(pool: string, configuration: Configuration): Generator<Named> {
  for (const key of balancersOver(configuration, pool)) yield { kind: 'loadBalancer', key }
}
