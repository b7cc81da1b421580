/**
 * The API as commands use it: a request out, a parsed view back; everything else becomes one clear sentence and an exit code.
 * What must stay true: redirects are never followed, so that the token stays with the host that it was given for.
 */
import { setDefaultCACertificates } from 'node:tls'
import type { z } from 'zod'
import { CommandError, EXIT, type ExitCode } from '../../core/exit-code.ts'
import type { Fault } from '../../core/model/fault.ts'
import { problemSchema, type Problem } from '../../core/views/problem.ts'
import { printable } from '../output/printable.ts'
import type { Connection } from './find-connection.ts'
import { reasonOf } from './reason-of.ts'

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the address of the API, without a leading slash, each segment encoded: see `apiPath`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
}

const TIMEOUT_MS = 60_000

/** The server refused; `faults` holds all that is wrong with the request. */
export class RefusedError extends CommandError {
  readonly faults: readonly Fault[]

  constructor(exitCode: ExitCode, problem: Pick<Problem, 'title' | 'detail' | 'faults' | 'referrers'>) {
    super(exitCode, messageOf(problem))
    this.name = 'RefusedError'
    this.faults = problem.faults ?? []
  }
}

/** It is not known there, has expired or was revoked. */
export class TokenRefusedError extends CommandError {}

/** Segments of a path, each encoded, so that a name with '/' in it stays one segment. Throws for '.' and '..', which no URL can name. */
export function apiPath(...segments: readonly string[]): string {
  for (const segment of segments)
    if (/^\.{0,2}$/.test(segment)) throw new CommandError(EXIT.badInput, `'${segment}' is not a name`)
  return segments.map(encodeURIComponent).join('/')
}

export class ApiClient {
  readonly #connection: Connection
  readonly #timeoutMs: number

  constructor(connection: Connection, timeoutMs = TIMEOUT_MS) {
    this.#connection = connection
    // For the whole process, as `fetch` takes none of its own: who talks to others too sets theirs in between (login.ts).
    if (connection.authorities !== null) setDefaultCACertificates([connection.authorities])
    this.#timeoutMs = timeoutMs
  }

  get url(): string {
    return this.#connection.url.href
  }

  /** Throws RefusedError for a problem, CommandError when there is no reply or one that is not understood. */
  async send<T extends z.ZodType>(request: ApiRequest, schema: T): Promise<z.output<T>> {
    const response = await this.#fetch(request, AbortSignal.timeout(this.#timeoutMs))
    const body = await this.#bodyOf(response)
    if (!response.ok) throw this.#refusal(response, body)
    const parsed = schema.safeParse(body)
    if (parsed.success) return parsed.data
    throw this.#notFairlead(`its reply to ${request.path} is not understood`, parsed.error)
  }

  /** As `send`, for a reply without a body. */
  async run(request: ApiRequest): Promise<void> {
    const response = await this.#fetch(request, AbortSignal.timeout(this.#timeoutMs))
    if (response.ok) await response.body?.cancel()
    else throw this.#refusal(response, await this.#bodyOf(response))
  }

  /** The body as it comes, for a stream of events. Ends when `signal` aborts. */
  async stream(
    request: ApiRequest,
    options: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#fetch(request, options.signal, options.headers)
    if (!response.ok) throw this.#refusal(response, await this.#bodyOf(response))
    if (response.body === null) throw this.#notFairlead(`its reply to ${request.path} is empty`)
    return response.body
  }

  async #fetch(
    request: ApiRequest,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { url, token, source } = this.#connection
    const target = new URL(request.path, url)
    for (const [key, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) target.searchParams.set(key, value)
    try {
      const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) }
      const type = request.body === undefined ? {} : { 'content-type': 'application/json' }
      return await fetch(target, {
        method: request.method ?? 'GET',
        redirect: 'manual',
        headers: {
          ...{ accept: 'application/json', ...type, ...headers },
          ...(token !== null && { authorization: `Bearer ${token}` }),
        },
        ...body,
        signal,
      })
    } catch (cause) {
      const message = `no Fairlead answers at ${url.origin} (from ${source}): ${reasonOf(cause)}; is it running?`
      throw new CommandError(EXIT.unreachable, message, { cause })
    }
  }

  async #bodyOf(response: Response): Promise<unknown> {
    const text = await response.text().catch((cause: unknown) => {
      const message = `the reply from ${this.#connection.url.origin} broke off: ${reasonOf(cause)}`
      throw new CommandError(EXIT.unreachable, message, { cause })
    })
    try {
      return JSON.parse(text) as unknown
    } catch {
      return null
    }
  }

  #refusal(response: Response, body: unknown): CommandError {
    const { url, source } = this.#connection
    const problem = problemSchema.safeParse(body)
    if (response.status === 401) {
      const why = problem.data?.detail
      if (why !== undefined) return new CommandError(EXIT.denied, printable(`${url.origin}: ${why}`))
      const message = `${url.origin} (from ${source}) refused the token: give a valid one with --token-file or FAIRLEAD_TOKEN, or log in with 'fairlead login'`
      return new TokenRefusedError(EXIT.denied, message)
    }
    if (!problem.success) return this.#notFairlead(`it replied with HTTP ${response.status}`)
    return new RefusedError(exitCodeOf(response.status), problem.data)
  }

  #notFairlead(what: string, cause?: unknown): CommandError {
    const message = `${this.#connection.url.origin} is not the API of a Fairlead of this version: ${what}`
    return new CommandError(EXIT.unreachable, message, { cause })
  }
}

/** Of a refusal that says why. */
function exitCodeOf(status: number): ExitCode {
  if (status === 403) return EXIT.denied
  if (status === 429) return EXIT.unreachable
  return status < 500 ? EXIT.badInput : EXIT.failure
}

function messageOf({ title, detail, referrers }: Pick<Problem, 'title' | 'detail' | 'referrers'>): string {
  const sentence = detail ?? title
  const names = (referrers ?? []).map((one) => `${one.kind} '${one.name}'`)
  const missing = names.filter((name) => !sentence.includes(name))
  return printable(missing.length === 0 ? sentence : `${sentence}: ${missing.join(', ')} refers to it`)
}
