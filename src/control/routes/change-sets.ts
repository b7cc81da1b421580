/** Change sets, revisions and the export: the configuration as a whole, and its history. */
import { z } from 'zod'
import { documentOf, documentSchema } from '../../core/model/document.ts'
import {
  changeOutcomeSchema,
  changeSetRequestSchema,
  revisionSchema,
  type RevisionView,
} from '../../core/views/change-set.ts'
import { comparisonSchema } from '../../core/views/comparison.ts'
import { pageSchema } from '../../core/views/page.ts'
import type { Revision } from '../../ports/store.ts'
import type { Api, Parts } from '../api-parts.ts'
import { DEFAULT_BODY_LIMIT } from '../body-limits.ts'
import type { ChangeDecision } from '../change-order.ts'
import { compareRevisions } from '../compare-revisions.ts'
import { ProblemError } from '../problem-error.ts'
import { requestDigest } from '../request-digest.ts'
import { requestedChanges } from '../requested-changes.ts'
import { changeView, replyToChange, writeQuery } from './change-reply.ts'
import { limit, noQuery, revisionNumber } from './queries.ts'
import { PROBLEM_REPLIES, PROPOSED } from './replies.ts'

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
        response: { 200: changeOutcomeSchema, ...PROPOSED, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { id, message, baseRevision, changes } = request.body
      const { service } = parts()
      const requested = requestedChanges(changes)
      const result = await service.change({
        actor: request.actor,
        message,
        request: id === undefined ? undefined : { id, digest: requestDigest(request.actor.name, changes) },
        dryRun: request.query.dryRun === 'true',
        force: request.query.force === 'true',
        breakGlass: request.query.breakGlass,
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
  compareRoute(app, parts)
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

function compareRoute(app: Api, parts: Parts): void {
  app.get(
    '/v1/revisions/:number/compare',
    {
      schema: {
        tags: ['revisions'],
        summary: 'What is different at another revision, or now',
        params: z.object({ number: revisionNumber }),
        querystring: z.strictObject({
          to: revisionNumber.optional().describe('The newest one if absent'),
        }),
        response: { 200: comparisonSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { store } = parts()
      const from = Number(request.params.number)
      const to = request.query.to === undefined ? await store.head() : Number(request.query.to)
      const compared = await compareRevisions({ from, to }, store)
      if (compared.kind === 'not-found') throw new ProblemError('not-found', { detail: compared.detail })
      return { from, to, changes: compared.changes.map(changeView) }
    },
  )
}

function revisionView({ number, author, atMs, message, changes }: Revision): RevisionView {
  return { number, author, atMs, message, changes: changes.map(changeView) }
}
