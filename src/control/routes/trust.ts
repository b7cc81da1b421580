/** Who may be a part of the cluster: join tokens, certificates, revocations. */
import { z } from 'zod'
import { pageSchema } from '../../core/views/page.ts'
import {
  certificateViewSchema,
  createdJoinTokenSchema,
  joinTokenRequestSchema,
  joinTokenViewSchema,
  revocationRequestSchema,
  revocationViewSchema,
} from '../../core/views/trust.ts'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const tags = ['trust']
const config = { role: 'admin' } as const

export function trustRoutes(app: Api, parts: Parts): void {
  joinTokenRoute(app, parts)
  openTokenRoutes(app, parts)
  app.get(
    '/v1/certificates',
    {
      schema: {
        tags,
        summary: "List the certificates that the cluster's authority gave, newest first",
        querystring: noQuery,
        response: { 200: pageSchema(certificateViewSchema), ...PROBLEM_REPLIES },
      },
    },
    async () => ({ items: [...(await parts().trust.certificates())], next: null }),
  )
  app.post(
    '/v1/revocations',
    {
      config,
      schema: {
        tags,
        summary:
          'Revoke a certificate, or all of an identity: within a minute nobody in the cluster believes them',
        querystring: noQuery,
        body: revocationRequestSchema,
        response: { 200: revocationViewSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { which } = request.body
      const { certificates, joinTokens } = await parts().trust.revoke(request.body, request.actor)
      if (certificates.length === 0 && joinTokens === 0)
        throw new ProblemError('not-found', {
          detail: which.startsWith('fairlead:')
            ? `no certificate of ${which} was made here: name its serial`
            : `no certificate with the serial ${which} was made here: nothing is revoked. If it is right all the same, say so (unknown: true, --unknown)`,
        })
      return { revoked: [...certificates], joinTokens }
    },
  )
}

function openTokenRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/join-tokens',
    {
      config,
      schema: {
        tags,
        summary: 'List the join tokens, newest first, without their secrets',
        querystring: noQuery,
        response: { 200: pageSchema(joinTokenViewSchema), ...PROBLEM_REPLIES },
      },
    },
    async () => ({ items: [...(await parts().trust.joinTokens())], next: null }),
  )
  app.delete(
    '/v1/join-tokens/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Revoke a join token: nobody joins by it any more',
        params: z.object({ id: z.uuid() }),
        querystring: noQuery,
        response: { 204: z.undefined().describe('Revoked'), ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      if (!(await parts().trust.endJoinToken(request.params.id, request.actor)))
        throw new ProblemError('not-found', { detail: 'there is no such join token' })
      return reply.code(204).send()
    },
  )
}

function joinTokenRoute(app: Api, parts: Parts): void {
  app.post(
    '/v1/join-tokens',
    {
      config,
      schema: {
        tags,
        summary: 'Make a token by which one node joins, once; it is shown only in this reply',
        querystring: noQuery,
        body: joinTokenRequestSchema,
        response: { 201: createdJoinTokenSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { role, site = '', ...rest } = request.body
      if ((site === '') !== (role === 'control')) {
        const message = role === 'control' ? 'a control is of no site' : `the site of the ${role} is expected`
        throw new ProblemError('invalid', { faults: [{ pointer: '/site', message }] })
      }
      const created = await parts().trust.createJoinToken({ role, site, ...rest }, request.actor)
      if ('kind' in created) throw new ProblemError('refused-step', { detail: created.reason })
      return reply.code(201).header('cache-control', 'no-store').send(created)
    },
  )
}
