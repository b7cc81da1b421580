/**
 * What a complete HTTP reply says of the endpoint. It looks at nothing but the reply, the request and the monitor.
 * What must stay true: everything that is not what the monitor asks for is a failure, with one sentence that says why.
 */
import type { HttpMonitor } from '../../core/model/monitor.ts'
import type { ProbeTarget } from '../../ports/prober.ts'
import { BodyMatcher } from './body-matcher.ts'
import type { HttpResponse } from './http-response-reader.ts'
import { followRedirect, isRedirect, type HttpRequest } from './http-request.ts'
import { plainText } from './probe-error.ts'

/** Success or failure is decided on this much of the body; then the connection is closed. */
export const MAX_BODY_BYTES = 65_536
const MAX_REDIRECTS = 5

export type Judgement =
  | {
      readonly kind: 'success'
      readonly detail: string
      readonly status: number
      /** Why the endpoint is degraded, in words, if it is. */
      readonly degraded: string | undefined
    }
  | { readonly kind: 'failure'; readonly detail: string; readonly status: number }
  /** The answer is elsewhere on the same endpoint. */
  | { readonly kind: 'follow'; readonly request: HttpRequest }

export interface Asked {
  readonly monitor: HttpMonitor
  readonly target: ProbeTarget
  readonly host: string
  readonly request: HttpRequest
  /** The request as it is sent. */
  readonly text: string
  /** Redirects that led to this request. */
  readonly redirects: number
}

export class ReplyJudge {
  readonly #bodyMatcher = new BodyMatcher()

  judge(asked: Asked, response: HttpResponse): Judgement {
    const { monitor, redirects } = asked
    const { status } = response
    if (monitor.followRedirects && isRedirect(status)) {
      const locations = response.headers.get('location') ?? []
      const location = locations.length === 1 ? locations[0] : undefined
      const redirect = followRedirect(asked.request, location, { ...asked, status })
      if (redirect.kind === 'refused') return { kind: 'failure', detail: plainText(redirect.detail), status }
      if (redirects === MAX_REDIRECTS)
        return { kind: 'failure', detail: `HTTP ${status}: more than ${MAX_REDIRECTS} redirects`, status }
      return redirect
    }
    const fault = this.#faultOf(monitor, response)
    return fault === null
      ? { kind: 'success', detail: `HTTP ${status}`, status, degraded: degradedBy(monitor, response) }
      : { kind: 'failure', detail: fault, status }
  }

  /** null: the response is what the monitor wants. */
  #faultOf(monitor: HttpMonitor, response: HttpResponse): string | null {
    const { status, body, isTruncated } = response
    if (!isAmong(status, monitor.expectStatus) && !isAmong(status, monitor.degraded?.status ?? []))
      return `HTTP ${status}, expected ${monitor.expectStatus.join(', ')}`
    if (monitor.bodyMatch === undefined || this.#bodyMatcher.matches(monitor.bodyMatch, body)) return null
    const where = isTruncated ? `the first ${MAX_BODY_BYTES} bytes of the body do` : 'the body does'
    return `HTTP ${status}, but ${where} not match`
  }
}

/** What the monitor names as a sign of a degraded endpoint, in words; undefined: none of it. */
function degradedBy({ degraded }: HttpMonitor, { status, headers }: HttpResponse): string | undefined {
  if (degraded === undefined) return undefined
  if (isAmong(status, degraded.status ?? [])) return `status ${status}`
  const { name = '', value } = degraded.header ?? {}
  const values = headers.get(name.toLowerCase())
  if (values === undefined) return undefined
  if (value === undefined) return plainText(`header ${name}`)
  return values.some((one) => one === value) ? plainText(`header ${name}: ${value}`) : undefined
}

/** Three digits each, so that ranges compare as text. */
function isAmong(status: number, ranges: readonly string[]): boolean {
  const text = String(status)
  return ranges.some((range) => text >= range.slice(0, 3) && text <= range.slice(-3))
}
