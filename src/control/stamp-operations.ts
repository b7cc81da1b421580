/**
 * What control writes into overrides, drains and protections as they are committed: who made them, and when a drain begins. Pure.
 * What must stay true: to put the same once more changes nothing, although neither is in the request; a drain that is under way
 * does not begin anew because its end is moved; nobody signs with the name of another.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from '../core/model/configuration.ts'
import { drainSchema, type Drain } from '../core/model/drain.ts'
import type { Fault } from '../core/model/fault.ts'
import { faultsOfZodError } from '../core/model/zod-faults.ts'
import { isExpired } from '../core/steering/operations-in-force.ts'
import type { RequestedChange } from './change-plan.ts'

export interface Stamp {
  readonly configuration: Configuration
  /** Name of the token. */
  readonly author: string
  readonly wallMs: number
}

export type Stamped =
  | { readonly kind: 'changes'; readonly changes: readonly RequestedChange[] }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

export function stampOperations(changes: readonly RequestedChange[], stamp: Stamp): Stamped {
  const faults: Fault[] = []
  const stamped = changes.map((change): RequestedChange => {
    if (change.op !== 'put') return change
    const { configuration } = stamp
    if (change.kind === 'override')
      return { ...change, spec: signed(change.spec, configuration.override.get(change.key), stamp) }
    if (change.kind === 'protection')
      return { ...change, spec: signed(change.spec, configuration.protection.get(change.key), stamp) }
    if (change.kind !== 'drain') return change
    const before = configuration.drain.get(change.key)
    const spec = signed(begun(change.spec, before, stamp), before, stamp)
    // That it ends after it has drained could not be seen before its begin was known.
    const parsed = drainSchema.safeParse(spec)
    if (!parsed.success)
      for (const { pointer, message } of faultsOfZodError(parsed.error, drainSchema))
        faults.push({ pointer: `${change.pointer}${pointer}`, message })
    return { ...change, spec }
  })
  return faults.length > 0 ? { kind: 'invalid', faults } : { kind: 'changes', changes: stamped }
}

function begun(drain: Drain, before: Drain | undefined, { wallMs }: Stamp): Drain {
  if (drain.startAtMs !== undefined) return drain
  const isUnderWay = before !== undefined && !isExpired(before, wallMs) && (before.startAtMs ?? 0) <= wallMs
  return { ...drain, startAtMs: isUnderWay ? (before.startAtMs ?? wallMs) : wallMs }
}

/** Whoever changes nothing is not its author. */
function signed<T extends { readonly author: string }>(spec: T, before: T | undefined, { author }: Stamp): T {
  const kept = before !== undefined && isDeepStrictEqual({ ...spec, author: before.author }, before)
  return { ...spec, author: kept ? before.author : author }
}
