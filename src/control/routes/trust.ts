/** Who may be a part of the cluster: join tokens, certificates, revocations. */
import { z } from 'zod'
import { pageSchema } from '../../core/views/page.ts'
import {
  certificateViewSchema,
  createdJoinTokenSchema,
  joinTokenRequestSchema,
  revocationRequestSchema,
} from '../../core/views/trust.ts'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const tags = ['trust']
const config = { role: 'admin' } as const

export function trustRoutes(app: Api, parts: Parts): void {
  joinTokenRoute(app, parts)
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
        response: { 200: z.object({ revoked: z.array(certificateViewSchema) }), ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { which } = request.body
      const revoked = await parts().trust.revoke(which, request.actor)
      if (revoked.length === 0)
        throw new ProblemError('not-found', {
          detail: `no certificate of ${which} was made here: name its serial`,
        })
      return { revoked: [...revoked] }
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
