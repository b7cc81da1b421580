/**
 * Logging in by the identity provider: the one write that needs no token, as the ID token in it says who it is from.
 * What must stay true: who fails is limited and audited like anybody without a token, and costs the provider nothing from then on;
 * without an ID token nothing is told but where to get one.
 */
import { loginProviderSchema, loginRequestSchema, loginSchema } from '../../core/views/login.ts'
import type { Api, Parts } from '../api-parts.ts'
import { problemOfAttempt } from '../authentication.ts'
import { ProblemError } from '../problem-error.ts'
import { noQuery } from './queries.ts'
import { PROBLEM_REPLIES } from './replies.ts'

const BODY_LIMIT = 131_072
const NONE = 'this control has no identity provider: its setting oidcFile names one'

export function loginRoute(app: Api, parts: Parts): void {
  app.post(
    '/v1/login',
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        ...{ tags: ['tokens'], security: [], querystring: noQuery, body: loginRequestSchema },
        summary: 'Log in by the identity provider: a token for an ID token, once',
        description: 'Without an ID token in it: where to get one.',
        response: {
          200: loginProviderSchema,
          201: loginSchema,
          ...PROBLEM_REPLIES,
        },
      },
    },
    async (request, reply) => {
      const { logins, attempts, observer } = parts()
      if (logins === null) throw new ProblemError('not-found', { detail: NONE })
      const { idToken, nonceKey, lifeSec } = request.body
      void reply.header('cache-control', 'no-store')
      if (idToken === undefined) return reply.code(200).send(logins.provider)
      const mayAsk = attempts.waitSec(request.ip, observer.clock.wallMs()) === 0
      const outcome = await logins.login({ idToken, nonceKey, lifeSec, from: request.ip, mayAsk })
      const failed = (kind: 'login-refused' | 'no-role', detail: string) =>
        problemOfAttempt(new ProblemError(kind, { detail }), {
          ...{ attempts, address: request.ip, nowMs: observer.clock.wallMs() },
        })
      switch (outcome.kind) {
        case 'in':
          return reply.code(201).send(outcome.token)
        case 'refused':
          throw failed('login-refused', outcome.reason)
        case 'no-role':
          request.actor = { ...request.actor, name: outcome.name, from: request.ip }
          throw failed('no-role', outcome.reason)
        case 'away':
          throw new ProblemError('identity-provider', { detail: outcome.reason })
      }
    },
  )
}
