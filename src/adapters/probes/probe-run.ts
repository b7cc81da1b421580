/**
 * The frame around one probe: its deadline, its abortion, its socket, its one result.
 * What must stay true: it settles exactly once and then holds no socket, timer or listener; a time-out is declared only after
 * the endpoint had `timeoutMs` of the loop's attention (LoopWatch) and one more turn of the loop found nothing new.
 */
import type { Socket } from 'node:net'
import type { ProbePhases } from '../../core/health/frame.ts'
import type { ProbeResult } from '../../ports/prober.ts'
import type { LoopWatch } from './loop-watch.ts'
import { classifyError, plainText } from './probe-error.ts'

/** What the probe is waiting for; a time-out names it. Waiting for ourselves is never held against the endpoint. */
export type ProbeStage = 'local files' | 'connection' | 'TLS handshake' | 'reply' | 'rest of the reply'

export interface ProbeRunOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly loopWatch: LoopWatch
}

type Outcome =
  | { readonly kind: 'success'; readonly detail: string; readonly status?: number }
  | { readonly kind: 'failure'; readonly detail: string; readonly status?: number }
  | { readonly kind: 'local-error'; readonly isNetwork?: boolean; readonly detail: string }

type PartialPhases = Omit<ProbePhases, 'totalMs'>
type ReachedPhases = { -readonly [K in keyof PartialPhases]: PartialPhases[K] }

export class ProbeRun {
  readonly result: Promise<ProbeResult>
  readonly phases: ReachedPhases = {}
  stage: ProbeStage = 'connection'
  readonly #options: ProbeRunOptions
  readonly #startedAtMs = performance.now()
  readonly #leaveWatch: () => void
  readonly #stolenAtStartMs: number
  readonly #resolve: (result: ProbeResult) => void
  #deadline: NodeJS.Timeout | undefined
  #lastTurn: NodeJS.Immediate | undefined
  #socket: Socket | null = null
  #isSettled = false

  constructor(options: ProbeRunOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<ProbeResult>()
    this.result = promise
    this.#resolve = resolve
    this.#leaveWatch = options.loopWatch.enter()
    this.#stolenAtStartMs = options.loopWatch.stolenMs()
    this.#armDeadline(options.timeoutMs)
    options.signal.addEventListener('abort', this.#onAbort)
    if (options.signal.aborted) this.#onAbort()
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** The probe now stands on `socket`; the one before is closed. Its error or close ends the probe. */
  use(socket: Socket): void {
    this.#socket?.destroy()
    this.#socket = socket
    // Stays on after the end: an error of a socket that is being destroyed must find a listener.
    socket.on('error', (error) => {
      if (this.#socket === socket) this.fail(error)
    })
    socket.once('close', () => {
      if (this.#socket === socket)
        this.settle({ kind: 'failure', detail: `connection closed, waiting for the ${this.stage}` })
    })
    if (this.#isSettled) socket.destroy()
  }

  /** Ends the probe with an error, ours or the endpoint's (see classifyError). */
  fail(error: unknown): void {
    this.settle(classifyError(error, this.stage !== 'connection' && this.stage !== 'local files'))
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
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    this.#leaveWatch()
    this.#socket?.destroy()
    const phases: ProbePhases = { ...this.phases, totalMs: performance.now() - this.#startedAtMs }
    if (outcome.kind === 'success') this.#resolve({ ...outcome, degraded: false, phases })
    else this.#resolve({ ...outcome, phases })
  }

  readonly #onAbort = (): void => {
    this.settle({ kind: 'local-error', detail: 'the probe was aborted' })
  }

  #armDeadline(delayMs: number): void {
    this.#deadline = setTimeout(() => {
      const remainingMs = this.#remainingMs()
      if (remainingMs > 0) this.#armDeadline(remainingMs)
      else this.#lastTurn = setImmediate(this.#onLastTurn)
    }, Math.ceil(delayMs))
  }

  readonly #onLastTurn = (): void => {
    const remainingMs = this.#remainingMs()
    if (remainingMs > 0) {
      this.#armDeadline(remainingMs)
      return
    }
    const { timeoutMs } = this.#options
    const kind = this.stage === 'local files' ? 'local-error' : 'failure'
    this.settle({ kind, detail: `timed out after ${timeoutMs} ms waiting for the ${this.stage}` })
  }

  /** Of the endpoint's own time. Negative when it is over. */
  #remainingMs(): number {
    const stolenMs = this.#options.loopWatch.stolenMs() - this.#stolenAtStartMs
    return this.#options.timeoutMs + stolenMs - (performance.now() - this.#startedAtMs)
  }
}
