/** What the nodes of a simulated cluster see of it. */
import type { Baselines } from './baselines.ts'
import type { ControlPlane } from './control-plane.ts'
import type { EventQueue } from './event-queue.ts'
import type { FrameDestination } from './frame-links.ts'
import type { Invariants } from './invariants.ts'
import type { Network } from './network.ts'
import type { Observer } from './observer.ts'
import type { Random } from './random.ts'
import type { Surroundings } from './simulated-network-probers.ts'

/**
 * A part of the design that is taken away, to see that the simulation finds out. The fence also is what stretches `fall`; looks are
 * what it measures with while something is in doubt.
 */
export type Ablation = 'fence' | 'looks'

export interface Stage {
  readonly queue: EventQueue
  readonly random: Random
  readonly network: Network
  readonly control: ControlPlane
  readonly surroundings: Surroundings
  readonly observer: Observer
  readonly invariants: Invariants
  readonly baselines: Baselines
  /** Of the wall clock of every host, ms. */
  readonly wallShiftMs: number
  readonly without: Ablation | null
  after(delayMs: number, happen: () => void): void
  /** Whoever reads the frames of the checker. */
  readersOf(checker: FrameDestination): Iterable<FrameDestination>
  /** Brings to the checker that the reader asks for the whole state. */
  askForWhole(reader: FrameDestination, checker: string): void
}
