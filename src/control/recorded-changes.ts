/**
 * Revisions of the store as changes: what makes them anew, and what takes them back. Bodies of the past are those of the program
 * that wrote them, so they are judged here.
 */
import { RESOURCE_SCHEMAS } from '../core/model/resource-schemas.ts'
import type { Change, Kind } from '../core/model/resource.ts'
import type { RecordedChange } from '../ports/recorded-change.ts'
import type { Revision } from '../ports/store.ts'

/** In their order; null where one of them is not as this program knows it. */
export function redoing(revisions: readonly Revision[]): Change[] | null {
  const changes = revisions.flatMap((revision) => revision.changes)
  return allOrNull(changes.map(({ kind, key, after }) => changeTo(kind, key, after)))
}

/** Takes one revision back; null where it is not as this program knows it. */
export function undoing({ changes }: Revision): Change[] | null {
  return allOrNull(changes.toReversed().map(({ kind, key, before }) => changeTo(kind, key, before)))
}

/** As they were recorded, unjudged: for who asks whether somebody may make them. */
export function changesOf(changes: readonly RecordedChange[]): Change[] {
  return changes.map(({ kind, key, after }) =>
    after === null ? { op: 'delete', kind, key } : ({ op: 'put', kind, key, spec: after } as Change),
  )
}

function changeTo(kind: Kind, key: string, body: unknown): Change | null {
  if (body === null) return { op: 'delete', kind, key }
  const spec = RESOURCE_SCHEMAS[kind].safeParse(body)
  return spec.success ? ({ op: 'put', kind, key, spec: spec.data } as Change) : null
}

function allOrNull(changes: readonly (Change | null)[]): Change[] | null {
  const known = changes.filter((change) => change !== null)
  return known.length === changes.length ? known : null
}
