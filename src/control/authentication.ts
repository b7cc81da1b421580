/**
 * Who a request is from, and whether it may use the route: by its bearer token, or 401; by its role, or 403. What it may change is
 * decided where it is known (configuration-service.ts).
 * What must stay true: no route behind it runs without a valid token; every attempt that is denied, here or further on, reaches the
 * audit log; an address that fails too often is told to wait.
 */
import type { FastifyRequest } from 'fastify'
import { hasRole, type Role } from '../core/access/access.ts'
import type { Actor } from './actor.ts'
import type { Api, ApiParts, Parts } from './api-parts.ts'
import type { AttemptLimiter } from './people/attempt-limiter.ts'
import { ProblemError } from './problem-error.ts'

const NOBODY: Actor = { name: '', from: '', access: { role: 'viewer' } }

const DENIALS = new Set(['unauthorized', 'login-refused', 'no-role', 'too-many-attempts', 'forbidden'])

/** Every request, until it is known whose it is. */
export function beginAsNobody(api: Api): void {
  api.decorateRequest('actor')
  api.decorateRequest('token')
  api.addHook('onRequest', (request, _reply, done) => {
    request.actor = NOBODY
    request.token = null
    done()
  })
}

export function authenticate(api: Api, parts: Parts): void {
  api.addHook('onRequest', async (request) => {
    const { tokens, attempts, observer } = parts()
    const given = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const owner = given === undefined ? null : await tokens.recognise(given)
    if (owner === null)
      throw problemOfAttempt(new ProblemError('unauthorized'), {
        attempts,
        address: request.ip,
        nowMs: observer.clock.wallMs(),
      })
    const { name, role, scope } = owner
    request.actor = { name, from: request.ip, access: { role, ...(scope && { scope }) } }
    request.token = owner
    const needed = request.routeOptions.config.role
    if (needed !== undefined && !hasRole(owner, needed)) throw forbidden(needed, role)
  })
}

/** What an attempt that failed is told: why, or to wait. */
export function problemOfAttempt(
  problem: ProblemError,
  about: { readonly attempts: AttemptLimiter; readonly address: string; readonly nowMs: number },
): ProblemError {
  const waitSec = about.attempts.failed(about.address, about.nowMs)
  return waitSec === 0 ? problem : new ProblemError('too-many-attempts', { retryAfterSec: waitSec })
}

function forbidden(needed: Role, role: Role): ProblemError {
  return new ProblemError('forbidden', { detail: `this is for the role ${needed}, not for ${role}` })
}

/** Of whatever became a problem: keeps it, where somebody was turned away. */
export function auditDenial(
  request: FastifyRequest,
  { kind, details, message }: ProblemError,
  { denials }: Pick<ApiParts, 'denials'>,
): void {
  if (!DENIALS.has(kind)) return
  const path = request.url.split('?')[0] ?? ''
  const { name: actor } = request.actor
  const action = `${request.method} ${path}`.slice(0, 500)
  const detail = (details.detail ?? message).slice(0, 2_000)
  // Whoever the provider knows, without a role, is a stranger here: as many as it has, or lets in.
  denials.denied({ actor, from: request.ip, action, detail, ...(request.token === null && { by: '' }) })
}
