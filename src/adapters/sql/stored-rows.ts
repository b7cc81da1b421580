/**
 * Rows of the store to what the port promises. What must stay true: nothing unverified leaves the store, so a row that
 * a disk or a hand has damaged is one clear error that names it, here, and not a crash somewhere later.
 */
import { z } from 'zod'
import { VERDICT_RULES } from '../../core/health/verdict.ts'
import type { SiteVote } from '../../core/health/votes.ts'
import type { RecordedTransition } from '../../ports/history.ts'
import { endpointKey, KINDS, poolOf, type Kind, type Resource } from '../../core/model/resource.ts'
import { RESOURCE_SCHEMAS } from '../../core/model/resource-schemas.ts'
import type { RecordedChange } from '../../ports/recorded-change.ts'
import type { StoredResource } from '../../ports/store.ts'
import { DatabaseError } from './database-error.ts'
import type { StoreSchema } from './store-schema.ts'

/** Rows a statement: well below every engine's limit of bound values, and about a millisecond of work. */
export const BATCH_ROWS = 250

const kindSchema = z.enum(KINDS)

/** Throws DatabaseError 'corrupt' that names the resource. */
export function parseResourceRow(row: StoreSchema['resources']): StoredResource {
  const place = `the stored ${row.kind} '${row.key}'`
  const kind = parseKind(row.kind, place)
  const spec = RESOURCE_SCHEMAS[kind].safeParse(parseJson(row.body, place))
  if (!spec.success) throw damaged(place, z.prettifyError(spec.error), spec.error)
  const { name } = spec.data
  const key = kind === 'endpoint' ? endpointKey(poolOf(row.key), name) : name
  if (key !== row.key) throw damaged(place, `its body is that of '${key}'`)
  return { resource: { kind, key, spec: spec.data } as Resource, revision: row.revision }
}

/** Throws DatabaseError 'corrupt' that names the revision. Bodies of the past are given as they were, not re-judged. */
export function parseChangeRow(row: StoreSchema['changes']): RecordedChange {
  const place = `revision ${row.revision}, change ${row.position} of the store`
  return {
    kind: parseKind(row.kind, place),
    key: row.key,
    before: row.before === null ? null : parseJson(row.before, place),
    after: row.after === null ? null : parseJson(row.after, place),
  }
}

const bodySchema = z.object({
  rule: z.enum(VERDICT_RULES),
  reason: z.string(),
  quorum: z.object({ down: z.int(), up: z.int() }),
  votes: z.array(z.custom<SiteVote>((value) => typeof value === 'object' && value !== null)),
  lastUp: z.number(),
})
const stateSchema = z.enum(['unknown', 'up', 'down'])

/** Throws DatabaseError 'corrupt' that names the transition. */
export function parseTransitionRow(row: StoreSchema['transitions']): RecordedTransition {
  const { endpoint, at_ms: atMs, control, from_state, to_state, degraded } = row
  const place = `the stored transition of '${endpoint}' at ${atMs}`
  const body = bodySchema.safeParse(parseJson(row.body, place))
  const [from, to] = [stateSchema.safeParse(from_state), stateSchema.safeParse(to_state)]
  if (!body.success) throw damaged(place, z.prettifyError(body.error), body.error)
  if (!from.success || !to.success) throw damaged(place, 'its states are none that this program knows')
  return { endpoint, atMs, control, from: from.data, to: to.data, degraded: degraded !== 0, ...body.data }
}

function parseKind(text: string, place: string): Kind {
  const kind = kindSchema.safeParse(text)
  if (!kind.success) throw damaged(place, `'${text}' is no kind of resource that this program knows`)
  return kind.data
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw damaged(place, 'its body is not JSON', error)
  }
}

function damaged(place: string, why: string, cause?: unknown): DatabaseError {
  return new DatabaseError('corrupt', `${place} is damaged: ${why}`, { cause })
}
