/**
 * The edge where faults become RFC 9457 problems, each one of them: those of the routes, of Fastify, of the store, of Node's
 * HTTP parser. What must stay true: nothing that went wrong inside is told to a client beyond the request's id, by which it
 * is found in the log.
 */
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from './api-parts.ts'
import { PROBLEMS, ProblemError, problemOf, type ProblemDetails, type ProblemKind } from './problem-error.ts'

export const PROBLEM_TYPE = 'application/problem+json'

export function installErrorHandling(
  app: Api,
  onProblem: (request: FastifyRequest, problem: ProblemError) => void,
): void {
  const routes: { readonly method: string; readonly pattern: RegExp }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)
    for (const one of [method].flat()) routes.push({ method: one, pattern })
  })
  app.setErrorHandler((error, request, reply) => {
    const problem = problemFrom(error, request)
    onProblem(request, problem)
    return sendProblem(request, reply, problem)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const allowed = routes.filter((route) => route.pattern.test(path)).map((route) => route.method)
    if (allowed.length === 0) return sendProblem(request, reply, new ProblemError('not-found'))
    const allow = [...new Set(allowed)].sort().join(', ')
    const detail = `${request.method} is not possible here: ${allow}`
    return sendProblem(
      request,
      reply.header('allow', allow),
      new ProblemError('method-not-allowed', { detail }),
    )
  })
}

/** For faults in a request's address, before there is a route. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  { kind, details }: ProblemError,
): FastifyReply {
  const problem = problemOf(kind, details, request.id)
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer')
  if (details.retryAfterSec !== undefined) void reply.header('retry-after', details.retryAfterSec)
  // Through a string: the serialisers of the route are for its own replies.
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
}

const OF_FASTIFY: Readonly<Record<string, ProblemKind>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_MAX_PARAM_LENGTH: 'url-too-long',
}

const UNKNOWN =
  'whether the change was kept is not known: look, or send the same change set with its id again'

export function problemFrom(error: unknown, request: FastifyRequest): ProblemError {
  if (error instanceof ProblemError) return error
  const { code, name, statusCode, message } = error as Error & { code?: string; statusCode?: number }
  const known = OF_FASTIFY[code ?? '']
  if (known !== undefined) return new ProblemError(known, { detail: message, cause: error })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ProblemError('malformed-request', { detail: message, cause: error })
  request.log.error({ err: error }, 'a request failed')
  if (name === 'DatabaseError') {
    if (code === 'disk-full') return new ProblemError('storage-full', { detail: message, cause: error })
    const isOpen = code === 'unknown' && request.method !== 'GET'
    const detail = isOpen ? `${UNKNOWN}; see the log` : 'see the log'
    if (code !== 'defect') return new ProblemError('storage', { detail, cause: error })
  }
  return new ProblemError('internal', { detail: 'see the log', cause: error })
}

/** What Node's parser refuses, or what did not come in time: there is no request yet, only a socket. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [kind, details] = ofParser(error.code ?? '')
  const body = JSON.stringify(problemOf(kind, details, undefined))
  const { status, title } = PROBLEMS[kind]
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function ofParser(code: string): [ProblemKind, ProblemDetails] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['request-timeout', {}]
  if (code === 'HPE_HEADER_OVERFLOW') return ['headers-too-large', {}]
  return ['malformed-request', { detail: 'this is not HTTP/1.1' }]
}
