/**
 * Back to an earlier revision: what has to change so that the configuration is as it was then.
 * What must stay true: it becomes a new revision, judged like any other change; overrides, drains, rules and protections stay as they
 * are, and so do the keys that control made; what the past holds and this program does
 * not know is said, never guessed.
 */
import { isDeepStrictEqual } from 'node:util'
import { pointerTo } from '../core/model/fault.ts'
import { applyChanges, type Configuration } from '../core/model/configuration.ts'
import { poolOf, WRITTEN_KINDS, type Kind, type WrittenKind } from '../core/model/resource.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type { Revision, Store } from '../ports/store.ts'
import type { RequestedChange } from './change-plan.ts'
import { undoing } from './recorded-changes.ts'
import { resourceView } from './resource-view.ts'

export type Rollback =
  | { readonly kind: 'changes'; readonly changes: readonly RequestedChange[] }
  /** In words. */
  | { readonly kind: 'not-found'; readonly detail: string }
  | { readonly kind: 'not-known'; readonly detail: string }

/** Operations are of the moment, rules and protections guard what comes: they stay. Endpoints go with their pool. */
const STAYING = ['endpoint', 'override', 'drain', 'rule', 'protection'] as const
type RolledKind = Exclude<WrittenKind, (typeof STAYING)[number]>

/** In the order in which references allow them to be created. */
const ROLLED_KINDS = WRITTEN_KINDS.filter(
  (kind): kind is RolledKind => !(STAYING as readonly WrittenKind[]).includes(kind),
)
/** Revisions that are read at once. */
const PAGE = 200

/** At the cost of the revisions since then. */
export async function rollbackTo(
  number: number,
  { store, now }: { readonly store: Pick<Store, 'revisions'>; readonly now: ConfigurationSnapshot },
): Promise<Rollback> {
  if (number > now.revision)
    return { kind: 'not-found', detail: `there is no revision ${number}: the newest one is ${now.revision}` }
  let then = now.configuration
  const touched = new Map<Kind, Set<string>>()
  for await (const revision of newestFirst(store, { after: number, upTo: now.revision })) {
    const changes = undoing(revision)
    if (changes === null)
      return {
        kind: 'not-known',
        detail: `revision ${revision.number} changed what this program does not know as it was then: it cannot be taken back`,
      }
    then = applyChanges(then, changes)
    for (const { kind, key } of revision.changes) touch(touched, kind, key)
  }
  return { kind: 'changes', changes: difference(now.configuration, then, touched) }
}

async function* newestFirst(
  store: Pick<Store, 'revisions'>,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): AsyncGenerator<Revision> {
  for (let before = upTo + 1; before > after + 1;) {
    const page = await store.revisions({ before, limit: Math.min(PAGE, before - after - 1) })
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    before = last.number
  }
}

function touch(touched: Map<Kind, Set<string>>, kind: Kind, key: string): void {
  const [of, name] = kind === 'endpoint' ? (['pool', poolOf(key)] as const) : [kind, key]
  const names = touched.get(of) ?? new Set()
  touched.set(of, names.add(name))
}

/** What refers to others goes first, and comes last. */
function difference(
  now: Configuration,
  then: Configuration,
  touched: ReadonlyMap<Kind, ReadonlySet<string>>,
): RequestedChange[] {
  const puts: RequestedChange[] = []
  const deletes: RequestedChange[] = []
  for (const kind of ROLLED_KINDS)
    for (const key of touched.get(kind) ?? []) {
      const [before, after] = [resourceView(now, kind, key), resourceView(then, kind, key)]
      if (isDeepStrictEqual(before, after)) continue
      const pointer = pointerTo('', kind, key)
      if (after === null) deletes.push({ op: 'delete', kind, key, pointer })
      else puts.push({ op: 'put', kind, key, spec: after, pointer } as RequestedChange)
    }
  return [...puts, ...deletes.reverse()]
}
