/**
 * Keeps one DNS server running (PowerDNS, or dnsdist before it): starts it, takes over the one that an earlier Fairlead left, restarts one that died or hangs.
 * What must stay true: the server outlives this process however that ends; no process that is not ours is ever signalled; a
 * server that answers is never restarted, except for another configuration. A hung server (neither the control socket nor
 * DNS answers for 3 s) is killed: a stopped one might come back, but until then every query is lost.
 */
import type { ChildProcess } from 'node:child_process'
import type { Logger } from 'pino'
import type { Clock } from '../../ports/clock.ts'
import type { DnsServerListener, DnsServerProcess, DnsServerStatus } from '../../ports/dns-server.ts'
import { endServer, launchServer } from './launch.ts'
import { checkPortFree } from './port-check.ts'
import { findServers, isOurs, signalServer } from './running-servers.ts'
import type { ServerFiles } from './server-files.ts'

export interface ServerProcessOptions {
  readonly binary: string
  readonly files: ServerFiles
  /** Text of its configuration. */
  readonly config: string
  /** Where it is to listen. */
  readonly listen: { readonly addresses: readonly string[]; readonly port: number }
  /** True: `stop` leaves the server answering. */
  readonly leaveRunning: boolean
  readonly control: ServerControl
  /** True when any DNS reply comes within the time. */
  readonly dnsAnswers: (timeoutMs: number) => Promise<boolean>
  readonly listener: DnsServerListener
  readonly clock: Clock
  readonly logger: Logger
}

/** What a server of this kind is asked beside DNS. */
export interface ServerControl {
  /** Never rejects. */
  answers(timeoutMs?: number): Promise<boolean>
  version(timeoutMs?: number): Promise<string>
}

const WATCH_MS = 500
const PROBE_TIMEOUT_MS = 1_000
const HUNG_MS = 3_000
const FIRST_BACKOFF_MS = 100
const MAX_BACKOFF_MS = 5_000
/** The kernel closes the sockets of a process a moment after its command line is gone. */
const LINGER_MS = 1_000
/** A server that ran so long did not fail at its start: the backoff begins anew. */
const STEADY_MS = 10_000

export class ServerProcess implements DnsServerProcess {
  readonly #options: ServerProcessOptions
  #status: DnsServerStatus = { state: 'starting', pid: null, restarts: 0, version: null, detail: 'starting' }
  #digest = ''
  #stopped = false
  #cancelTimer: (() => void) | null = null
  #silentSinceMs: number | null = null
  #failures = 0
  #startedAtMs = 0
  /** One step at a time: watch, start, restart and stop never overlap. */
  #step: Promise<void> = Promise.resolve()

  constructor(options: ServerProcessOptions) {
    this.#options = options
  }

