/** From the changes of a request body to what is asked for: canonical names, and the pool of every endpoint. */
import type { z } from 'zod'
import { parseName } from '../core/dns/name.ts'
import type { Fault } from '../core/model/fault.ts'
import { endpointKey } from '../core/model/resource.ts'
import { identifier } from '../core/model/scalars.ts'
import type { changeRequestSchema } from '../core/views/change-set.ts'
import type { RequestedChange } from './change-plan.ts'
import type { ChangeDecision } from './change-order.ts'

type ChangeBody = z.output<typeof changeRequestSchema>

export function requestedChanges(changes: readonly ChangeBody[]): ChangeDecision {
  const faults: Fault[] = []
  const requested: RequestedChange[] = []
  for (const [index, change] of changes.entries()) {
    const pointer = `/changes/${index}`
    const poolFault = faultOfPool(change, pointer)
    if (poolFault === null) requested.push(requestedChange(change, pointer))
    else faults.push(poolFault)
  }
  return faults.length > 0 ? { kind: 'invalid', faults } : { kind: 'changes', changes: requested }
}

function requestedChange(change: ChangeBody, pointer: string): RequestedChange {
  if (change.op === 'delete') {
    const { kind, name, pool } = change
    const isDnsName = kind === 'zone' || kind === 'loadBalancer'
    const parsed = isDnsName ? parseName(name, { wildcard: true }) : null
    const canonical = parsed?.kind === 'name' ? parsed.name : name
    const key = kind === 'endpoint' ? endpointKey(pool ?? '', name) : canonical
    return { op: 'delete', kind, key, pointer: `${pointer}/name` }
  }
  const at = `${pointer}/spec`
  if (change.kind === 'endpoint') {
    const { op, kind, pool, spec } = change
    return { op, kind, key: endpointKey(pool, spec.name), spec, pointer: at }
  }
  return { ...change, key: change.spec.name, pointer: at }
}

/** An endpoint is named with its pool, nothing else is. */
function faultOfPool(change: ChangeBody, pointer: string): Fault | null {
  const pool = 'pool' in change ? change.pool : undefined
  const fault = (message: string): Fault => ({ pointer: `${pointer}/pool`, message })
  if (change.kind !== 'endpoint') return pool === undefined ? null : fault('only an endpoint has a pool')
  if (pool === undefined) return fault('missing: the pool of the endpoint')
  return identifier.safeParse(pool).success ? null : fault('the name of a pool is expected')
}
