/** Whose share of the audit log somebody takes who was turned away. */
import fastify from 'fastify'
import { expect, it } from 'vitest'
import type { Api } from './api-parts.ts'
import { auditDenial, beginAsNobody } from './authentication.ts'
import type { Token } from '../core/views/token.ts'
import { installErrorHandling } from './error-handling.ts'
import type { Denial } from './people/denial.ts'
import type { DenialAuditor } from './people/denial-auditor.ts'
import { ProblemError, type ProblemKind } from './problem-error.ts'

it('who has no role at the provider is no more known than who has no token', async () => {
  const told: Denial[] = []
  const denials: Pick<DenialAuditor, 'denied'> = { denied: (denial) => told.push(denial) }
  const app = fastify() as unknown as Api
  beginAsNobody(app)
  installErrorHandling(app, (request, problem) => {
    auditDenial(request, problem, { denials: denials as DenialAuditor })
  })
  app.post('/v1/:kind', (request) => {
    request.actor = { ...request.actor, name: 'ann@example.test', from: request.ip }
    if (request.url === '/v1/forbidden') request.token = { name: 'ann@example.test' } as Token
    const { kind } = request.params as { readonly kind: ProblemKind }
    throw new ProblemError(kind, { detail: 'no' })
  })
  for (const kind of ['no-role', 'too-many-attempts', 'forbidden'])
    await app.inject({ method: 'POST', url: `/v1/${kind}` })
  await app.close()
  const same = { actor: 'ann@example.test', from: '127.0.0.1', detail: 'no' }
  expect(told).toEqual([
    { ...same, action: 'POST /v1/no-role', by: '' },
    { ...same, action: 'POST /v1/too-many-attempts', by: '' },
    { ...same, action: 'POST /v1/forbidden' },
  ])
})
