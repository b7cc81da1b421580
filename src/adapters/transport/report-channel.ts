/**
 * Reports to one control: one POST at a time, everything that gathered meanwhile in the next.
 * What must stay true: what waits is bounded; a control that was away, or was started anew, is first told everything that
 * holds, because what was said before is lost with it.
 */
import { Agent, request } from 'node:https'
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'
import type { NodeReport } from '../../ports/report.ts'
import { Backoff } from './backoff.ts'
import { faultOfControl } from './fault-of-control.ts'
import type { ControlAddress } from './feed-connection.ts'
import { AUTHORITIES_HEADER, REVOCATIONS_HEADER, type TrustHint } from './revocations.ts'
import type { TlsIdentity } from './tls-identity.ts'

export interface ReportChannelOptions {
  readonly to: ControlAddress
  readonly tls: TlsIdentity
  readonly clock: Clock
  readonly logger: Logger
  /** All reports that hold now. */
  readonly everything: () => readonly NodeReport[]
  readonly onTrust: (hint: TrustHint) => void
}

const MAX_WAITING = 2_000
const MAX_BODY_BYTES = 4 * 1_024 * 1_024
const ANSWER_MS = 10_000
const BACKOFF = { firstMs: 500, maxMs: 10_000 }

export class ReportChannel {
  readonly #options: ReportChannelOptions
  readonly #backoff = new Backoff(BACKOFF)
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 })
  #waiting: NodeReport[] = []
  #latest: NodeReport | null = null
  #instance: string | null = null
  #isBusy = false
  #isOnItsWay = false
  #stopped = false
  #saidAway = false
  #cancel: () => void = () => undefined

  constructor(options: ReportChannelOptions) {
    this.#options = options
  }

  say(report: NodeReport): void {
    // While nothing is known of the control everything will be said anyway, except what only happens once; what comes while that is
    // on its way is not in it.
    if (this.#instance === null && !this.#isOnItsWay && !happensOnce(report)) return
    if (this.#waiting.length >= MAX_WAITING) {
      this.#waiting = this.#waiting.slice(MAX_WAITING / 2)
      this.#instance = null
    }
    this.#waiting.push(report)
    this.#sendSoon()
  }

  /** Takes the place of the one before. */
  sayLatest(report: NodeReport): void {
    this.#latest = report
    this.#sendSoon()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
    this.#agent.destroy()
  }

  #sendSoon(): void {
    if (this.#isBusy || this.#stopped) return
    this.#isBusy = true
    // Once this turn of the loop is over: the node's own work comes first, and a burst is one request.
    setImmediate(() => {
      this.#send()
    })
  }

  #send(): void {
    const reports =
      this.#instance === null ? [...this.#options.everything(), ...this.#waiting] : this.#waiting
    const latest = this.#instance === null || this.#latest === null ? [] : [this.#latest]
    const wasUnknown = this.#instance === null
    const { body, rest } = bodyOf([...reports, ...latest])
    this.#waiting = rest
    this.#latest = null
    this.#isOnItsWay = true
    this.#post(body)
      .then((instance) => {
        this.#isOnItsWay = false
        if (this.#saidAway)
          this.#options.logger.info({ control: this.#options.to }, 'a control takes reports again')
        this.#saidAway = false
        this.#backoff.reset()
        // A new one has heard nothing of what came before this.
        this.#instance = wasUnknown || instance === this.#instance ? instance : null
        this.#goOn(0)
      })
      .catch((error: unknown) => {
        this.#isOnItsWay = false
        this.#instance = null
        this.#waiting = this.#waiting.filter(happensOnce)
        const reason = error instanceof Error ? error.message : String(error)
        if (!this.#saidAway && !this.#stopped)
          this.#options.logger.warn({ control: this.#options.to, reason }, 'a control takes no reports')
        this.#saidAway = true
        this.#goOn(this.#backoff.next(Math.random()))
      })
  }

  #goOn(delayMs: number): void {
    if (this.#stopped) return
    const goOn = () => {
      this.#isBusy = false
      if (this.#waiting.length > 0 || this.#latest !== null || this.#instance === null) this.#sendSoon()
    }
    if (delayMs === 0) goOn()
    else this.#cancel = this.#options.clock.after(delayMs, goOn)
  }

  /** Resolves with the instance of the control that took it. */
  #post(body: Buffer): Promise<string> {
    const { to, tls, clock } = this.#options
    // Reports are not for who was revoked since.
    for (const sockets of Object.values(this.#agent.freeSockets))
      for (const socket of sockets ?? []) if (tls.peerOf(socket)?.role !== 'control') socket.destroy()
    return new Promise((resolve, reject) => {
      const posting = request({
        ...tls.options,
        ...{ host: to.host, port: to.port, method: 'POST', path: '/v1/reports', agent: this.#agent },
        headers: { 'content-type': 'application/x-ndjson', 'content-length': body.length },
        rejectUnauthorized: true,
        checkServerIdentity: (_host, certificate) => faultOfControl(certificate, tls.revocations),
      })
      const cancel = clock.after(ANSWER_MS, () => {
        posting.destroy(new Error(`no answer within ${ANSWER_MS / 1_000} s`))
      })
      posting.once('response', (response) => {
        const isControl = tls.peerOf(response.socket)?.role === 'control'
        response.resume()
        response.once('close', () => {
          cancel()
          const instance = response.headers['fairlead-instance']
          const revocations = response.headers[REVOCATIONS_HEADER]
          const version = Number(response.headers[AUTHORITIES_HEADER] ?? 0)
          if (isControl && typeof revocations === 'string')
            this.#options.onTrust({ digest: revocations, version, from: to })
          if (isControl && response.statusCode === 204 && typeof instance === 'string') resolve(instance)
          else reject(new Error(`it answered with status ${response.statusCode ?? 0}`))
        })
      })
      posting.once('error', (error) => {
        cancel()
        reject(error)
      })
      posting.end(body)
    })
  }
}

function happensOnce({ kind }: NodeReport): boolean {
  return kind === 'event' || kind === 'refused'
}

/** As many reports as fit into one request, at least one, and those that are left. */
function bodyOf(reports: readonly NodeReport[]): { body: Buffer; rest: NodeReport[] } {
  const lines: string[] = []
  let length = 0
  for (const report of reports) {
    const line = `${JSON.stringify(report)}\n`
    if (length > 0 && length + line.length > MAX_BODY_BYTES) break
    lines.push(line)
    length += line.length
  }
  return { body: Buffer.from(lines.join('')), rest: reports.slice(lines.length) }
}
