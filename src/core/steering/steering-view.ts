/**
 * All that a decision reads beside the configuration. What must stay true: `plan` and `explain` of one reader read the same
 * view, so that they can never disagree.
 */
import type { SteeredType } from '../dns/record-set.ts'
import type { EndpointKey } from '../model/resource.ts'
import type { VerdictLookup, VerdictView } from './eligibility.ts'

export interface SteeringView {
  /** Milliseconds since the epoch: overrides and drains go by it. */
  readonly wallMs: number
  verdict(endpoint: EndpointKey): VerdictView | undefined
  /** 0.1 to 1, in tenths: how far the weight of an endpoint has grown since it came back. */
  rampShare(endpoint: EndpointKey): number
  /** Its verdict is down, but the withdrawal budget is spent: it stays answered by this load balancer. */
  isHeld(loadBalancer: string, endpoint: EndpointKey): boolean
  /** The first tier that may answer: 0 unless latched. `route`: index of the rule, -1 for the policy's own tiers. */
  latchedTier(loadBalancer: string, route: number, type: SteeredType): number
}

/** Nothing ramps, nothing is held, nothing is latched: what a reader begins with. For tests. */
export function plainView(verdict: VerdictLookup, wallMs = 0): SteeringView {
  return { wallMs, verdict, rampShare: () => 1, isHeld: () => false, latchedTier: () => 0 }
}
