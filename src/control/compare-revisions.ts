/**
 * What is different between two revisions: resource by resource, the state at the one and at the other.
 * What must stay true: what went away and came back the same is no difference; it costs the revisions between the two.
 */
import { isDeepStrictEqual } from 'node:util'
import { KINDS } from '../core/model/resource.ts'
import type { RecordedChange } from '../ports/recorded-change.ts'
import type { Revision, Store } from '../ports/store.ts'

export type RevisionComparison =
  | { readonly kind: 'compared'; readonly changes: readonly RecordedChange[] }
  | { readonly kind: 'not-found'; readonly detail: string }

const PAGE = 200

/** 0 is the configuration before the first revision. */
export async function compareRevisions(
  { from, to }: { readonly from: number; readonly to: number },
  store: Pick<Store, 'head' | 'revisionsAfter'>,
): Promise<RevisionComparison> {
  const head = await store.head()
  const newest = Math.max(from, to)
  if (newest > head)
    return { kind: 'not-found', detail: `there is no revision ${newest}: the newest one is ${head}` }
  const found = new Map<string, RecordedChange>()
  for await (const { changes } of between(store, Math.min(from, to), newest))
    for (const { kind, key, before, after } of changes) {
      const id = `${kind} ${key}`
      const earlier = found.get(id)
      // The first `before` counts, also where it says that there was nothing.
      found.set(id, { kind, key, before: earlier === undefined ? before : earlier.before, after })
    }
  const changes = [...found.values()]
    .filter(({ before, after }) => !isDeepStrictEqual(before, after))
    .map((change) => (from <= to ? change : { ...change, before: change.after, after: change.before }))
    .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.key < b.key ? -1 : 1))
  return { kind: 'compared', changes }
}

async function* between(
  store: Pick<Store, 'revisionsAfter'>,
  after: number,
  upTo: number,
): AsyncGenerator<Revision> {
  for (let number = after; number < upTo;) {
    const page = await store.revisionsAfter(number, Math.min(PAGE, upTo - number))
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    number = last.number
  }
}
