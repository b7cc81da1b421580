/**
 * All checks of one endpoint under one definition, and what is reported of them. A changed definition is a new EndpointCheck:
 * it starts at unknown and no old vote is inherited (invariant 13).
 */
import { SPARE_INTERVALS, type Assignment } from '../core/health/assignment.ts'
import { definitionOf } from '../core/health/definition.ts'
import type { ReportedRegister } from '../core/health/frame.ts'
import type { ProbeLoad } from '../core/health/hint-budget.ts'
import { combineRegisters } from '../core/health/register.ts'
import type { Monitor } from '../core/model/monitor.ts'
import type { Endpoint } from '../core/model/pool.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import { CheckRunner, type CheckTools } from './check-runner.ts'

/** An endpoint as the configuration has it, with the monitors of its pool: at least one. */
export interface Subject {
  readonly key: EndpointKey
  readonly endpoint: Endpoint
  readonly monitors: readonly Monitor[]
  /** This checker's part in it. */
  readonly assignment: Assignment
}

export class EndpointCheck {
  readonly definition: string
  readonly #key: EndpointKey
  readonly #runners: readonly { readonly monitor: Monitor; readonly runner: CheckRunner }[]
  #subject: Subject
  #reported: ReportedRegister | null = null

  /** `onChange` is called, with nothing awaited since the probe's result, when the state or degraded differs from the last report. */
  constructor(subject: Subject, tools: CheckTools, onChange: (check: EndpointCheck) => void) {
    const { key, endpoint, monitors, assignment } = subject
    this.#key = key
    this.#subject = subject
    this.definition = definitionOf(endpoint, monitors)
    const onStep = () => {
      if (this.#hasChanged()) onChange(this)
    }
    this.#runners = monitors.map((monitor) => {
      const target = {
        address: endpoint.check?.address ?? endpoint.address,
        port: monitor.port ?? endpoint.check?.port ?? endpoint.port,
      }
      const check = { key: `${key} ${monitor.name}`, monitor, target, assignment, onStep }
      return { monitor, runner: new CheckRunner(check, tools) }
    })
  }

  /** True when `subject` asks for what is being done already: the registers are kept. */
  adopt(subject: Subject): boolean {
    const known = this.#subject
    const isSame =
      known.endpoint === subject.endpoint &&
      known.monitors.length === subject.monitors.length &&
      known.monitors.every((monitor, index) => monitor === subject.monitors[index])
    if (!isSame && definitionOf(subject.endpoint, subject.monitors) !== this.definition) return false
    this.#subject = subject
    for (const { runner } of this.#runners) runner.reassign(subject.assignment)
    return true
  }

  /** The fence ended. */
  forget(): void {
    for (const { runner } of this.#runners) runner.forget()
  }

  /** How many probes it makes on its own, and how often. */
  get load(): ProbeLoad {
    const intervals = this.#subject.assignment.kind === 'spare' ? SPARE_INTERVALS : 1
    let probesPerSec = 0
    for (const { monitor } of this.#runners) probesPerSec += 1_000 / (monitor.intervalMs * intervals)
    return { checks: this.#runners.length, probesPerSec }
  }

  /**
   * A peer doubts it: under the same definition, and where our vote counts, probes at once what is held up, as far as `spend`
   * allows, which is asked once for each probe. False when it did not allow all.
   */
  confirm({ definition }: ReportedRegister, spend: () => boolean): boolean {
    if (definition !== this.definition || this.#subject.assignment.kind === 'spare') return true
    if (this.#combined().state !== 'up') return true
    return this.#runners.map(({ runner }) => runner.hasten(spend)).every((isAnswered) => isAnswered)
  }

  /** First probes `delayMs` from now, or within their interval when that is shorter. */
  start(nowMs: number, delayMs: number): void {
    for (const { monitor, runner } of this.#runners) runner.start(nowMs + (delayMs % monitor.intervalMs))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runners.map(({ runner }) => runner.stop()))
  }

  /** What a frame says of the endpoint now; counts as reported. */
  report(): ReportedRegister {
    this.#reported = {
      endpoint: this.#key,
      ...this.#told(),
      definition: this.definition,
      output: this.#runners.flatMap(({ runner }) => runner.output ?? []),
    }
    return this.#reported
  }

  #combined() {
    return combineRegisters(this.#runners.map(({ runner }) => runner.register))
  }

  /** A late probe is told as a doubt, which counts as up: whoever hears it probes while ours still waits (SPEC.md, H7). */
  #told() {
    const { state, degraded } = this.#combined()
    const isLate = state === 'up' && this.#runners.some(({ runner }) => runner.isLate)
    return { state: isLate ? ('suspect' as const) : state, degraded }
  }

  #hasChanged(): boolean {
    const { state, degraded } = this.#told()
    return state !== this.#reported?.state || degraded !== this.#reported.degraded
  }
}