  get #name(): string {
    return this.#options.files.kind.name
  }

  status(): DnsServerStatus {
    return this.#status
  }

  start({ fresh }: { readonly fresh: boolean }): Promise<void> {
    return this.#exclusively(async () => {
      if (this.#stopped) return
      const { files, config } = this.#options
      files.prepare()
      this.#digest = files.writeConfig(config)
      if (fresh || !(await this.#adopt())) await this.#launch()
      files.removeOtherConfigs(this.#digest)
      this.#watchLater()
    })
  }

  restart(reason: string): Promise<void> {
    return this.#exclusively(async () => {
      if (this.#stopped) return
      this.#options.listener.onAlarm(`${this.#name} is restarted: ${reason}`)
      this.#set({ state: 'down', detail: reason, restarts: this.#status.restarts + 1 })
      await this.#relaunch()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer?.()
    await this.#exclusively(async () => {
      this.#cancelTimer?.()
      const { leaveRunning, files } = this.#options
      if (!leaveRunning)
        for (const { pid } of findServers(files.configRoot)) await endServer(pid, files.configRoot)
    })
  }

  /** Takes over the one server that runs with this configuration; ends all others of ours. False: there is none now. */
  async #adopt(): Promise<boolean> {
    const { files, logger } = this.#options
    const servers = findServers(files.configRoot)
    const [same] = servers.filter((server) => server.digest === this.#digest)
    if (same !== undefined && servers.length === 1 && (await this.#answersBoth())) {
      logger.info({ pid: same.pid }, `took over the running ${this.#name}`)
      await this.#begin('adopted', same.pid)
      return true
    }
    return false
  }

  async #launch(): Promise<void> {
    const { files, binary, listen, logger } = this.#options
    const servers = findServers(files.configRoot)
    for (const { pid } of servers) await endServer(pid, files.configRoot)
    const hadOne = servers.length > 0 || this.#status.restarts > 0
    await checkPortFree({ ...listen, lingerMs: hadOne ? LINGER_MS : 0 })
    const answers = () => this.#answersBoth()
    const child = await launchServer({ binary, digest: this.#digest, files, answers })
    child.on('exit', (code, signal) => {
      this.#ended(child, signal ?? `exit code ${String(code)}`)
    })
    if (child.pid === undefined) throw new Error('a started process has no pid')
    logger.info({ pid: child.pid }, `${this.#name} started`)
    await this.#begin('running', child.pid)
  }

  async #begin(state: 'running' | 'adopted', pid: number): Promise<void> {
    this.#silentSinceMs = null
    this.#startedAtMs = this.#options.clock.monotonicMs()
    this.#set({ state, pid, version: null, detail: `${state} with pid ${pid}` })
    await this.#askVersion()
  }

  /** For show only: a server that has answered, and is slow to say which it is, is not one that failed. */
  async #askVersion(): Promise<void> {
    const { control, logger } = this.#options
    try {
      this.#set({ version: await control.version() })
    } catch (error) {
      logger.warn({ err: error }, `${this.#name} does not say its version`)
    }
  }

  /** The end of a child of ours is known at once, before the next watch. */
  #ended(child: ChildProcess, how: string): void {
    this.#inBackground(async () => {
      if (this.#status.pid === child.pid) await this.#died(how)
    })
  }

  async #watch(): Promise<void> {
    const { pid } = this.#status
    const { files, control, dnsAnswers, clock, listener } = this.#options
    if (pid === null) return
    if (!isOurs(pid, files.configRoot)) return this.#died('the process is gone')
    const askedAtMs = clock.monotonicMs()
    const [controlled, answered] = await Promise.all([
      control.answers(PROBE_TIMEOUT_MS),
      dnsAnswers(PROBE_TIMEOUT_MS),
    ])
    if (controlled || answered) {
      this.#silentSinceMs = null
      if (controlled && this.#status.version === null) await this.#askVersion()
      const missing = controlled
        ? 'its control socket answers, DNS does not'
        : 'DNS answers, its control socket does not'
      this.#set({ detail: controlled && answered ? `running with pid ${pid}` : missing })
      return
    }
    this.#silentSinceMs ??= askedAtMs
    const silentMs = clock.monotonicMs() - this.#silentSinceMs
    this.#set({ detail: `no answer for ${Math.round(silentMs)} ms` })
    if (silentMs < HUNG_MS) return
    listener.onAlarm(
      `${this.#name} (pid ${pid}) hangs: neither DNS nor its control socket answers; it is killed and restarted`,
    )
    signalServer(pid, 'SIGKILL', files.configRoot)
    await this.#died('it hung')
  }

  async #died(how: string): Promise<void> {
    const { pid, restarts } = this.#status
    if (pid === null || this.#stopped) return
    this.#options.listener.onAlarm(`${this.#name} (pid ${pid}) ended (${how}) and is restarted`)
    this.#set({ state: 'down', pid: null, detail: how, restarts: restarts + 1 })
    if (this.#options.clock.monotonicMs() - this.#startedAtMs >= STEADY_MS) this.#failures = 0
    else this.#failures += 1
    // The first restart comes at once: a server that ran well has earned it.
    if (this.#failures <= 1) await this.#relaunch()
    else this.#relaunchLater()
  }

  async #relaunch(): Promise<void> {
    try {
      await this.#launch()
      this.#watchLater()
      this.#options.listener.onRestarted()
    } catch (error) {
      this.#failures += 1
      const detail = error instanceof Error ? error.message : String(error)
      this.#options.logger.error({ err: error }, `${this.#name} could not be started`)
      this.#options.listener.onAlarm(`${this.#name} could not be started: ${detail}`)
      this.#set({ state: 'down', pid: null, detail })
      this.#relaunchLater()
    }
  }

  #relaunchLater(): void {
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures)
    this.#later(backoffMs * (0.75 + Math.random() / 2), () => this.#relaunch())
  }

  #watchLater(): void {
    // While it is silent each look takes the probes' whole time: no pause between them.
    this.#later(this.#silentSinceMs === null ? WATCH_MS : 0, async () => {
      await this.#watch()
      if (this.#status.pid !== null) this.#watchLater()
    })
  }

  #later(delayMs: number, step: () => Promise<void>): void {
    this.#cancelTimer?.()
    if (this.#stopped) return
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#inBackground(step)
    })
  }

  #exclusively(step: () => Promise<void>): Promise<void> {
    const run = this.#step.then(step)
    // Whoever asked for the step is told of its failure; the next step only has to wait for its end.
    this.#step = run.catch(() => undefined)
    return run
  }

  #inBackground(step: () => Promise<void>): void {
    const run = this.#exclusively(async () => {
      if (!this.#stopped) await step()
    })
    run.catch((error: unknown) => {
      this.#options.logger.error({ err: error }, `supervising ${this.#name} failed`)
      this.#watchLater()
    })
  }

  async #answersBoth(): Promise<boolean> {
    const { control, dnsAnswers } = this.#options
    return (await control.answers(PROBE_TIMEOUT_MS)) && (await dnsAnswers(PROBE_TIMEOUT_MS))
  }

  #set(change: Partial<DnsServerStatus>): void {
    const next = { ...this.#status, ...change }
    const same = JSON.stringify(next) === JSON.stringify(this.#status)
    this.#status = next
    if (!same) this.#options.listener.onStatus()
  }
}
