/**
 * Keeps the steering state of a reader current: hands it verdicts and configurations with the time, wakes it when something is
 * due, and has it saved. Every nameserver has one, to decide answers, and every control has one, to show them.
 * What must stay true: what is due is done within a second whatever the wall clock does; a change of what is remembered is saved.
 */
import type { Transition } from '../core/health/verdict-book.ts'
import type { Configuration } from '../core/model/configuration.ts'
import type { Now } from '../core/steering/state/now.ts'
import type { AnsweringTier } from '../core/steering/state/latches.ts'
import type { SteeringNote } from '../core/steering/state/steering-note.ts'
import type { SteeringState, SteeringStep } from '../core/steering/state/steering-state.ts'
import type { SteeringView } from '../core/steering/steering-view.ts'
import type { Clock } from '../ports/clock.ts'
import type { SteeringSaver } from './steering-saver.ts'

export interface SteeringKeeperOptions {
  readonly state: SteeringState
  readonly saver: Pick<SteeringSaver, 'changed' | 'stop'>
  readonly clock: Clock
}

/** Time alone changed something. */
export type StepListener = (step: SteeringStep) => void

/** What is due at nearly the same time is one step. */
const SPACING_MS = 20
/** The wall clock may be set: what is due by it is looked for this often. */
const LOOK_MS = 1_000

export class SteeringKeeper {
  readonly #options: SteeringKeeperOptions
  #listener: StepListener = () => undefined
  #cancel: () => void = () => undefined
  #stopped = false

  constructor(options: SteeringKeeperOptions) {
    this.#options = options
  }

  get view(): SteeringView {
    return this.#options.state.view
  }

  get state(): SteeringState {
    return this.#options.state
  }

  start(listener: StepListener): void {
    this.#listener = listener
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#options.saver.stop()
  }

  define(configuration: Configuration): readonly SteeringNote[] {
    const notes = this.#options.state.define(configuration, this.#now())
    this.#options.saver.changed()
    this.#wakeLater()
    return notes
  }

  onTransitions(transitions: readonly Transition[]): SteeringStep {
    const step = this.#options.state.onTransitions(transitions, this.#now())
    // What only became slow, or quick again, is not remembered here.
    if (transitions.some(({ from, to }) => from.state !== to.state)) this.#options.saver.changed()
    this.#wakeLater()
    return step
  }

  observe(loadBalancer: string, answering: readonly AnsweringTier[]): readonly SteeringNote[] {
    const notes = this.#options.state.observe(loadBalancer, answering)
    if (notes.length > 0) this.#options.saver.changed()
    return notes
  }

  #wakeLater(): void {
    this.#cancel()
    if (this.#stopped) return
    const { state } = this.#options
    const dueInMs = state.dueInMs(this.#now())
    if (dueInMs === null && !state.goesByWall) return
    const delayMs = Math.min(LOOK_MS, Math.max(SPACING_MS, dueInMs ?? LOOK_MS))
    this.#cancel = this.#options.clock.after(delayMs, () => {
      const step = state.tick(this.#now())
      if (step.balancers.size > 0) this.#options.saver.changed()
      this.#wakeLater()
      if (step.balancers.size > 0) this.#listener(step)
    })
  }

  #now(): Now {
    const { clock } = this.#options
    return { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() }
  }
}
