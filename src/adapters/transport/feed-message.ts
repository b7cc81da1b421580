/**
 * The feed on the wire: one JSON object a line, from control to a node.
 * What must stay true: a snapshot carries the digest of its resources; a delta is one revision and says which; what a node
 * takes has the form that this program knows, or nothing of the message is taken.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { KINDS, type Change, type Resource } from '../../core/model/resource.ts'
import { RESOURCE_SCHEMAS } from '../../core/model/resource-schemas.ts'

const revision = z.int().min(0)
/** Id of the change set that made the revision: the same number of another history is another one. '' when it is not known. */
const changeSet = z.string().max(256)
const key = z.string().max(300)

const resource = z.union(
  KINDS.map((kind) => z.strictObject({ kind: z.literal(kind), key, spec: RESOURCE_SCHEMAS[kind] })),
) as unknown as z.ZodType<Resource>

const change = z.union([
  z.strictObject({ op: z.literal('delete'), kind: z.enum(KINDS), key }),
  ...KINDS.map((kind) =>
    z.strictObject({ op: z.literal('put'), kind: z.literal(kind), key, spec: RESOURCE_SCHEMAS[kind] }),
  ),
]) as unknown as z.ZodType<Change>

const snapshotSchema = z.strictObject({
  kind: z.literal('snapshot'),
  revision,
  changeSet,
  sha256: z.string(),
  resources: z.array(z.unknown()),
})

const messageSchema = z.discriminatedUnion('kind', [
  snapshotSchema,
  /** What you hold is the beginning; deltas follow. */
  z.strictObject({ kind: z.literal('resumed'), revision }),
  z.strictObject({ kind: z.literal('delta'), revision, changeSet, changes: z.array(z.unknown()) }),
  z.strictObject({ kind: z.literal('heartbeat'), head: revision }),
])

export interface FeedSnapshot {
  readonly revision: number
  readonly changeSet: string
  readonly resources: readonly Resource[]
}

export type FeedMessage =
  | ({ readonly kind: 'snapshot' } & FeedSnapshot)
  | { readonly kind: 'resumed'; readonly revision: number }
  | {
      readonly kind: 'delta'
      readonly revision: number
      readonly changeSet: string
      readonly changes: readonly Change[]
    }
  | { readonly kind: 'heartbeat'; readonly head: number }

/** Throws an Error whose message says what is wrong with it. */
export function parseFeedMessage(text: string): FeedMessage {
  const message = parsed(messageSchema, JSON.parse(text))
  if (message.kind === 'snapshot') return { kind: 'snapshot', ...parseSnapshot(message) }
  if (message.kind === 'delta')
    return { ...message, changes: message.changes.map((one) => parsed(change, one)) }
  return message
}

/** The same for a snapshot on disk. */
export function parseFeedSnapshot(value: unknown): FeedSnapshot {
  return parseSnapshot(parsed(snapshotSchema, value))
}

export function snapshotText({ revision: number, changeSet: id, resources }: FeedSnapshot): string {
  const sha256 = digestOf({ revision: number, changeSet: id, resources })
  return JSON.stringify({ kind: 'snapshot', revision: number, changeSet: id, sha256, resources })
}

function parseSnapshot(snapshot: z.output<typeof snapshotSchema>): FeedSnapshot {
  if (digestOf(snapshot) !== snapshot.sha256) throw new Error('its digest is not that of its content')
  const resources = snapshot.resources.map((one) => parsed(resource, one))
  return { revision: snapshot.revision, changeSet: snapshot.changeSet, resources }
}

function digestOf(snapshot: {
  readonly revision: number
  readonly changeSet: string
  readonly resources: readonly unknown[]
}): string {
  const content = JSON.stringify([snapshot.revision, snapshot.changeSet, snapshot.resources])
  return createHash('sha256').update(content).digest('hex')
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path = [], message = '' } = result.error.issues[0] ?? {}
  throw new Error(`${path.map(String).join('.') || 'the message'}: ${message}`)
}
