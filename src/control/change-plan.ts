/**
 * From what a request asks for to the changes that are to be committed. Pure.
 * What must stay true: the changes are applied in their order, all or nothing; what changes nothing is not a change; after
 * them every reference holds, and nothing that others refer to is gone. All faults at once, each with its place in the request.
 */
import { isDeepStrictEqual } from 'node:util'
import { checkReferences, referrersOf } from '../core/model/check-references.ts'
import { applyChanges, endpointsOfPool, type Configuration } from '../core/model/configuration.ts'
import type { Fault } from '../core/model/fault.ts'
import { wordOf } from '../core/model/local-fault.ts'
import { protectionOf } from '../core/model/protection.ts'
import type { Pool } from '../core/model/pool.ts'
import { endpointKey, poolOf, type Change, type Kind, type Resource } from '../core/model/resource.ts'
import { standingBeside } from './standing-beside.ts'

/** `pointer`: where in the request the resource stands, for faults. A pool comes with its endpoints inside. */
export type RequestedChange = { readonly pointer: string } & (
  | { readonly op: 'put'; readonly kind: 'pool'; readonly key: string; readonly spec: Pool }
  | ({ readonly op: 'put' } & Exclude<Resource, { kind: 'pool' }>)
  | { readonly op: 'delete'; readonly kind: Kind; readonly key: string }
)

export interface ResourceName {
  readonly kind: Kind
  readonly name: string
}

export type ChangePlan =
  | { readonly kind: 'planned'; readonly changes: readonly Change[]; readonly next: Configuration }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  /** Something that is to be deleted is referred to by what stays. */
  | { readonly kind: 'referred'; readonly deleted: ResourceName; readonly referrers: readonly ResourceName[] }

interface Step {
  readonly change: Change
  readonly pointer: string
}
type Steps = Map<string, Step>

export function planChanges(configuration: Configuration, requested: readonly RequestedChange[]): ChangePlan {
  const steps: Steps = new Map()
  const faults: Fault[] = []
  const named = new Set<string>()
  for (const request of requested) {
    const id = idOf(request)
    if (named.has(id))
      faults.push({
        pointer: request.pointer,
        message: `${wordOf(request.kind)} '${request.key}' stands here twice`,
      })
    named.add(id)
    for (const step of expand(request, { configuration, steps, faults })) {
      steps.set(idOf(step.change), step)
      for (const operation of operationsOn(step, configuration)) steps.set(idOf(operation.change), operation)
    }
  }
  const real = [...steps.values()].filter(({ change }) => changesAnything(configuration, change))
  const changes = real.map((step) => step.change)
  const next = applyChanges(configuration, changes)
  for (const { op, kind, key } of changes) {
    if (op !== 'delete') continue
    const referrers = referrersOf(next, { kind, key }).map((one) => ({ kind: one.kind, name: one.key }))
    if (referrers.length > 0) return { kind: 'referred', deleted: { kind, name: key }, referrers }
  }
  faults.push(...referenceFaults(configuration, next, real))
  return faults.length > 0 ? { kind: 'invalid', faults } : { kind: 'planned', changes, next }
}

/** A request as steps: a pool's endpoints are resources of their own, and those it no longer names go. */
function expand(
  request: RequestedChange,
  context: { readonly configuration: Configuration; readonly steps: Steps; readonly faults: Fault[] },
): Step[] {
  const { pointer } = request
  if (request.op === 'delete') {
    const { kind, key } = request
    const inside = kind === 'pool' ? endpointKeys(key, context) : []
    return [
      { change: { op: 'delete', kind, key }, pointer },
      ...inside.map((endpoint): Step => ({
        change: { op: 'delete', kind: 'endpoint', key: endpoint },
        pointer,
      })),
    ]
  }
  if (request.kind !== 'pool') {
    const { op, kind, key, spec } = request
    return [{ change: { op, kind, key, spec } as Change, pointer }]
  }
  const { endpoints, ...base } = request.spec
  const steps: Step[] = [{ change: { op: 'put', kind: 'pool', key: request.key, spec: base }, pointer }]
  const kept = new Set<string>()
  for (const [index, spec] of endpoints.entries()) {
    const key = endpointKey(request.key, spec.name)
    const at = `${pointer}/endpoints/${index}`
    if (kept.has(key))
      context.faults.push({ pointer: `${at}/name`, message: `a second endpoint '${spec.name}'` })
    kept.add(key)
    steps.push({ change: { op: 'put', kind: 'endpoint', key, spec }, pointer: at })
  }
  for (const key of endpointKeys(request.key, context))
    if (!kept.has(key)) steps.push({ change: { op: 'delete', kind: 'endpoint', key }, pointer })
  return steps
}

