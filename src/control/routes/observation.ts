/** What is going on: status, explain, metrics. */
import { z } from 'zod'
import { address, dnsNameOrWildcard } from '../../core/model/scalars.ts'
import { explain } from '../../core/steering/explain.ts'
import { explanationSchema } from '../../core/views/explanation.ts'
import { statusSchema } from '../../core/views/status.ts'
import type { Api, Parts } from '../api-parts.ts'
import { readMetrics } from '../read-metrics.ts'
import { statusOf } from '../status.ts'
import { limit, noQuery } from './queries.ts'
import { PROBLEM_REPLIES, textReply } from './replies.ts'

const recordType = z.enum(['A', 'AAAA', 'CNAME', 'NS', 'TXT', 'MX', 'SRV', 'CAA', 'HTTPS', 'SVCB'])

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
    '/v1/explain',
    {
      schema: {
        tags,
        summary: 'What is answered for a name, and why',
        querystring: z.strictObject({
          name: dnsNameOrWildcard,
          type: recordType.default('A').describe('Record type'),
          client: address.optional().describe('Address of the client that asks'),
        }),
        response: { 200: explanationSchema, ...PROBLEM_REPLIES },
      },
    },
    (request) => {
      const { observer, locate } = parts()
      const { name, type, client = null } = request.query
      const context = {
        ...observer.snapshot,
        plan: observer.plan,
        atMs: null,
        locate,
        view: observer.view,
        verdict: observer.verdict,
        probes: observer.probes,
        sinceMs: observer.sinceMs,
        published: observer.publication,
      }
      return explain({ name, type, client }, context)
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
