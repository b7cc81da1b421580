/**
 * Resources as the API shows them: a pool with its endpoints inside, everything else as it is kept; and their entity tags.
 * The tag is a digest of what is shown, so that it is the same from every control, after every restart, and changes with any
 * endpoint of a pool.
 */
import { createHash } from 'node:crypto'
import { endpointsOfPool, type Configuration } from '../core/model/configuration.ts'
import type { Kind } from '../core/model/resource.ts'

/** null when there is no such resource. */
export function resourceView(configuration: Configuration, kind: Kind, key: string): object | null {
  if (kind !== 'pool') return configuration[kind].get(key) ?? null
  const pool = configuration.pool.get(key)
  return pool === undefined ? null : { ...pool, endpoints: endpointsOfPool(configuration, key) }
}

/** Strong entity tag (RFC 9110 8.8.3), quotes included. */
export function etagOf(view: object): string {
  return `"${createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 22)}"`
}

const sorted = new WeakMap<object, readonly string[]>()

/** Keys of all resources of a kind, sorted; sorted once for each configuration. */
export function sortedKeys(resources: ReadonlyMap<string, unknown>): readonly string[] {
  const known = sorted.get(resources)
  if (known !== undefined) return known
  const keys = [...resources.keys()].sort()
  sorted.set(resources, keys)
  return keys
}

/** One page of sorted keys: those after `after`, at most `limit`; `next` is null on the last one. */
export function pageOf(
  keys: readonly string[],
  page: { readonly after?: string | undefined; readonly limit: number },
): { readonly keys: readonly string[]; readonly next: string | null } {
  const start = page.after === undefined ? 0 : firstAfter(keys, page.after)
  const taken = keys.slice(start, start + page.limit)
  const last = taken.at(-1)
  return { keys: taken, next: last !== undefined && start + page.limit < keys.length ? last : null }
}

function firstAfter(keys: readonly string[], after: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] ?? '') <= after) low = middle + 1
    else high = middle
  }
  return low
}
