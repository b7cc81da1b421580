/** The authorities of the cluster, and the steps by which one takes the place of another. */
import { z } from 'zod'
import { authorityStepSchema, authorityViewSchema, newAuthoritySchema } from '../../core/views/authority.ts'
import type { Api, Parts } from '../api-parts.ts'
import { ProblemError } from '../problem-error.ts'
import type { AuthorityOutcome } from '../trust/authority-service.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const tags = ['trust']
const config = { role: 'admin' } as const
const authoritiesSchema = z.object({ items: z.array(authorityViewSchema).describe('The current one first') })
/** In a sentence; all of them are in GET /v1/authorities. */
const MAX_NAMES = 20

export function authorityRoutes(app: Api, parts: Parts): void {
  app.get(
    '/v1/authorities',
    {
      schema: {
        tags,
        summary:
          "List the cluster's authorities, with who holds certificates of each and who does not know it yet",
        querystring: noQuery,
        response: { 200: authoritiesSchema, ...PROBLEM_REPLIES },
      },
    },
    async () => ({ items: await parts().authorities.view() }),
  )
  app.post(
    '/v1/authorities',
    {
      config,
      schema: {
        tags,
        summary: 'Begin a rotation: another authority, which everybody is to believe before it signs',
        querystring: noQuery,
        body: newAuthoritySchema,
        response: { 201: authoritiesSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request, reply) => {
      const { certificate, key } = request.body
      const own = certificate === undefined || key === undefined ? null : { certificate, key }
      const { authorities } = parts()
      check(await authorities.rotate(own, request.actor))
      return reply.code(201).send({ items: await authorities.view() })
    },
  )
  app.post(
    '/v1/authorities/steps',
    {
      config,
      schema: {
        tags,
        summary: 'Take the next step of a rotation',
        description: 'Refused with 409 while somebody is not ready for it, who is named.',
        querystring: noQuery,
        body: authorityStepSchema,
        response: { 200: authoritiesSchema, ...PROBLEM_REPLIES },
      },
    },
    async (request) => {
      const { action, force = null } = request.body
      const { authorities } = parts()
      const outcome = await authorities.take(action, { force, actor: request.actor })
      check(outcome, action === 'promote' ? NOT_TOLD : STILL_HELD)
      return { items: await authorities.view() }
    },
  )
}

const NOT_TOLD =
  'these do not have the next authority yet (one that runs has it within a minute; start it, upgrade it, or revoke its certificate)'
const STILL_HELD =
  'these still come with a certificate of the retiring authority (one that runs renews it within a minute; start it, upgrade it, or revoke its certificate)'

function check(outcome: AuthorityOutcome, why = ''): void {
  if (outcome.kind === 'refused') throw new ProblemError('refused-step', { detail: outcome.reason })
  if (outcome.kind !== 'waiting') return
  const { identities } = outcome
  const more = identities.length > MAX_NAMES ? ` and ${identities.length - MAX_NAMES} more` : ''
  const detail = `${why}: ${identities.slice(0, MAX_NAMES).join(', ')}${more}`
  throw new ProblemError('too-early', { detail })
}
