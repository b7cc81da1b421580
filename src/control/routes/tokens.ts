/** Tokens: list, make, revoke. */
import { z } from 'zod'
import { isOfLogin } from '../../core/access/login-name.ts'
import { pageSchema } from '../../core/views/page.ts'
import {
  createdTokenSchema,
  tokenRequestSchema,
  tokenRotationSchema,
  tokenSchema,
  whoAmISchema,
} from '../../core/views/token.ts'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import { isOfTokenFile } from '../people/token-service.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const tags = ['tokens']
const config = { role: 'admin' } as const
const byId = z.object({ id: z.string().max(100) })

export function tokenRoutes(app: Api, parts: Parts): void {
  whoAmIRoute(app)
  listRoute(app, parts)
  createRoute(app, parts)
  rotateRoute(app, parts)
  revokeRoute(app, parts)
}

function listRoute(app: Api, parts: Parts): void {
  app.get(
    '/v1/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'List tokens, without their secrets',
        querystring: noQuery,
        response: { 200: pageSchema(tokenSchema), ...PROBLEM_REPLIES },
      },
    },
    () => ({ items: parts().tokens.list(), next: null }),
  )
}

function createRoute(app: Api, parts: Parts): void {
  app.post(
    '/v1/tokens',
    {
      config,
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
      if (isOfTokenFile(name)) {
        const message = `'${name}' is the name of a token in a token file: choose another one`
        throw new ProblemError('invalid', { faults: [{ pointer: '/name', message }] })
      }
      if (isOfLogin(name)) {
        const message = `'${name}' is as the names of those who log in by the identity provider: choose another one`
        throw new ProblemError('invalid', { faults: [{ pointer: '/name', message }] })
      }
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await parts().tokens.create(request.body, request.actor))
    },
  )
}

function revokeRoute(app: Api, parts: Parts): void {
  app.delete(
    '/v1/tokens/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Revoke a token',
        description: 'A control makes itself another one at once when that of its token file is revoked.',
        params: byId,
        querystring: noQuery,
        response: { 204: z.undefined().describe('Revoked'), ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      if (!(await parts().tokens.remove(id, request.actor)))
        throw new ProblemError('not-found', { detail: 'there is no such token' })
      return reply.code(204).send()
    },
  )
}

function rotateRoute(app: Api, parts: Parts): void {
  app.post(
    '/v1/tokens/:id/rotate',
    {
      config,
      schema: {
        tags,
        summary: 'Make a new token for the same name, role and scope, and end the old one',
        params: byId,
        querystring: noQuery,
        body: tokenRotationSchema,
        response: { 201: createdTokenSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { tokens } = parts()
      const old = tokens.list().find(({ id }) => id === request.params.id)
      if (old !== undefined && isOfTokenFile(old.name))
        throw new ProblemError('refused-step', {
          detail: `'${old.name}' is in the token file of a control: revoke it, and that control makes itself another one at once`,
        })
      if (old !== undefined && isOfLogin(old.name))
        throw new ProblemError('refused-step', {
          detail: `'${old.name}' has it by a login, which only its owner can do again: fairlead login`,
        })
      const created = await tokens.rotate(request.params.id, request.body, request.actor)
      if (created === null) throw new ProblemError('not-found', { detail: 'there is no such token' })
      return reply.code(201).header('cache-control', 'no-store').send(created)
    },
  )
}

function whoAmIRoute(app: Api): void {
  app.get(
    '/v1/whoami',
    {
      schema: {
        tags,
        summary: 'Whose token this is, and what it may do',
        querystring: noQuery,
        response: { 200: whoAmISchema, ...PROBLEM_REPLIES },
      },
    },
    (request) => {
      const { token } = request
      if (token === null) throw new ProblemError('unauthorized')
      const { name, role, scope, expiresAtMs } = token
      return { name, role, ...(scope && { scope }), expiresAtMs }
    },
  )
}
