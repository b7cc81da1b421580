/** The health plane: verdicts with their votes, checkers, nameservers and whether they agree, the history of transitions. */
import { z } from 'zod'
import { endpointKey, poolOf } from '../../core/model/resource.ts'
import { identifier } from '../../core/model/scalars.ts'
import {
  agreementSchema,
  checkerViewSchema,
  historyEntrySchema,
  nameserverViewSchema,
  verdictDetailSchema,
  verdictSummarySchema,
} from '../../core/views/health.ts'
import { pageSchema } from '../../core/views/page.ts'
import { verdictState } from '../../core/views/status.ts'
import type { Api, Parts } from '../api-parts.ts'
import {
  checkerViews,
  historyEntry,
  nameserverViews,
  verdictDetail,
  verdictSummary,
} from '../health-views.ts'
import { ProblemError } from '../problem-error.ts'
import { pageOf, sortedKeys } from '../resource-view.ts'
import { limit, listQuery, noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const tags = ['health']
const endpointParams = z.object({ pool: identifier, endpoint: identifier })
const instant = z.coerce.number().int().min(0)

export function healthRoutes(app: Api, parts: Parts): void {
  verdictRoutes(app, parts)
  nodeRoutes(app, parts)
  historyRoute(app, parts)
}

function verdictRoutes(app: Api, parts: Parts): void {
  const query = listQuery.extend({
    pool: identifier.optional().describe('Of this pool only'),
    site: identifier.optional().describe('Of endpoints in this site only'),
    state: verdictState.optional().describe('Of this state only'),
  })
  app.get(
    '/v1/verdicts',
    {
      schema: {
        tags,
        summary: 'The verdict on every monitored endpoint',
        querystring: query,
        response: { 200: pageSchema(verdictSummarySchema), ...PROBLEM_REPLIES },
      },
    },
    (request) => {
      const { observer } = parts()
      const { pool, site, state, ...page } = request.query
      const { endpoint } = observer.snapshot.configuration
      const wanted = sortedKeys(endpoint).filter(
        (key) =>
          observer.standing(key) !== undefined &&
          (pool === undefined || poolOf(key) === pool) &&
          (site === undefined || endpoint.get(key)?.site === site) &&
          (state === undefined || observer.standing(key)?.state === state),
      )
      const { keys, next } = pageOf(wanted, page)
      return { items: keys.flatMap((key) => verdictSummary(observer, key) ?? []), next }
    },
  )
  app.get(
    '/v1/verdicts/:pool/:endpoint',
    {
      schema: {
        tags,
        summary: 'One verdict, with the votes of every site and what every checker says',
        params: endpointParams,
        querystring: noQuery,
        response: { 200: verdictDetailSchema, ...PROBLEM_REPLIES },
      },
    },
    (request) => {
      const { pool, endpoint } = request.params
      const detail = verdictDetail(parts().observer, endpointKey(pool, endpoint))
      if (detail !== null) return detail
      throw new ProblemError('not-found', { detail: `no monitor judges an endpoint '${pool}/${endpoint}'` })
    },
  )
}

function nodeRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/checkers',
    {
      schema: {
        tags,
        summary: 'Every checker: is it heard, has it fenced itself off and why, what does it lose',
        querystring: noQuery,
        response: { 200: z.object({ items: z.array(checkerViewSchema) }), ...PROBLEM_REPLIES },
      },
    },
    () => ({ items: checkerViews(parts().observer) }),
  )
  app.get(
    '/v1/nameservers',
    {
      schema: {
        tags,
        summary: 'Every nameserver: is it heard, how far behind is it, does it agree with the others',
        querystring: noQuery,
        response: {
          200: z.object({ items: z.array(nameserverViewSchema), agreement: agreementSchema }),
          ...PROBLEM_REPLIES,
        },
      },
    },
    () => {
      const { observer } = parts()
      const { sinceMs } = observer.agreement.current
      return {
        items: nameserverViews(observer),
        agreement: {
          agree: sinceMs === null,
          differForMs: sinceMs === null ? null : observer.clock.monotonicMs() - sinceMs,
          alarm: observer.agreement.isBroken,
        },
      }
    },
  )
}

function historyRoute(app: Api, parts: Parts): void {
  app.get(
    '/v1/history/:pool/:endpoint',
    {
      schema: {
        tags,
        summary: 'How the verdict on an endpoint changed, newest first, each time with its evidence',
        description: 'Of endpoints that are gone too, as long as the history is kept.',
        params: endpointParams,
        querystring: z.strictObject({
          limit: limit(50, 500),
          after: instant.optional().describe('`next` of the page before: older ones than this'),
          sinceMs: instant.optional().describe('No older ones than this, in ms since the epoch'),
        }),
        response: { 200: pageSchema(historyEntrySchema), ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { pool, endpoint } = request.params
      const { limit: wanted, after, sinceMs } = request.query
      const found = await parts().store.history.of(endpointKey(pool, endpoint), {
        limit: wanted,
        ...(after !== undefined && { before: after }),
        ...(sinceMs !== undefined && { since: sinceMs }),
      })
      const last = found.at(-1)
      const next = found.length === wanted && last !== undefined ? String(last.atMs) : null
      return reply.send({ items: found.map(historyEntry), next })
    },
  )
}
