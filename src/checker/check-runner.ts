/**
 * One check: one monitor on one endpoint. Probe, step the register, decide when the next probe is due.
 * What must stay true: never two probes of one check at once; from a probe's result to `onStep` nothing is awaited; a probe of
 * which any part was made behind our own fence moves no register; after `stop` nothing is reported any more.
 */
import { SPARE_INTERVALS, type Assignment } from '../core/health/assignment.ts'
import type { ProbeOutput } from '../core/health/frame.ts'
import { lateAfterMs, usualAfter } from '../core/health/late-probe.ts'
import {
  forgetRegister,
  isUndecided,
  stepRegister,
  unknownRegister,
  type Register,
} from '../core/health/register.ts'
import type { Monitor } from '../core/model/monitor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Prober, ProbeResult, ProbeTarget } from '../ports/prober.ts'
import { nextOnGrid } from './phase.ts'
import type { ProbeGate } from './probe-gate.ts'
import type { ProbeTally } from './probe-tally.ts'
import { SLOT_MS, type TimerWheel } from './timer-wheel.ts'

/** What all checks of a checker share. */
export interface CheckTools {
  readonly prober: Prober
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly gate: ProbeGate
  readonly tally: ProbeTally
  /** Share of its own probes that this checker loses, 0 to 1. */
  readonly loss: () => number
  /** What was held up failed, or is late: it may be our own network. */
  readonly onDoubt: () => void
  /** False while nothing is known of our own network: what fails then may be its fault, and counts for nothing. */
  readonly isMeasured: () => boolean
  /** True while our own network is bad: registers are frozen. */
  readonly isFenced: () => boolean
  /** The clock that the grids of all checkers have in common, less ours, in ms. */
  readonly gridAheadMs: () => number
}

export interface Check {
  /** Names the check among all of them: places it on its grid. */
  readonly key: string
  readonly monitor: Monitor
  readonly target: ProbeTarget
  readonly assignment: Assignment
  /** Called after each probe, with register and output already new, and when a probe begins to be late. */
  readonly onStep: () => void
}

/** A process that stood still for so long looks again after as long a time before it calls a probe late. */
const STALL_MS = 50

export class CheckRunner {
  readonly #check: Check
  readonly #tools: CheckTools
  readonly #abort = new AbortController()
  #assignment: Assignment
  #register: Register = unknownRegister()
  #output: ProbeOutput | null = null
  #phase: 'waiting' | 'queued' | 'probing' = 'waiting'
  /** A hint came while a probe ran: that one may have begun before what the hint tells of. */
  #again = false
  /** A hint asked for the probe that runs, or is due. */
  #isHastened = false
  /** The probe that runs has taken longer than this endpoint does. */
  #isLate = false
  #usualMs: number | null = null
  #withdraw: () => void = () => undefined
  #running: Promise<void> = Promise.resolve()

  constructor(check: Check, tools: CheckTools) {
    this.#check = check
    this.#assignment = check.assignment
    this.#tools = tools
  }

  get register(): Register {
    return this.#register
  }

  /** The last probe; null before the first has ended. */
  get output(): ProbeOutput | null {
    return this.#output
  }

  /** True while a probe of what is held up takes unusually long: no failure yet, and a reason to ask others. */
  get isLate(): boolean {
    return this.#isLate
  }

