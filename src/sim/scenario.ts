/** A scenario: a cluster, and what happens to it. */
import type { Shape } from './shape.ts'
import type { World } from './world.ts'

export interface Scenario {
  readonly name: string
  /** What happens, in a line. */
  readonly about: string
  readonly shape: Shape
  readonly durationMs: number
  /** So many sites, at most, are wrong or cut off at the same time: the design bears K - q. */
  readonly impairedSites: number
  /** From then on no endpoint dies, and so no verdict may change (invariant 3). Infinity where endpoints die. */
  readonly onlyLossFromMs: number
  /** Plans everything before the first event. */
  readonly plan: (world: World) => void
}

/** By then everything has started and every endpoint is known. */
export const WARM_MS = 15_000