/** Endpoints that a pool has, or would have after the steps so far. */
function endpointKeys(
  pool: string,
  { configuration, steps }: { readonly configuration: Configuration; readonly steps: Steps },
): string[] {
  const keys = endpointsOfPool(configuration, pool).map((endpoint) => endpointKey(pool, endpoint.name))
  for (const { change } of steps.values())
    if (change.kind === 'endpoint' && poolOf(change.key) === pool) keys.push(change.key)
  return [...new Set(keys)]
}

function changesAnything(configuration: Configuration, change: Change): boolean {
  const before = configuration[change.kind].get(change.key)
  if (change.op === 'delete') return before !== undefined
  return !isDeepStrictEqual(before, change.spec)
}

/** Faults of what was put, and of what stands where a change beside it can break it. */
function referenceFaults(before: Configuration, next: Configuration, steps: readonly Step[]): Fault[] {
  const put = new Map<string, string>()
  const beside = new Map<string, string>()
  const touched = new Map<string, { kind: Kind; key: string }>()
  const touch = (pointers: Map<string, string>, resource: { kind: Kind; key: string }, pointer: string) => {
    pointers.set(idOf(resource), pointer)
    touched.set(idOf(resource), resource)
  }
  for (const { change, pointer } of steps) {
    const { op, kind, key } = change
    if (op === 'put') touch(put, { kind, key }, pointer)
    for (const other of standingBeside(change, { before, next })) touch(beside, other, pointer)
    const zone = kind === 'loadBalancer' ? before.loadBalancer.get(key)?.zone : undefined
    if (zone !== undefined) touch(beside, { kind: 'zone', key: zone }, pointer)
  }
  return checkReferences(next, touched.values()).map((fault) => {
    const own = put.get(idOf(fault))
    return own === undefined
      ? {
          pointer: beside.get(idOf(fault)) ?? '',
          message: `${wordOf(fault.kind)} '${fault.key}': ${fault.message}`,
        }
      : { pointer: `${own}${fault.pointer}`, message: fault.message }
  })
}

function idOf({ kind, key }: { readonly kind: Kind; readonly key: string }): string {
  return `${kind} ${key}`
}

/** An override, a drain or a protection ends with what it is about: it must not be there when something of that name comes again. */
function* operationsOn({ change, pointer }: Step, configuration: Configuration): Generator<Step> {
  const { op, kind, key } = change
  if (op !== 'delete') return
  if (kind === 'loadBalancer')
    for (const kept of ['latch', 'budgetRelease'] as const)
      if (configuration[kept].has(key)) yield { change: { op, kind: kept, key }, pointer }
  if (kind === 'zone' && configuration.signingKeys.has(key))
    yield { change: { op, kind: 'signingKeys', key }, pointer }
  const protection = protectionOf(kind, key)
  if (protection !== null && configuration.protection.has(protection))
    yield { change: { op, kind: 'protection', key: protection }, pointer }
  const drain = `${kind}/${key}`
  if (configuration.drain.has(drain)) yield { change: { op, kind: 'drain', key: drain }, pointer }
  if (kind === 'endpoint' && configuration.override.has(key))
    yield { change: { op, kind: 'override', key }, pointer }
}
