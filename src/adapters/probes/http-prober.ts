/**
 * HTTP and HTTPS probes, written by hand on node:net and node:tls: a checker's cost is its probes (`npm run bench -- probes` has them
 * beside blackbox_exporter and HAProxy).
 * What must stay true: one deadline over connection, handshake, reply and redirects; what the operator's own files lack is a
 * local error, what the endpoint says or fails to say is its own. A kept connection can only show that the endpoint is well:
 * whatever else it gives, and silence for half of the time, is asked again on a new connection, which decides and has half of
 * the time at least. So a close of the server's meanwhile, or a flow that a firewall forgot, is no failure of the endpoint.
 */
import { isIP } from 'node:net'
import type { HttpMonitor } from '../../core/model/monitor.ts'
import type { ProbeResult, Prober, ProbeTarget } from '../../ports/prober.ts'
import type { CheckScope } from './check-scope.ts'
import type { CheckScopes } from './check-scopes.ts'
import { HttpExchange } from './http-exchange.ts'
import { formatRequest, hostOf, type HttpRequest } from './http-request.ts'
import type { LoopWatch } from './loop-watch.ts'
import { endLost, openConnection } from './open-connection.ts'
import type { ProbeConnection, TlsChoice } from './probe-connection.ts'
import { ProbeRun } from './probe-run.ts'
import { ReplyJudge, type Asked } from './reply-judge.ts'
import { TlsMaterial } from './tls-material.ts'

/** A connection that would be idle for longer is not kept: servers and firewalls on the way forget such. */
const MAX_IDLE_MS = 60_000

/** One probe. */
interface Attempt {
  readonly run: ProbeRun
  readonly scope: CheckScope
  readonly asked: Asked
}

export class HttpProber implements Prober<HttpMonitor> {
  readonly #loopWatch: LoopWatch
  readonly #scopes: CheckScopes
  readonly #tlsMaterial = new TlsMaterial()
  readonly #judge = new ReplyJudge()
  /** What was asked of a target last: a check has one target, and asks the same every time. */
  readonly #asked = new WeakMap<ProbeTarget, Asked>()

  constructor(loopWatch: LoopWatch, scopes: CheckScopes) {
    this.#loopWatch = loopWatch
    this.#scopes = scopes
  }

  probe(monitor: HttpMonitor, target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const scope = this.#scopes.of(signal)
    const { timeoutMs } = monitor
    const degradedAboveMs = monitor.degraded?.latencyMs
    const run = new ProbeRun({ timeoutMs, degradedAboveMs, signal, scope, loopWatch: this.#loopWatch })
    const asked = this.#toAsk(monitor, target)
    const kept = scope.take(asked)
    if (kept === null) this.#askAnew({ run, scope, asked })
    else this.#askKept({ run, scope, asked }, kept)
    return run.result
  }

  #toAsk(monitor: HttpMonitor, target: ProbeTarget): Asked {
    const known = this.#asked.get(target)
    if (known?.monitor === monitor) return known
    const { method, path } = monitor
    const host = hostOf(monitor, target)
    const request = { method, path }
    const text = formatRequest(request, monitor, host)
    const asked = { monitor, target, host, request, text, redirects: 0 }
    this.#asked.set(target, asked)
    return asked
  }

  /** On a connection that answered before: only a success counts. */
  #askKept(attempt: Attempt, connection: ProbeConnection): void {
    const { run, asked } = attempt
    let isAskedAnew = false
    const askAnew = () => {
      if (isAskedAnew) return
      isAskedAnew = true
      this.#askAnew(attempt)
    }
    const giveUp = () => {
      run.letGo(connection)
      connection.destroy()
      askAnew()
    }
    let firstByteMs = 0
    run.use(connection)
    run.stage = 'reply'
    run.atHalfTime(askAnew)
    new HttpExchange(connection, asked, {
      onFirstByte: (afterMs) => {
        firstByteMs = afterMs
      },
      onLost: giveUp,
      onOutcome: (outcome) => {
        run.decide(() => {
          const judgement = outcome.kind === 'response' ? this.#judge.judge(asked, outcome.response) : outcome
          if (outcome.kind !== 'response' || judgement.kind !== 'success') {
            giveUp()
            return
          }
          run.phases = { firstByteMs }
          keepOrClose(attempt, connection, outcome.isReusable)
          run.settle(judgement)
        })
      },
    })
  }

  /** On a new connection, which decides. */
  #askAnew(attempt: Attempt): void {
    const { run, asked } = attempt
    const { monitor } = asked
    if (monitor.kind === 'http') this.#ask(attempt, null)
    else
      void this.#chooseTls(run, monitor, asked).then((tls) => {
        if (tls !== null) this.#ask(attempt, tls)
      })
  }

  /** null: the run has ended. */
  async #chooseTls(
    run: ProbeRun,
    monitor: Extract<HttpMonitor, { kind: 'https' }>,
    { host, target }: Asked,
  ): Promise<TlsChoice | null> {
    run.stage = 'local files'
    const loaded = await this.#tlsMaterial.load(monitor.tls)
    if (loaded.kind === 'fault') run.settle({ kind: 'local-error', detail: loaded.detail })
    if (loaded.kind === 'fault' || run.isSettled) return null
    const { verify, serverName } = monitor.tls
    const expectedName = serverName ?? (hostNameOf(host) || target.address)
    return {
      context: loaded.context,
      verify,
      expectedName,
      ...(isIP(expectedName) === 0 && { serverName: expectedName }),
    }
  }

  #ask(attempt: Attempt, tls: TlsChoice | null): void {
    const { run, asked } = attempt
    const { target, monitor } = asked
    openConnection(run, { target, sourceAddress: monitor.sourceAddress, tls }, (connection) => {
      new HttpExchange(connection, asked, {
        onFirstByte: (afterMs) => {
          run.phases.firstByteMs = afterMs
          run.stage = 'rest of the reply'
        },
        onLost: (error) => {
          endLost(run, error)
        },
        onOutcome: (outcome) => {
          if (outcome.kind === 'malformed') run.settle({ kind: 'failure', detail: outcome.detail })
          else
            run.decide(() => {
              const judgement = this.#judge.judge(asked, outcome.response)
              if (judgement.kind === 'follow') this.#follow(attempt, judgement.request, { connection, tls })
              else {
                if (judgement.kind === 'success') keepOrClose(attempt, connection, outcome.isReusable)
                run.settle(judgement)
              }
            })
        },
      })
    })
  }

  #follow(
    { run, scope, asked }: Attempt,
    request: HttpRequest,
    { connection, tls }: { connection: ProbeConnection; tls: TlsChoice | null },
  ): void {
    run.letGo(connection)
    connection.destroy()
    const text = formatRequest(request, asked.monitor, asked.host)
    const next = { ...asked, request, text, redirects: asked.redirects + 1 }
    this.#ask({ run, scope, asked: next }, tls)
  }
}

/** After a success, for the next probe of the check. What is not kept is closed with the run. */
function keepOrClose({ run, scope, asked }: Attempt, connection: ProbeConnection, isReusable: boolean): void {
  connection.uses += 1
  const { monitor, redirects } = asked
  const isWanted = monitor.connection === 'keep-alive' && monitor.intervalMs <= MAX_IDLE_MS
  if (!isWanted || !isReusable || redirects > 0) return
  run.letGo(connection)
  scope.keep(connection, asked)
}

/** The host of a Host header, without port and brackets. */
function hostNameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)
  return bracketed?.[1] ?? host.replace(/:\d*$/, '')
}
