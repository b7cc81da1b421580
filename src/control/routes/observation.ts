/** What is going on: status, explain, metrics. */
import { z } from 'zod'
import { address, dnsNameOrWildcard } from '../../core/model/scalars.ts'
import { explain } from '../../core/steering/explain.ts'
import { explanationSchema } from '../../core/views/explanation.ts'
import { trafficSchema } from '../../core/views/traffic.ts'
import { statusSchema } from '../../core/views/status.ts'
import type { ExplainContext } from '../../core/steering/explain-context.ts'
import type { Api, ApiParts, Parts } from '../api-parts.ts'
import { pastAt } from '../past.ts'
import { ProblemError } from '../problem-error.ts'
import { readMetrics } from '../read-metrics.ts'
import { statusOf } from '../status.ts'
import { limit, noQuery } from './queries.ts'
import { PROBLEM_REPLIES, textReply } from './replies.ts'

const recordType = z.enum(['A', 'AAAA', 'CNAME', 'NS', 'TXT', 'MX', 'SRV', 'CAA', 'DS', 'HTTPS', 'SVCB'])

/** Milliseconds since the epoch. */
const moment = z.iso
  .datetime({ offset: true, error: 'a time such as 2026-11-26T20:15:00Z is expected (RFC 3339)' })
  .transform((text) => Date.parse(text))

export function observationRoutes(app: Api, parts: Parts, version: string): void {
  const tags = ['observation']
  app.get(
    '/v1/status',
    {
      schema: {
        tags,
        summary: 'Health of endpoints, answers, checkers and nameservers',
        querystring: z.strictObject({ limit: limit(1_000, 100_000) }),
        response: { 200: statusSchema, ...PROBLEM_REPLIES },
      },
    },
    (request) => statusOf(parts().observer, { version, limit: request.query.limit }),
  )
  app.get(
    '/v1/traffic',
    {
      schema: {
        tags,
        summary: 'Queries, codes and latency of nameservers, and the share of each answer of load balancers',
        querystring: noQuery,
        response: { 200: trafficSchema, ...PROBLEM_REPLIES },
      },
    },
    () => {
      const { observer } = parts()
      return observer.traffic.view(observer.clock.monotonicMs())
    },
  )
  app.get(
    '/v1/explain',
    {
      schema: {
        tags,
        summary: 'What is answered for a name, and why',
        description:
          'With `at`: as it was then, by the revision that was in force and the verdicts that stood, as far as the history goes back.',
        querystring: z.strictObject({
          name: dnsNameOrWildcard,
          type: recordType.default('A').describe('Record type'),
          client: address.optional().describe('Address of the client that asks'),
          at: moment
            .optional()
            .describe('A moment of the past (RFC 3339), such as 2026-11-26T20:15:00Z; now if absent'),
        }),
        response: { 200: explanationSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { name, type, client = null, at } = request.query
      const context = at === undefined ? presentContext(parts()) : await pastContext(at, parts())
      return reply.send(explain({ name, type, client }, context))
    },
  )
  app.get(
    '/metrics',
    {
      schema: {
        tags,
        summary: 'Metrics for Prometheus',
        querystring: noQuery,
        response: { 200: textReply('Prometheus text format', 'text/plain'), ...PROBLEM_REPLIES },
      },
    },
    async (_request, reply) => {
      const { text, type } = await readMetrics(parts())
      return reply.type(type).send(text)
    },
  )
}

function presentContext({ observer, locate }: ApiParts): ExplainContext {
  return {
    ...observer.snapshot,
    plan: observer.plan,
    ...{ atMs: null, notKept: [], locate },
    view: observer.view,
    verdict: observer.verdict,
    probes: observer.probes,
    sinceMs: observer.sinceMs,
    published: observer.publication,
  }
}

/** Throws ProblemError where nothing is known of that moment. */
async function pastContext(atMs: number, parts: ApiParts): Promise<ExplainContext> {
  const { observer, locate, store, historyDays } = parts
  const nowMs = observer.clock.wallMs()
  const oldestMs = nowMs - historyDays * 86_400_000
  if (atMs > nowMs) throw notKnown('is in the future')
  if (atMs < oldestMs)
    throw notKnown(
      `is before ${new Date(oldestMs).toISOString()}: the history is kept for ${historyDays} days (--history-days)`,
    )
  const past = await pastAt(atMs, { store, now: observer.snapshot, verdict: observer.verdict, locate })
  if (past.kind === 'not-known') throw notKnown(past.reason)
  return past.context
}

function notKnown(reason: string): ProblemError {
  return new ProblemError('invalid', { faults: [{ pointer: '/at', message: `this moment ${reason}` }] })
}
