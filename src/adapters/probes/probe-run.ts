/**
 * The frame around one probe: its deadline, its abortion, its connections, its one result.
 * What must stay true: it settles exactly once and then holds no connection, timer or listener; a time-out is declared only
 * after the endpoint had `timeoutMs` of the loop's attention (LoopWatch) and one more turn of the loop found nothing new.
 */
import type { ProbePhases } from '../../core/health/frame.ts'
import type { ProbeResult } from '../../ports/prober.ts'
import type { CheckScope } from './check-scope.ts'
import type { LoopWatch } from './loop-watch.ts'
import type { ProbeConnection } from './probe-connection.ts'
import { classifyError, plainText } from './probe-error.ts'

/** What the probe is waiting for; a time-out names it. Waiting for ourselves is never held against the endpoint. */
export type ProbeStage =
  'local files' | 'name lookup' | 'connection' | 'TLS handshake' | 'reply' | 'rest of the reply'

/** A resolver that is slow, or does not know the name, is on our side: it says nothing about the endpoint. */
const OURS: ReadonlySet<ProbeStage> = new Set(['local files', 'name lookup'])

export interface ProbeRunOptions {
  readonly timeoutMs: number
  /** A success that takes longer is a degraded one. */
  readonly degradedAboveMs?: number | undefined
  readonly signal: AbortSignal
  readonly scope: CheckScope
  readonly loopWatch: LoopWatch
}

type Outcome =
  | {
      readonly kind: 'success'
      readonly detail: string
      readonly status?: number
      /** Why the endpoint is degraded, in words, if it is. */
      readonly degraded?: string | undefined
    }
  | { readonly kind: 'failure'; readonly detail: string; readonly status?: number }
  | { readonly kind: 'local-error'; readonly isNetwork?: boolean; readonly detail: string }

type PartialPhases = Omit<ProbePhases, 'totalMs'>
type ReachedPhases = { -readonly [K in keyof PartialPhases]: PartialPhases[K] }

export class ProbeRun {
  readonly result: Promise<ProbeResult>
  phases: ReachedPhases = {}
  stage: ProbeStage = 'connection'
  readonly #options: ProbeRunOptions
  readonly #startedAtMs = performance.now()
  readonly #leaveWatch: () => void
  readonly #stolenAtStartMs: number
  readonly #resolve: (result: ProbeResult) => void
  #deadline: NodeJS.Timeout | undefined
  #lastTurn: NodeJS.Immediate | undefined
  /** Almost always one: a second one while a kept one has not answered. */
  readonly #connections: ProbeConnection[] = []
  #onHalfTime: (() => void) | null = null
  #isSettled = false

  constructor(options: ProbeRunOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<ProbeResult>()
    this.result = promise
    this.#resolve = resolve
    this.#leaveWatch = options.loopWatch.enter()
    this.#stolenAtStartMs = options.loopWatch.stolenMs()
    options.scope.enter(this.#onAbort)
    if (options.signal.aborted) this.#onAbort()
    else this.#armDeadline(options.timeoutMs)
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** The probe stands on `connection` too; it is closed when the probe ends, or is let go of before. */
  use(connection: ProbeConnection): void {
    if (this.#isSettled) connection.destroy()
    else this.#connections.push(connection)
  }

  /** `connection` is the caller's from now on, to be kept or closed. */
  letGo(connection: ProbeConnection): void {
    const index = this.#connections.indexOf(connection)
    if (index >= 0) this.#connections.splice(index, 1)
  }

  /** Calls `callback` once when half of the time is over, unless the probe has ended by then. */
  atHalfTime(callback: () => void): void {
    if (this.#isSettled) return
    this.#onHalfTime = callback
    clearTimeout(this.#deadline)
    this.#armDeadline(this.#remainingMs())
  }

  /** Ends the probe with an error, ours or the endpoint's (see classifyError). */
  fail(error: unknown): void {
    this.settle(classifyError(error, this.stage !== 'connection' && !OURS.has(this.stage)))
  }

  /** Runs what decides on a reply. What it throws is a defect of ours: no vote, and the probe still ends. */
  decide(step: () => void): void {
    try {
      step()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.settle({
        kind: 'local-error',
        detail: plainText(`the checker could not judge the reply: ${reason}`),
      })
    }
  }

  /** Ends the probe; only the first call counts. */
  settle(outcome: Outcome): void {
    if (this.#isSettled) return
    this.#isSettled = true
    clearTimeout(this.#deadline)
    clearImmediate(this.#lastTurn)
    this.#options.scope.leave(this.#onAbort)
    for (const connection of this.#connections) connection.destroy()
    const phases: ProbePhases = Object.assign(this.phases, { totalMs: performance.now() - this.#startedAtMs })
    if (outcome.kind !== 'success') this.#resolve({ ...outcome, phases })
    else {
      const why = outcome.degraded ?? this.#slowness(phases.totalMs)
      const detail = why === undefined ? outcome.detail : `${outcome.detail}, degraded: ${why}`
      this.#resolve({ ...outcome, detail, degraded: why !== undefined, phases })
    }
    this.#leaveWatch()
  }

  /** The time for which this process itself stood still is not the endpoint's. */
  #slowness(totalMs: number): string | undefined {
    const { degradedAboveMs, loopWatch } = this.#options
    if (degradedAboveMs === undefined) return undefined
    const tookMs = totalMs - (loopWatch.stolenMs() - this.#stolenAtStartMs)
    return tookMs > degradedAboveMs
      ? `took ${Math.round(tookMs)} ms, more than ${degradedAboveMs} ms`
      : undefined
  }

  readonly #onAbort = (): void => {
    this.settle({ kind: 'local-error', detail: 'the probe was aborted' })
  }

  #armDeadline(delayMs: number): void {
    this.#deadline = setTimeout(this.#onTimer, Math.ceil(delayMs))
  }

  readonly #onTimer = (): void => {
    const remainingMs = this.#remainingMs()
    if (remainingMs > 0) this.#armDeadline(remainingMs)
    else if (this.#onHalfTime === null) this.#lastTurn = setImmediate(this.#onLastTurn)
    else {
      const callback = this.#onHalfTime
      this.#onHalfTime = null
      this.#armDeadline(this.#remainingMs())
      callback()
    }
  }

  readonly #onLastTurn = (): void => {
    const remainingMs = this.#remainingMs()
    if (remainingMs > 0) {
      this.#armDeadline(remainingMs)
      return
    }
    const { timeoutMs } = this.#options
    const kind = OURS.has(this.stage) ? 'local-error' : 'failure'
    this.settle({ kind, detail: `timed out after ${timeoutMs} ms waiting for the ${this.stage}` })
  }

  /** Of the endpoint's own time, up to half-time or to the end. Negative when it is over. */
  #remainingMs(): number {
    const { timeoutMs, loopWatch } = this.#options
    const stolenMs = loopWatch.stolenMs() - this.#stolenAtStartMs
    const allowedMs = this.#onHalfTime === null ? timeoutMs : timeoutMs / 2
    return allowedMs + stolenMs - (performance.now() - this.#startedAtMs)
  }
}
