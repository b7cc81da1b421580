/**
 * Makes the frames of one incarnation: numbered without a gap, each saying how the checker itself is.
 * What must stay true: the cost of a heartbeat does not depend on what happens: one sixtieth of all registers, in turn,
 * and where there are few, all of them: people look at the last probe.
 */
import type { Frame, ReportedRegister } from '../core/health/frame.ts'
import type { SelfFence } from '../core/health/self-fence.ts'
import type { Clock } from '../ports/clock.ts'
import type { EndpointCheck } from './endpoint-check.ts'

export interface FrameMakerOptions {
  readonly name: string
  readonly site: string
  readonly clock: Clock
  readonly fence: () => SelfFence
}

/** Heartbeats until every register has been repeated. */
const HEARTBEATS_PER_ROUND = 60
/** Registers that a heartbeat carries at least, if there are so many. */
const LEAST_REGISTERS = 50

export class FrameMaker {
  readonly #options: FrameMakerOptions
  incarnation = 0
  /** Of the configuration that the registers are made under. */
  revision = 0
  #sequence = 0
  /** The checks in the order in which heartbeats repeat them. */
  #ring: readonly EndpointCheck[] = []
  #ringAt = 0

  constructor(options: FrameMakerOptions) {
    this.#options = options
  }

  get hasBegun(): boolean {
    return this.#sequence > 0
  }

  /** All checks that there are. */
  repeat(checks: readonly EndpointCheck[]): void {
    this.#ring = checks
  }

  frame(registers: readonly ReportedRegister[], snapshot = false): Frame {
    const { name, site, clock, fence } = this.#options
    const { kind, reason, loss } = fence()
    this.#sequence += 1
    return {
      checker: name,
      site,
      incarnation: this.incarnation,
      sequence: this.#sequence,
      revision: this.revision,
      fenced: kind === 'fenced',
      ...(reason !== null && { fenceReason: reason }),
      loss,
      gridMs: Math.round(clock.monotonicMs()),
      registers,
      snapshot,
    }
  }

  snapshot(): Frame {
    return this.frame(
      this.#ring.map((check) => check.report()),
      true,
    )
  }

  /** Keeps probe outputs and their ages fresh. */
  heartbeat(): Frame {
    const ring = this.#ring
    const from = this.#ringAt < ring.length ? this.#ringAt : 0
    const share = ring.slice(
      from,
      from + Math.max(LEAST_REGISTERS, Math.ceil(ring.length / HEARTBEATS_PER_ROUND)),
    )
    this.#ringAt = from + share.length
    return this.frame(share.map((check) => check.report()))
  }
}
