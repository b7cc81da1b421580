/**
 * HTTP and HTTPS probes, written by hand on node:net and node:tls: a checker's cost is its probes (health-plane.md, "What a
 * probe may cost").
 * What must stay true: one deadline over connection, handshake, reply and redirects; what the operator's own files lack is a
 * local error, what the endpoint says or fails to say is its own.
 */
import { isIP, type Socket } from 'node:net'
import type { HttpMonitor } from '../../core/model/monitor.ts'
import type { ProbeResult, Prober, ProbeTarget } from '../../ports/prober.ts'
import { BodyMatcher } from './body-matcher.ts'
import { HttpResponseReader, type HttpResponse, type ReadOutcome } from './http-response-reader.ts'
import { followRedirect, formatRequest, hostOf, isRedirect, type HttpRequest } from './http-request.ts'
import type { LoopWatch } from './loop-watch.ts'
import { openConnection, type TlsChoice } from './open-connection.ts'
import { plainText } from './probe-error.ts'
import { ProbeRun } from './probe-run.ts'
import { TlsMaterial } from './tls-material.ts'

/** Success or failure is decided on this much of the body; then the connection is closed. */
const MAX_BODY_BYTES = 65_536
const MAX_REDIRECTS = 5

interface Exchange {
  readonly run: ProbeRun
  readonly monitor: HttpMonitor
  readonly target: ProbeTarget
  readonly host: string
  readonly tls: TlsChoice | null
}

export class HttpProber implements Prober<HttpMonitor> {
  readonly #loopWatch: LoopWatch
  readonly #tlsMaterial = new TlsMaterial()
  readonly #bodyMatcher = new BodyMatcher()

  constructor(loopWatch: LoopWatch) {
    this.#loopWatch = loopWatch
  }

  probe(monitor: HttpMonitor, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const run = new ProbeRun({ timeoutMs: monitor.timeoutMs, signal, loopWatch: this.#loopWatch })
    const host = hostOf(monitor, target)
    const start = (tls: TlsChoice | null) => {
      const { method, path } = monitor
      this.#request({ run, monitor, target, host, tls }, { method, path }, 0)
    }
    if (monitor.kind === 'http') start(null)
    else
      void this.#chooseTls(run, monitor, target).then((tls) => {
        if (tls !== null) start(tls)
      })
    return run.result
  }

  /** null: the run has ended. */
  async #chooseTls(
    run: ProbeRun,
    monitor: Extract<HttpMonitor, { kind: 'https' }>,
    target: ProbeTarget,
  ): Promise<TlsChoice | null> {
    run.stage = 'local files'
    const loaded = await this.#tlsMaterial.load(monitor.tls)
    if (loaded.kind === 'fault') run.settle({ kind: 'local-error', detail: loaded.detail })
    if (loaded.kind === 'fault' || run.isSettled) return null
    const { verify, serverName } = monitor.tls
    const expectedName = serverName ?? (hostNameOf(hostOf(monitor, target)) || target.address)
    return {
      context: loaded.context,
      verify,
      expectedName,
      ...(isIP(expectedName) === 0 && { serverName: expectedName }),
    }
  }

  #request(exchange: Exchange, request: HttpRequest, redirects: number): void {
    const { run, monitor, target, host, tls } = exchange
    openConnection(run, { target, sourceAddress: monitor.sourceAddress, tls }, (socket) => {
      const reader = new HttpResponseReader({
        isHead: request.method === 'HEAD',
        maxBodyBytes: MAX_BODY_BYTES,
      })
      readReply({ run, socket, reader }, (outcome) => {
        if (outcome.kind === 'malformed') run.settle({ kind: 'failure', detail: outcome.detail })
        else
          run.decide(() => {
            this.#judge(exchange, outcome.response, { request, redirects })
          })
      })
      socket.write(formatRequest(request, monitor, host), 'latin1')
    })
  }

  #judge(
    exchange: Exchange,
    response: HttpResponse,
    sent: { request: HttpRequest; redirects: number },
  ): void {
    const { run, monitor, target, host } = exchange
    const { status } = response
    if (monitor.followRedirects && isRedirect(status)) {
      const locations = response.headers.get('location') ?? []
      const location = locations.length === 1 ? locations[0] : undefined
      const redirect = followRedirect(sent.request, location, { monitor, target, host, status })
      if (redirect.kind === 'refused')
        run.settle({ kind: 'failure', detail: plainText(redirect.detail), status })
      else if (sent.redirects === MAX_REDIRECTS)
        run.settle({
          kind: 'failure',
          detail: `HTTP ${status}: more than ${MAX_REDIRECTS} redirects`,
          status,
        })
      else this.#request(exchange, redirect.request, sent.redirects + 1)
      return
    }
    const fault = this.#faultOf(monitor, response)
    if (fault === null) run.settle({ kind: 'success', detail: `HTTP ${status}`, status })
    else run.settle({ kind: 'failure', detail: fault, status })
  }

  /** null: the response is what the monitor wants. */
  #faultOf(monitor: HttpMonitor, response: HttpResponse): string | null {
    const { status, body, isTruncated } = response
    if (!isExpected(status, monitor.expectStatus))
      return `HTTP ${status}, expected ${monitor.expectStatus.join(', ')}`
    if (monitor.bodyMatch === undefined || this.#bodyMatcher.matches(monitor.bodyMatch, body)) return null
    const where = isTruncated ? `the first ${MAX_BODY_BYTES} bytes of the body do` : 'the body does'
    return `HTTP ${status}, but ${where} not match`
  }
}

/** Calls `onOutcome` once, when the reply is complete or cannot become so. */
function readReply(
  { run, socket, reader }: { run: ProbeRun; socket: Socket; reader: HttpResponseReader },
  onOutcome: (outcome: Exclude<ReadOutcome, { kind: 'more' }>) => void,
): void {
  const sentAtMs = performance.now()
  const take = (outcome: ReadOutcome) => {
    if (outcome.kind === 'more') return
    socket.off('data', onData)
    socket.off('end', onEnd)
    onOutcome(outcome)
  }
  const onData = (chunk: Buffer) => {
    if (run.stage === 'reply') {
      run.phases.firstByteMs = performance.now() - sentAtMs
      run.stage = 'rest of the reply'
    }
    take(reader.push(chunk))
  }
  const onEnd = () => {
    take(reader.end())
  }
  socket.on('data', onData)
  socket.on('end', onEnd)
}

function isExpected(status: number, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const [low = '', high = low] = range.split('-')
    return status >= Number(low) && status <= Number(high)
  })
}

/** The host of a Host header, without port and brackets. */
function hostNameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)
  return bracketed?.[1] ?? host.replace(/:\d*$/, '')
}
