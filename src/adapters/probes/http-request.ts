/**
 * The request of an HTTP probe, and where a redirect leads. Pure.
 * What must stay true: a probe never leaves the address, port and scheme that it was told to check, whatever the reply says;
 * there is one Host and no body (the monitor's schema refuses headers that say otherwise).
 */
import type { HttpMonitor } from '../../core/model/monitor.ts'
import { familyOf } from '../../core/net/address.ts'
import type { ProbeTarget } from '../../ports/prober.ts'

export interface HttpRequest {
  readonly method: HttpMonitor['method']
  /** Origin form: path and query (RFC 9112 section 3.2.1). */
  readonly path: string
}

export type Redirect =
  | { readonly kind: 'follow'; readonly request: HttpRequest }
  | { readonly kind: 'refused'; readonly detail: string }

/** The Host header: the monitor's, or address:port (RFC 9110 section 7.2). */
export function hostOf(monitor: HttpMonitor, target: ProbeTarget): string {
  return monitor.host ?? authorityOf(target)
}

/** The bytes of one request. Configured headers replace our own of the same name. */
export function formatRequest(request: HttpRequest, monitor: HttpMonitor, host: string): string {
  const headers = new Map<string, string>([
    ['host', `Host: ${host}`],
    ['user-agent', 'User-Agent: fairlead-checker'],
    ['accept', 'Accept: */*'],
    ['connection', `Connection: ${monitor.connection === 'keep-alive' ? 'keep-alive' : 'close'}`],
  ])
  for (const [name, value] of Object.entries(monitor.headers))
    headers.set(name.toLowerCase(), `${name}: ${value}`)
  if (request.method === 'POST') headers.set('content-length', 'Content-Length: 0')
  return [`${request.method} ${request.path} HTTP/1.1`, ...headers.values(), '', ''].join('\r\n')
}

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

export interface RedirectContext {
  readonly monitor: HttpMonitor
  readonly target: ProbeTarget
  readonly host: string
  readonly status: number
}

/** Where a redirect leads; only to the same scheme and the same host, by name or by address and port. */
export function followRedirect(
  from: HttpRequest,
  location: string | undefined,
  context: RedirectContext,
): Redirect {
  const { monitor, target, host, status } = context
  if (location === undefined) return refused(`HTTP ${status} without one Location header`)
  const byAddress = `${monitor.kind}://${authorityOf(target)}`
  const byName = URL.canParse(`${monitor.kind}://${host}`) ? `${monitor.kind}://${host}` : byAddress
  const base = new URL(byName + from.path)
  const to = URL.parse(location, base.href)
  if (to === null) return refused(`HTTP ${status} to a Location that is not a URL`)
  const isSameHost = to.host === base.host || to.host === new URL(byAddress).host
  if (to.protocol !== base.protocol || !isSameHost || to.username !== '' || to.password !== '')
    return refused(`HTTP ${status} leads elsewhere: ${to.protocol}//${to.host}${to.pathname}`)
  return {
    kind: 'follow',
    request: { method: methodAfter(status, from.method), path: to.pathname + to.search },
  }
}

/** RFC 9110 sections 15.4.2 to 15.4.9: 303 asks for a GET, and clients turn a POST into one on 301 and 302. */
function methodAfter(status: number, method: HttpRequest['method']): HttpRequest['method'] {
  const turnsPost = status === 301 || status === 302
  if (status === 303 && method !== 'HEAD') return 'GET'
  return turnsPost && method === 'POST' ? 'GET' : method
}

/** address:port, IPv6 in brackets. */
function authorityOf({ address, port }: ProbeTarget): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
}

function refused(detail: string): Redirect {
  return { kind: 'refused', detail }
}
