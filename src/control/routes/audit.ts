/** The audit log, page by page; for admins. */
import { z } from 'zod'
import { auditEntrySchema } from '../../core/views/audit.ts'
import { pageSchema } from '../../core/views/page.ts'
import type { Api, Parts } from '../api-parts.ts'
import { limit } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'
import { timeCursor } from './time-cursor.ts'

export function auditRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/audit',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['audit'],
        summary: 'Every write and every denied attempt, oldest first',
        description:
          'Without `after` and `sinceMs`: the last ones. Entries of several controls are in the order of their clocks.',
        querystring: z.strictObject({
          limit: limit(100, 500),
          after: z.string().max(200).optional().describe('`next` of the page before'),
          outcome: z.enum(['done', 'denied']).optional().describe('Only what ended so'),
          sinceMs: z.coerce.number().int().min(0).optional().describe('No older ones, in ms since the epoch'),
        }),
        response: { 200: pageSchema(auditEntrySchema), ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { audit } = parts().store
      const { limit: wanted, after, sinceMs, outcome } = request.query
      if (after === undefined && sinceMs === undefined) {
        const items = await audit.tail(wanted, outcome)
        return { items: items.map(viewOf), next: null }
      }
      const items = await audit.read({
        ...(after !== undefined && { after: timeCursor.parse(after) }),
        ...(sinceMs !== undefined && { sinceMs }),
        ...(outcome !== undefined && { outcome }),
        limit: wanted,
      })
      const last = items.at(-1)
      const next = items.length === wanted && last !== undefined ? timeCursor.of(last) : null
      return { items: items.map(viewOf), next }
    },
  )
}

function viewOf<T extends { readonly changes: readonly object[] }>(entry: T) {
  return { ...entry, changes: [...entry.changes] as T['changes'][number][] }
}
