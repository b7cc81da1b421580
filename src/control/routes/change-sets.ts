/** Change sets, revisions and the export: the configuration as a whole, and its history. */
import { z } from 'zod'
import { parseName } from '../../core/dns/name.ts'
import { documentOf, documentSchema } from '../../core/model/document.ts'
import type { Fault } from '../../core/model/fault.ts'
import { endpointKey } from '../../core/model/resource.ts'
import { identifier } from '../../core/model/scalars.ts'
import {
  changeOutcomeSchema,
  changeSetRequestSchema,
  revisionSchema,
  type RevisionView,
} from '../../core/views/change-set.ts'
import { pageSchema } from '../../core/views/page.ts'
import type { Revision } from '../../ports/store.ts'
import type { Api, Parts } from '../api-parts.ts'
import { DEFAULT_BODY_LIMIT } from '../body-limits.ts'
import type { RequestedChange } from '../change-plan.ts'
import type { ChangeDecision } from '../configuration-service.ts'
import { ProblemError } from '../problem-error.ts'
import { changeView, replyToChange, writeQuery } from './change-reply.ts'
import { limit, noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

type ChangeSetBody = z.output<typeof changeSetRequestSchema>
type ChangeBody = ChangeSetBody['changes'][number]

const revisionNumber = z.string().regex(/^[1-9]\d{0,14}$/, { error: 'the number of a revision is expected' })

export function changeSetRoutes(app: Api, parts: Parts): void {
  app.post(
    '/v1/change-sets',
    {
      bodyLimit: 10 * DEFAULT_BODY_LIMIT,
      schema: {
        tags: ['change sets'],
        summary: 'Change many things at once, all or nothing',
        description: 'Applied in order, committed as one revision. A pool is put with all its endpoints.',
        querystring: writeQuery.omit({ message: true }),
        body: changeSetRequestSchema,
        response: { 200: changeOutcomeSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { id, message, baseRevision, changes } = request.body
      const { service } = parts()
      const requested = requestedChanges(changes)
      const result = await service.change({
        author: request.author,
        message,
        id,
        dryRun: request.query.dryRun === 'true',
        force: request.query.force === 'true',
        decide: ({ revision }): ChangeDecision => {
          if (baseRevision !== undefined && baseRevision !== revision)
            return {
              kind: 'precondition-failed',
              detail: `the head is revision ${revision}, not ${baseRevision}`,
            }
          return requested
        },
      })
      return reply.send(replyToChange(reply, { result, parts: parts() }))
    },
  )
  app.get(
    '/v1/export',
    {
      schema: {
        tags: ['change sets'],
        summary: 'The whole configuration, in the format of files',
        querystring: noQuery,
        response: { 200: documentSchema, ...PROBLEM_REPLIES },
      },
    },
    () => documentOf(parts().service.current.configuration),
  )
  revisionRoutes(app, parts)
}

function revisionRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/revisions',
    {
      schema: {
        tags: ['revisions'],
        summary: 'The history, newest first',
        querystring: z.strictObject({ limit: limit(20, 200), after: revisionNumber.optional() }),
        response: { 200: pageSchema(revisionSchema), ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { after } = request.query
      const wanted = request.query.limit
      const before = after === undefined ? {} : { before: Number(after) }
      const revisions = await parts().store.revisions({ ...before, limit: wanted })
      const last = revisions.at(-1)?.number ?? 1
      const next = revisions.length === wanted && last > 1 ? String(last) : null
      return reply.send({ items: revisions.map(revisionView), next })
    },
  )
  app.get(
    '/v1/revisions/:number',
    {
      schema: {
        tags: ['revisions'],
        summary: 'One revision: what it changed, from what to what',
        params: z.object({ number: revisionNumber }),
        querystring: noQuery,
        response: { 200: revisionSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { number } = request.params
      const revision = await parts().store.revision(Number(number))
      if (revision === null) throw new ProblemError('not-found', { detail: `there is no revision ${number}` })
      return reply.send(revisionView(revision))
    },
  )
}

function requestedChanges(changes: readonly ChangeBody[]): ChangeDecision {
  const faults: Fault[] = []
  const requested: RequestedChange[] = []
  for (const [index, change] of changes.entries()) {
    const pointer = `/changes/${index}`
    const poolFault = faultOfPool(change, pointer)
    if (poolFault === null) requested.push(requestedChange(change, pointer))
    else faults.push(poolFault)
  }
  return faults.length > 0 ? { kind: 'invalid', faults } : { kind: 'changes', changes: requested }
}

function requestedChange(change: ChangeBody, pointer: string): RequestedChange {
  if (change.op === 'delete') {
    const { kind, name, pool } = change
    const isDnsName = kind === 'zone' || kind === 'loadBalancer'
    const parsed = isDnsName ? parseName(name, { wildcard: true }) : null
    const canonical = parsed?.kind === 'name' ? parsed.name : name
    const key = kind === 'endpoint' ? endpointKey(pool ?? '', name) : canonical
    return { op: 'delete', kind, key, pointer: `${pointer}/name` }
  }
  const at = `${pointer}/spec`
  if (change.kind === 'endpoint') {
    const { op, kind, pool, spec } = change
    return { op, kind, key: endpointKey(pool, spec.name), spec, pointer: at }
  }
  return { ...change, key: change.spec.name, pointer: at }
}

/** An endpoint is named with its pool, nothing else is. */
function faultOfPool(change: ChangeBody, pointer: string): Fault | null {
  const pool = 'pool' in change ? change.pool : undefined
  const fault = (message: string): Fault => ({ pointer: `${pointer}/pool`, message })
  if (change.kind !== 'endpoint') return pool === undefined ? null : fault('only an endpoint has a pool')
  if (pool === undefined) return fault('missing: the pool of the endpoint')
  return identifier.safeParse(pool).success ? null : fault('the name of a pool is expected')
}

function revisionView({ number, author, atMs, message, changes }: Revision): RevisionView {
  return { number, author, atMs, message, changes: changes.map(changeView) }
}
