/** Logging out: the token of a login ends by its own request. */
import { z } from 'zod'
import { isOfLogin } from '../../core/access/login-name.ts'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

export function logoutRoute(app: Api, parts: Parts): void {
  app.delete(
    '/v1/login',
    {
      schema: {
        tags: ['tokens'],
        summary: 'Log out: revoke the token of a login that the request comes with',
        querystring: noQuery,
        response: { 204: z.undefined().describe('Revoked'), ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { token, actor } = request
      if (token === null) throw new ProblemError('unauthorized')
      if (!isOfLogin(token.name))
        throw new ProblemError('refused-step', {
          detail: `the token of '${token.name}' was not made by a login: fairlead token revoke ${token.id}`,
        })
      await parts().tokens.remove(token.id, actor, 'logout')
      return reply.code(204).send()
    },
  )
}
