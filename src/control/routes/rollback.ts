/** Back to an earlier revision, as a new one. */
import { z } from 'zod'
import { changeOutcomeSchema } from '../../core/views/change-set.ts'
import type { Api, Parts } from '../api-parts.ts'
import type { ChangeDecision } from '../change-order.ts'
import { ProblemError } from '../problem-error.ts'
import { rollbackTo } from '../rollback.ts'
import { replyToChange, writeQuery } from './change-reply.ts'
import { revisionNumber } from './queries.ts'
import { PROBLEM_REPLIES, PROPOSED } from './replies.ts'

export function rollbackRoutes(app: Api, parts: Parts): void {
  app.post(
    '/v1/revisions/:number/rollback',
    {
      schema: {
        tags: ['revisions'],
        summary: 'Make the configuration what it was at a revision',
        description:
          'Becomes a new revision. Overrides and drains stay as they are, and so do keys. With dryRun it compares: the changes since that revision, taken back.',
        params: z.object({ number: revisionNumber }),
        querystring: writeQuery,
        response: { 200: changeOutcomeSchema, ...PROPOSED, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { service, store } = parts()
      const number = Number(request.params.number)
      await service.refresh()
      const now = service.current
      const rollback = await rollbackTo(number, { store, now })
      if (rollback.kind === 'not-found') throw new ProblemError('not-found', { detail: rollback.detail })
      if (rollback.kind === 'not-known') throw new ProblemError('refused-step', { detail: rollback.detail })
      const { message = `rollback to revision ${number}`, dryRun, force, breakGlass } = request.query
      const result = await service.change({
        ...{ actor: request.actor, message, dryRun: dryRun === 'true', force: force === 'true' },
        breakGlass,
        decide: ({ revision }): ChangeDecision =>
          revision === now.revision
            ? rollback
            : {
                kind: 'precondition-failed',
                detail: `revision ${revision} came while revision ${now.revision} was being rolled back: look again`,
              },
      })
      return reply.send(replyToChange(reply, { result, parts: parts() }))
    },
  )
}
