/**
 * One request to the control that this page came from.
 * What must stay true: whatever happens is an outcome, never an exception; the token goes to this origin and nowhere else.
 */
import type { Problem } from '../../../src/core/views/problem.ts'

export interface Refusal {
  readonly kind: 'refused'
  readonly status: number
  /** Of a problem of Fairlead, such as 'no-role'; '' for a reply of something in between. */
  readonly problem: string
  readonly sentence: string
  readonly retryAfterSec: number | null
}

export interface Away {
  readonly kind: 'away'
  readonly reason: string
}

export type Reply<Body> = { readonly kind: 'ok'; readonly body: Body } | Refusal | Away

export interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly token?: string
  readonly body?: object
}

const LIMIT_MS = 15_000
const PROBLEM_TYPE = 'urn:fairlead:problem:'

/** The body is what the schemas of `src/core/views` say: it is of the control that this page is of. */
export async function call<Body>(request: Request, signal?: AbortSignal): Promise<Reply<Body>> {
  const limit = AbortSignal.timeout(LIMIT_MS)
  try {
    const response = await send(request, signal === undefined ? limit : AbortSignal.any([signal, limit]))
    if (!response.ok) return await refusalOf(response)
    const body: unknown = response.status === 204 ? null : await response.json()
    return { kind: 'ok', body: body as Body }
  } catch (error) {
    return awayOf(error)
  }
}

/** Headers and body alone: for a reply that is read as it comes. Throws what `fetch` throws. */
export function send(
  { method = 'GET', path, token, body }: Request,
  signal: AbortSignal,
  more: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(path, {
    ...{ method, signal, credentials: 'omit', cache: 'no-store', redirect: 'error' },
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...more,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

export async function refusalOf(response: Response): Promise<Refusal> {
  const { status } = response
  const problem = await response.json().then(
    (json: unknown) => json as Partial<Problem> | null,
    () => null,
  )
  const retryAfter = Number(response.headers.get('retry-after') ?? '')
  return {
    ...{ kind: 'refused', status },
    problem: problem?.type?.startsWith(PROBLEM_TYPE) ? problem.type.slice(PROBLEM_TYPE.length) : '',
    sentence: problem?.detail ?? problem?.title ?? `HTTP ${status}`,
    retryAfterSec: retryAfter > 0 ? retryAfter : null,
  }
}

export function awayOf(error: unknown): Away {
  const isLate = error instanceof Error && error.name === 'TimeoutError'
  return { kind: 'away', reason: isLate ? 'the control takes too long' : 'the control does not answer' }
}