  /** The first probe is due at `dueMs`. */
  start(dueMs: number): void {
    this.#isHastened = false
    this.#phase = 'waiting'
    this.#withdraw = this.#tools.wheel.schedule(dueMs, () => {
      this.#phase = 'queued'
      this.#withdraw = this.#tools.gate.enter(() => {
        this.#phase = 'probing'
        this.#running = this.#probe(dueMs)
      })
    })
  }

  /**
   * Probes as soon as there is room, once more if a probe of its own accord is running, as far as `spend` allows: false when it
   * does not. It is asked only where that costs a probe: many tell of one death, and a probe that one of them asked for answers
   * them all, as does one that is late itself.
   */
  hasten(spend: () => boolean): boolean {
    if (this.#phase === 'queued' || this.#again || this.#isHastened || this.#isLate) return true
    if (!spend()) return false
    if (this.#phase === 'probing') {
      this.#again = true
      return true
    }
    this.#withdraw()
    this.start(this.#tools.clock.monotonicMs())
    this.#isHastened = true
    return true
  }

  /** What was thought on this side of a bad network counts no more: the next probe says. */
  forget(): void {
    this.#register = forgetRegister(this.#register)
  }

  /** Goes on by another assignment, from the next probe on. */
  reassign(assignment: Assignment): void {
    const { kind, offset } = this.#assignment
    if (assignment.kind === kind && assignment.offset === offset) return
    this.#assignment = assignment
    if (this.#phase !== 'waiting' || this.#output === null || isUndecided(this.#register)) return
    this.#withdraw()
    const nowMs = this.#tools.clock.monotonicMs()
    this.start(this.#nextDue(nowMs, nowMs))
  }

  /** Ends the check and aborts its probe; resolves when that has let go of its socket. */
  stop(): Promise<void> {
    this.#withdraw()
    this.#abort.abort()
    return this.#running
  }

  async #probe(dueMs: number): Promise<void> {
    const { prober, clock, gate, tally, isFenced } = this.#tools
    const startedAtMs = clock.monotonicMs()
    tally.started(startedAtMs - dueMs)
    const startedFenced = isFenced()
    const ceaseWatching = this.#watchLate(startedAtMs, startedAtMs - dueMs)
    const result = await prober.probe(this.#check.monitor, this.#check.target, this.#abort.signal)
    ceaseWatching()
    if (!this.#abort.signal.aborted)
      this.#take(result, { startedAtMs, counts: !startedFenced && !isFenced() })
    gate.leave()
  }

  /** `behindMs`: a process that is behind has much to do, and its replies may wait for it. The result ends the watch. */
  #watchLate(startedAtMs: number, behindMs: number): () => void {
    const { clock, wheel } = this.#tools
    const { monitor, onStep } = this.#check
    const afterMs = lateAfterMs(monitor.timeoutMs, this.#usualMs)
    if (afterMs === null || this.#register.state !== 'up') return () => undefined
    const declare = () => {
      if (this.#abort.signal.aborted || this.#tools.isFenced()) return
      this.#isLate = true
      this.#tools.onDoubt()
      onStep()
    }
    const watchUntil = (dueMs: number) =>
      wheel.schedule(dueMs, () => {
        const nowMs = clock.monotonicMs()
        const stoodStillMs = nowMs - dueMs
        // Not before one more turn of the loop: the reply may be waiting to be read.
        cease =
          stoodStillMs > STALL_MS
            ? watchUntil(nowMs + stoodStillMs)
            : wheel.schedule(nowMs + SLOT_MS, declare)
      })
    let cease = watchUntil(startedAtMs + afterMs + behindMs)
    return () => {
      cease()
    }
  }

  #take(
    result: ProbeResult,
    { startedAtMs, counts }: { readonly startedAtMs: number; readonly counts: boolean },
  ): void {
    const { clock, tally, loss, onDoubt, isMeasured } = this.#tools
    const { monitor } = this.#check
    const nowMs = clock.monotonicMs()
    tally.outcomes[result.kind] += 1
    this.#isLate = false
    if (result.kind === 'success') this.#usualMs = usualAfter(this.#usualMs, nowMs - startedAtMs)
    if (counts && (result.kind !== 'failure' || isMeasured())) {
      this.#register = stepRegister(this.#register, result, {
        rules: { fall: monitor.fall, rise: monitor.rise, loss: loss() },
        nowMs,
      })
      if (this.#register.state === 'suspect') onDoubt()
    }
    this.#output = outputOf(monitor.name, result, clock.wallMs())
    this.#check.onStep()
    const isHinted = this.#again && this.#register.state === 'up'
    this.#again = false
    this.start(isHinted ? nowMs : this.#nextDue(startedAtMs, nowMs))
  }

  /** Off the grid while undecided; counted from the start of the last probe, so that a slow one does not delay the next. */
  #nextDue(startedAtMs: number, nowMs: number): number {
    const { key, monitor } = this.#check
    if (isUndecided(this.#register)) return Math.max(startedAtMs + monitor.fastIntervalMs, nowMs)
    const { kind, offset } = this.#assignment
    const intervalMs = monitor.intervalMs * (kind === 'spare' ? SPARE_INTERVALS : 1)
    const aheadMs = this.#tools.gridAheadMs()
    return Math.max(nextOnGrid({ key, intervalMs, offset }, startedAtMs + aheadMs) - aheadMs, nowMs)
  }
}

function outputOf(monitor: string, result: ProbeResult, atMs: number): ProbeOutput {
  const { kind, detail, phases } = result
  const status = result.kind === 'local-error' ? undefined : result.status
  return { monitor, outcome: kind, detail, ...(status !== undefined && { status }), phases, atMs }
}
