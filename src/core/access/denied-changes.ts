/**
 * Which of the changes somebody may not make, and why. Pure.
 * What must stay true: a change is judged by what it touches before and after itself, so that nothing is carried out of a scope or
 * into it; what a scope does not have is not reached through what it has: neither pools inside a pool, nor the names that a zone takes
 * from the one around it; what no rule here names is for admins alone.
 */
import type { Configuration } from '../model/configuration.ts'
import { drainedBy } from '../model/drain.ts'
import { matchesGlob } from '../model/glob.ts'
import { wordOf } from '../model/local-fault.ts'
import { poolsWithin } from '../model/nested-pools.ts'
import { protectedBy } from '../model/protection.ts'
import { poolOf, type Change, type Kind } from '../model/resource.ts'
import { enclosingZone } from '../model/zone-owners.ts'
import { hasRole, type Access, type Role, type Scope } from './access.ts'

const NEEDED_ROLE: Readonly<Record<Kind, Role>> = {
  ...{ override: 'operator', drain: 'operator', latch: 'operator', budgetRelease: 'operator' },
  ...{ site: 'editor', zone: 'editor', monitor: 'editor', pool: 'editor', endpoint: 'editor' },
  ...{ clientMap: 'editor', loadBalancer: 'editor', settings: 'editor', signingKeys: 'editor' },
  ...{ tsigKey: 'editor', protection: 'editor', rule: 'admin' },
}

/** As it is asked for: of a pool no more than the pools that it is to contain. */
export type AskedChange =
  | Exclude<Change, { readonly op: 'put'; readonly kind: 'pool' }>
  | {
      readonly op: 'put'
      readonly kind: 'pool'
      readonly key: string
      readonly spec: { readonly pools?: readonly string[] | undefined }
    }

/** Sentences, one a resource; empty when all is allowed. */
export function deniedChanges(
  access: Access,
  changes: readonly AskedChange[],
  before: Configuration,
): string[] {
  const { scope } = access
  return changes.flatMap((change) => {
    const role = NEEDED_ROLE[change.kind]
    const name = `${wordOf(change.kind)} '${change.key}'`
    if (!hasRole(access, role))
      return [`${name} may be changed by the role ${role} and above, not by ${access.role}`]
    if (scope === undefined || isWithin(scope, change, before)) return []
    return [`${name} is outside of the scope (${describeScope(scope)})`]
  })
}

export function describeScope({ zones, pools }: Scope): string {
  const parts = [
    zones.length > 0 ? `zones ${zones.join(', ')}` : '',
    pools.length > 0 ? `pools ${pools.join(', ')}` : '',
  ]
  return parts.filter((part) => part !== '').join('; ')
}

function isWithin(scope: Scope, change: AskedChange, before: Configuration): boolean {
  const inZones = (names: readonly (string | undefined)[]) => {
    const known = names.filter((name) => name !== undefined)
    return known.length > 0 && known.every((name) => scope.zones.some((glob) => matchesGlob(glob, name)))
  }
  const inPools = (name: string) => scope.pools.some((glob) => matchesGlob(glob, name))
  const { kind, key } = change
  switch (kind) {
    case 'zone': {
      const comesOrGoes = before.zone.has(key) !== (change.op === 'put')
      return inZones([key, comesOrGoes ? enclosingZone(key, before) : undefined])
    }
    case 'signingKeys':
      return inZones([key])
    case 'loadBalancer':
    case 'latch':
    case 'budgetRelease':
      return inZones([
        before.loadBalancer.get(key)?.zone,
        change.op === 'put' && change.kind === 'loadBalancer' ? change.spec.zone : undefined,
      ])
    case 'pool': {
      const known = before.pool.get(key)?.pools ?? []
      const named = change.op === 'put' ? (change.spec.pools ?? []) : []
      return inPools(key) && named.every((one) => known.includes(one) || inPools(one))
    }
    case 'endpoint':
    case 'override':
      return inPools(poolOf(key))
    case 'drain': {
      const target = drainedBy({ name: key })
      if (target.kind === 'site') return false
      // A drain of a pool drains what it contains, for everybody.
      return target.kind === 'pool'
        ? poolsWithin(before.pool, target.key).every(inPools)
        : inPools(poolOf(target.key))
    }
    case 'settings':
    case 'site':
    case 'monitor':
    case 'clientMap':
    case 'tsigKey':
    case 'rule':
      return false
    case 'protection': {
      const target = protectedBy({ name: key })
      return isWithin(scope, { op: 'delete', ...target }, before)
    }
  }
}
