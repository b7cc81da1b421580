/** What happened to the answers beside the verdicts, for events and logs. */
import type { EndpointKey } from '../../model/resource.ts'
import type { SteeredType } from '../../dns/record-set.ts'

export type SteeringNote =
  | {
      /** Their verdicts are down, and they stay answered: the budget is spent. */
      readonly kind: 'held'
      readonly loadBalancer: string
      readonly endpoints: readonly EndpointKey[]
      readonly budget: 'load-balancer' | 'total'
    }
  | {
      readonly kind: 'hold-ended'
      readonly loadBalancer: string
      readonly endpoints: readonly EndpointKey[]
      /** withdrawn: the window gave budget back; released: an operator lifted it; answered: they came back, or an operator says so. */
      readonly outcome: 'withdrawn' | 'released' | 'answered'
    }
  | {
      /** Answers stay on this tier until an operator fails back. */
      readonly kind: 'latched'
      readonly loadBalancer: string
      readonly route: number
      readonly type: SteeredType
      readonly pool: string
    }
