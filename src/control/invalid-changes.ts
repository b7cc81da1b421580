/**
 * What no reader could read again: the last look before a commit, whoever made the change and however. What must stay true: nothing
 * is committed that the store, the feed or an older revision would call damaged.
 */
import type { Fault } from '../core/model/fault.ts'
import { RESOURCE_SCHEMAS } from '../core/model/resource-schemas.ts'
import type { Change } from '../core/model/resource.ts'

export function invalidChanges(changes: readonly Change[]): Fault[] {
  return changes.flatMap((change): Fault[] => {
    if (change.op === 'delete') return []
    const { kind, key, spec } = change
    const parsed = RESOURCE_SCHEMAS[kind].safeParse(spec)
    if (parsed.success) return []
    return parsed.error.issues.map(({ path, message }) => ({
      pointer: '',
      message: `the ${kind} '${key}' would be damaged: ${path.map(String).join('.')}: ${message}`,
    }))
  })
}
