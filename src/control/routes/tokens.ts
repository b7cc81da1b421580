/** Tokens: list, make, revoke. */
import { z } from 'zod'
import { pageSchema } from '../../core/views/page.ts'
import { createdTokenSchema, tokenRequestSchema, tokenSchema } from '../../core/views/token.ts'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import { LOCAL_TOKEN } from '../token-service.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

export function tokenRoutes(app: Api, parts: Parts): void {
  const tags = ['tokens']
  app.get(
    '/v1/tokens',
    {
      schema: {
        tags,
        summary: 'List tokens, without their secrets',
        querystring: noQuery,
        response: { 200: pageSchema(tokenSchema), ...PROBLEM_REPLIES },
      },
    },
    () => ({ items: parts().tokens.list(), next: null }),
  )
  app.post(
    '/v1/tokens',
    {
      schema: {
        tags,
        summary: 'Make a token; it is shown only in this reply',
        querystring: noQuery,
        body: tokenRequestSchema,
        response: { 201: createdTokenSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { name } = request.body
      if (name === LOCAL_TOKEN) {
        const message = `'${LOCAL_TOKEN}' is the token in the token file: choose another name`
        throw new ProblemError('invalid', { faults: [{ pointer: '/name', message }] })
      }
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await parts().tokens.create(name))
    },
  )
  app.delete(
    '/v1/tokens/:id',
    {
      schema: {
        tags,
        summary: 'Revoke a token',
        params: z.object({ id: z.string().max(100) }),
        querystring: noQuery,
        response: { 204: z.undefined().describe('Revoked'), ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      if (!(await parts().tokens.remove(id)))
        throw new ProblemError('not-found', { detail: 'there is no such token' })
      return reply.code(204).send()
    },
  )
}
