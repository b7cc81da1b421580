/** What anybody who can reach the API may ask: whether the process lives, and nothing else. */
import { z } from 'zod'
import type { Api } from '../api-parts.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

export const healthSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })

export function openRoutes(app: Api): void {
  const response = { 200: healthSchema, ...PROBLEM_REPLIES }
  app.get(
    '/healthz',
    {
      schema: {
        ...{ tags: ['process'], security: [], querystring: noQuery },
        ...{ summary: 'The process lives', response },
      },
    },
    () => ({ status: 'ok' as const }),
  )
}
