/** List, get, put, patch, delete: the same for every collection, endpoints of a pool included. */
import { z } from 'zod'
import { endpointsOfPool } from '../../core/model/configuration.ts'
import { DEFAULT_SETTINGS } from '../../core/model/settings.ts'
import { faultsOfZodError } from '../../core/model/zod-faults.ts'
import type { Fault } from '../../core/model/fault.ts'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import { pageSchema } from '../../core/views/page.ts'
import type { ConfigurationSnapshot } from '../../ports/feed.ts'
import type { Api, ApiRequest, Parts } from '../api-parts.ts'
import { wordOf } from '../../core/model/local-fault.ts'
import type { RequestedChange } from '../change-plan.ts'
import type { ChangeDecision } from '../change-order.ts'
import { mergePatch } from '../merge-patch.ts'
import { failedPrecondition, isNotModified } from '../preconditions.ts'
import { ProblemError } from '../problem-error.ts'
import { etagOf, pageOf, resourceView, sortedKeys } from '../resource-view.ts'
import { replyToChange, writeHeaders, writeQuery } from './change-reply.ts'
import { COLLECTIONS, itemPath, keyOf, type Collection, type PathNames } from './collections.ts'
import { listQuery, readHeaders } from './queries.ts'
import { NOT_MODIFIED, PROBLEM_REPLIES, PROPOSED } from './replies.ts'

export function resourceRoutes(app: Api, parts: Parts): void {
  for (const collection of COLLECTIONS) {
    if (!collection.isSingle) listRoute(app, parts, collection)
    readRoute(app, parts, collection)
    writeRoutes(app, parts, collection)
  }
}

function listRoute(app: Api, parts: Parts, collection: Collection): void {
  const { kind, path, schema, listParams, tag } = collection
  const tags = [tag]
  const list = { 200: pageSchema(schema), ...PROBLEM_REPLIES }
  app.get(
    path,
    { schema: { tags, summary: `List ${tag}`, params: listParams, querystring: listQuery, response: list } },
    (request, reply) => {
      const { configuration } = parts().service.current
      const { pool } = request.params as { pool?: string }
      if (pool !== undefined && !configuration.pool.has(pool)) throw notFound('pool', pool)
      const names =
        pool === undefined
          ? sortedKeys(configuration[kind])
          : endpointsOfPool(configuration, pool).map((endpoint) => endpoint.name)
      const { keys, next } = pageOf(names, request.query)
      const items = keys.flatMap((name) => resourceView(configuration, kind, keyIn(pool, name)) ?? [])
      if (next !== null)
        void reply.header(
          'link',
          `<?limit=${request.query.limit}&after=${encodeURIComponent(next)}>; rel="next"`,
        )
      return { items, next }
    },
  )
}

function readRoute(app: Api, parts: Parts, collection: Collection): void {
  const { kind, schema, params, tag } = collection
  const tags = [tag]
  const get = { 200: schema, ...NOT_MODIFIED, ...PROBLEM_REPLIES }
  app.get(
    itemPath(collection),
    {
      schema: {
        tags,
        summary: collection.isSingle ? `Read the ${tag}` : `Read one of the ${tag}`,
        params,
        headers: readHeaders,
        response: get,
      },
    },
    (request, reply) => {
      const key = keyOf(request.params)
      const { configuration } = parts().service.current
      const view = resourceView(configuration, kind, key) ?? defaultView(kind)
      if (view === null) throw notFound(kind, key)
      const etag = etagOf(view)
      void reply.header('etag', etag)
      if (!isNotModified(request.headers['if-none-match'], etag)) return view
      void reply.code(304).send()
      return undefined
    },
  )
}

