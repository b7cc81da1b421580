/** All that an explanation is made from: one configuration, what is known of its endpoints, and what came of it. */
import type { ProbeOutput } from '../health/frame.ts'
import type { Verdict } from '../health/verdict.ts'
import type { Configuration } from '../model/configuration.ts'
import type { EndpointKey } from '../model/resource.ts'
import type { Explanation } from '../views/explanation.ts'
import type { AnswerPlan } from './answer-plan.ts'
import type { DecidedType } from './decision.ts'
import type { ClientLocation } from './evaluate.ts'
import type { SteeringView } from './steering-view.ts'

export interface ExplainContext {
  readonly configuration: Configuration
  readonly revision: number
  /** Of the same configuration. */
  readonly plan: AnswerPlan
  /** ms since the epoch: the moment of the history that is explained; null: now. */
  readonly atMs: number | null
  /** What is not known of that moment, in words; empty for now. */
  readonly notKept: readonly string[]
  readonly locate: (address: string) => ClientLocation | null
  /** What the plan is made by. */
  readonly view: SteeringView
  /** With the votes behind it. */
  readonly verdict: (endpoint: EndpointKey) => Verdict | undefined
  readonly probes: (endpoint: EndpointKey) => readonly (ProbeOutput & { readonly checker: string })[]
  /** Wall ms of the endpoint's last change of state. */
  readonly sinceMs: (endpoint: EndpointKey) => number | null
  readonly published: (name: string, type: DecidedType) => NonNullable<Explanation['publication']> | null
}
