/**
 * The HTTP server of the API: limits, authentication, problems, the description of itself. The routes are in routes/.
 * What must stay true: everything but the liveness, the console's files and the login needs a token, and a login an ID token; every
 * request is bounded in size and time; what is refused is an RFC 9457 problem.
 */
import { randomUUID } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import swagger from '@fastify/swagger'
import Fastify, { LogController } from 'fastify'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { faultsOfZodError } from '../core/model/zod-faults.ts'
import { apiDescription, describeRoute, finishDescription } from './api-description.ts'
import type { Api, Parts } from './api-parts.ts'
import { auditDenial, authenticate, beginAsNobody } from './authentication.ts'
import { installErrorHandling, problemFrom, refuseConnection, sendProblem } from './error-handling.ts'
import { parseJsonBody } from './json-body.ts'
import { DEFAULT_BODY_LIMIT } from './body-limits.ts'
import { ProblemError } from './problem-error.ts'
import { authorityRoutes } from './routes/authorities.ts'
import { auditRoutes } from './routes/audit.ts'
import { changeSetRoutes } from './routes/change-sets.ts'
import { consoleRoutes } from './routes/console.ts'
import { dnssecRoutes } from './routes/dnssec.ts'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { loginRoute } from './routes/login.ts'
import { logoutRoute } from './routes/logout.ts'
import { masterFileRoute } from './routes/master-file.ts'
import { observationRoutes } from './routes/observation.ts'
import { openRoutes } from './routes/open.ts'
import { operationRoutes } from './routes/operations.ts'
import { processRoutes } from './routes/process.ts'
import { proposalRoutes } from './routes/proposals.ts'
import { resourceRoutes } from './routes/resources.ts'
import { rollbackRoutes } from './routes/rollback.ts'
import { simulationRoutes } from './routes/simulation.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { trustRoutes } from './routes/trust.ts'
import { tsigKeyRoutes } from './routes/tsig-keys.ts'

export interface ServerOptions {
  readonly logger: Logger
  readonly version: string
  readonly times?: Partial<ServerTimes>
  /** Absent: plain HTTP. */
  readonly https?: SecureContextOptions | undefined
}

export interface ServerTimes {
  /** For the headers of a request to arrive. */
  readonly headersMs: number
  /** For a whole request to arrive. */
  readonly requestMs: number
  /** For a client that neither sends nor reads. */
  readonly idleMs: number
}

const DEFAULT_TIMES: ServerTimes = { headersMs: 10_000, requestMs: 30_000, idleMs: 120_000 }
const KEEP_ALIVE_MS = 10_000
const MAX_PARAMETER_CHARACTERS = 2_048

/** Not listening yet. */
export async function buildServer(options: ServerOptions, parts: Parts): Promise<Api> {
  const app = createApp(options)
  installErrorHandling(app, (request, problem) => {
    auditDenial(request, problem, parts())
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (_request, body, done) => {
      try {
        // No body at all is the validation's business: it says what is expected.
        done(null, body.length === 0 ? undefined : parseJsonBody(body as Buffer))
      } catch (error) {
        done(error as Error)
      }
    },
  )
  app.setValidatorCompiler(({ schema, httpPart }) => validator(schema as z.ZodType, httpPart))
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  beginAsNobody(app)
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    const status = `${Math.floor(reply.statusCode / 100)}xx`
    if (route !== '/v1/events')
      parts().metrics.requestSeconds.observe(
        { method: request.method, route, status },
        reply.elapsedTime / 1_000,
      )
    const { method, actor } = request
    const about = { method, status: reply.statusCode, author: actor.name, ms: reply.elapsedTime }
    // What an identity provider sends a browser back with is in the query of the console.
    request.log.debug({ ...about, url: route === '/console/*' ? route : request.url }, 'request')
    done()
  })
  await app.register(swagger, {
    openapi: apiDescription(options.version),
    transform: describeRoute,
    transformObject: finishDescription,
  })
  await app.register((scope, _options, done) => {
    openRoutes(scope as unknown as Api)
    loginRoute(scope as unknown as Api, parts)
    consoleRoutes(scope as unknown as Api, parts)
    done()
  })
  await app.register((scope, _options, done) => {
    const api = scope as unknown as Api
    authenticate(api, parts)
    for (const routes of [
      ...[resourceRoutes, masterFileRoute, dnssecRoutes, operationRoutes, healthRoutes],
      ...[
        changeSetRoutes,
        rollbackRoutes,
        simulationRoutes,
        eventRoutes,
        tokenRoutes,
        logoutRoute,
        tsigKeyRoutes,
        auditRoutes,
        proposalRoutes,
        trustRoutes,
        authorityRoutes,
        processRoutes,
      ],
    ])
      routes(api, parts)
    observationRoutes(api, parts, options.version)
    done()
  })
  return app
}

function createApp({ logger, times, https }: ServerOptions): Api {
  const { headersMs, requestMs, idleMs } = { ...DEFAULT_TIMES, ...times }
  const limits = { headersTimeout: headersMs, connectionsCheckingInterval: Math.min(1_000, headersMs) }
  return Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: DEFAULT_BODY_LIMIT,
    connectionTimeout: idleMs,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    http: limits,
    frameworkErrors: (error, request, reply) => {
      void sendProblem(request, reply, problemFrom(error, request))
    },
    clientErrorHandler: refuseConnection,
    // The types tell servers of http and https apart, and nothing that is used here does.
    ...(https !== undefined && ({ https: { ...https, ...limits } } as object)),
  })
}

function validator(schema: z.ZodType, part: string | undefined) {
  return (data: unknown) => {
    const unfit = part === 'body' ? null : unfitText(data, part)
    if (unfit !== null) return { error: new ProblemError('malformed-request', { detail: unfit }) }
    const parsed = schema.safeParse(data ?? undefined)
    if (parsed.success) return { value: parsed.data }
    const faults = faultsOfZodError(parsed.error, schema)
    if (part === 'body') return { error: new ProblemError('invalid', { faults }) }
    const place = part === 'querystring' ? 'query' : (part ?? 'request')
    const sentences = faults.map(({ pointer, message }) => `${place} '${pointer.slice(1)}': ${message}`)
    return { error: new ProblemError('malformed-request', { detail: sentences.join('; ') }) }
  }
}

/** No name or id holds a control character, and not every store can look for one; what people write may hold all but a NUL. */
function unfitText(data: unknown, part: string | undefined): string | null {
  if (part !== 'params' && part !== 'querystring') return null
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const unfit = part === 'params' ? /[\u0000-\u001f\u007f]/ : /\u0000/
  for (const [name, value] of Object.entries(data ?? {}))
    if (typeof value === 'string' && unfit.test(value))
      return `${part === 'params' ? 'path' : 'query'} '${name}': it holds a control character, which is in no name`
  return null
}
