/** Of the process itself: whether it is ready, and what its API looks like. */
import { z } from 'zod'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import { healthSchema } from './open.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

export function processRoutes(app: Api, parts: Parts): void {
  const common = { tags: ['process'], querystring: noQuery }
  const response = { 200: healthSchema, ...PROBLEM_REPLIES }
  app.get(
    '/readyz',
    {
      schema: { ...common, summary: 'The API can do its work; 503 with what is missing otherwise', response },
    },
    async (_request, reply) => {
      const { service, store } = parts()
      const missing = service.isLoaded ? [] : ['the configuration has not been loaded']
      const reachable = await store.head().then(
        () => true,
        (error: unknown) => {
          app.log.error({ err: error }, 'the store cannot be read')
          return false
        },
      )
      if (!reachable) missing.push('the store cannot be read')
      if (missing.length > 0) throw new ProblemError('not-ready', { detail: missing.join('; ') })
      return reply.send({ status: 'ok' })
    },
  )
  const described = z.record(z.string(), z.unknown()).describe('OpenAPI 3.1')
  app.get(
    '/v1/openapi.json',
    { schema: { ...common, summary: 'This description', response: { 200: described, ...PROBLEM_REPLIES } } },
    () => app.swagger() as unknown as Record<string, unknown>,
  )
}