function writeRoutes(app: Api, parts: Parts, collection: Collection): void {
  const { kind, schema, params, tag, bodyLimit } = collection
  const common = { tags: [tag], params, querystring: writeQuery, headers: writeHeaders }
  const changed = { 200: changeOutcomeSchema, ...PROPOSED, ...PROBLEM_REPLIES }
  const created = { 201: changeOutcomeSchema.describe('Created'), ...changed }
  app.put(
    itemPath(collection),
    {
      bodyLimit,
      preValidation: nameFromPath,
      schema: {
        ...common,
        summary: `Create or replace one of the ${tag}`,
        description: '`name` may be left out of the body; if it is there it must be that of the path.',
        body: schema,
        response: created,
      },
    },
    async (request, reply) => {
      const spec = request.body as { readonly name: string }
      return reply.send(
        await write(request, { parts, collection, reply }, (view, names) =>
          decidePut(names, { kind, spec, view, request }),
        ),
      )
    },
  )
  app.patch(
    itemPath(collection),
    {
      bodyLimit,
      schema: {
        ...common,
        summary: `Change one of the ${tag} (RFC 7396 merge patch)`,
        consumes: ['application/merge-patch+json', 'application/json'],
        body: z
          .record(z.string(), z.unknown())
          .describe('null removes a field, lists are replaced as a whole'),
        response: collection.isSingle ? created : changed,
      },
    },
    async (request, reply) =>
      reply.send(
        await write(request, { parts, collection, reply }, (view, names) => {
          const base = view ?? defaultView(kind)
          if (base === null) return missing(kind, names)
          const parsed = schema.safeParse(mergePatch(base, request.body))
          if (!parsed.success) return { kind: 'invalid', faults: faultsOfZodError(parsed.error, schema) }
          const spec = parsed.data as { readonly name: string }
          return decidePut(names, { kind, spec, view, request })
        }),
      ),
  )
  app.delete(
    itemPath(collection),
    { schema: { ...common, summary: `Delete one of the ${tag}`, response: changed } },
    async (request, reply) =>
      reply.send(
        await write(request, { parts, collection, reply }, (view, names) => {
          if (view === null) return missing(kind, names)
          const failed = preconditionOf(request, view)
          if (failed !== null) return failed
          return { kind: 'changes', changes: [{ op: 'delete', kind, key: keyOf(names), pointer: '' }] }
        }),
      ),
  )
}

type WriteRequest = ApiRequest & { query: unknown; params: unknown }

async function write(
  request: WriteRequest,
  context: {
    readonly parts: Parts
    readonly collection: Collection
    readonly reply: Parameters<typeof replyToChange>[0]
  },
  decide: (view: object | null, names: PathNames) => ChangeDecision,
): Promise<ReturnType<typeof replyToChange>> {
  const { collection, reply } = context
  const parts = context.parts()
  const names = request.params as PathNames
  const { dryRun, force, message, breakGlass } = request.query as z.output<typeof writeQuery>
  const key = keyOf(names)
  const result = await parts.service.change({
    actor: request.actor,
    message: message ?? `${request.method} ${request.url.split('?')[0] ?? ''}`,
    dryRun: dryRun === 'true',
    force: force === 'true',
    breakGlass,
    decide: ({ configuration }: ConfigurationSnapshot) => {
      if (names.pool !== undefined && !configuration.pool.has(names.pool))
        return { kind: 'not-found', detail: `there is no pool '${names.pool}'` }
      return decide(resourceView(configuration, collection.kind, key), names)
    },
  })
  return replyToChange(reply, { result, parts }, { kind: collection.kind, key })
}

function decidePut(
  names: PathNames,
  put: {
    readonly kind: Collection['kind']
    readonly spec: { readonly name: string }
    readonly view: object | null
    readonly request: ApiRequest
  },
): ChangeDecision {
  const { kind, spec, view, request } = put
  const failed = preconditionOf(request, view)
  if (failed !== null) return failed
  if (names.name !== undefined && spec.name !== names.name)
    return { kind: 'invalid', faults: [otherName(names.name)] }
  const change = { op: 'put', kind, key: keyOf(names), spec, pointer: '' } as unknown as RequestedChange
  return { kind: 'changes', changes: [change] }
}

function otherName(name: string): Fault {
  return {
    pointer: '/name',
    message: `the path says '${name}': names cannot be changed; leave it out, or make it the same`,
  }
}

function preconditionOf(request: ApiRequest, view: object | null): ChangeDecision | null {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
  const detail = failedPrecondition({ ifMatch, ifNoneMatch }, view === null ? null : etagOf(view))
  return detail === null ? null : { kind: 'precondition-failed', detail }
}

/** A body without a name gets that of the path, before it is validated. */
function nameFromPath(request: ApiRequest, _reply: unknown, done: () => void): void {
  const { body } = request
  const { name } = request.params as PathNames
  if (
    name !== undefined &&
    typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    !('name' in body)
  )
    Object.assign(body, { name })
  done()
}

/** What holds of something that nobody has put. */
function defaultView(kind: Collection['kind']): object | null {
  return kind === 'settings' ? DEFAULT_SETTINGS : null
}

function missing(kind: Collection['kind'], names: PathNames): ChangeDecision {
  return { kind: 'not-found', detail: notFound(kind, keyOf(names)).message }
}

function notFound(kind: Collection['kind'], key: string): ProblemError {
  return new ProblemError('not-found', { detail: `there is no ${wordOf(kind)} '${key}'` })
}

function keyIn(pool: string | undefined, name: string): string {
  return keyOf(pool === undefined ? { name } : { name, pool })
}
