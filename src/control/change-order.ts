/** A change as the routes order it, and what comes of it. */
import type { BrokenRule } from '../core/change/broken-rules.ts'
import type { Fault } from '../core/model/fault.ts'
import type { ConfigurationSnapshot } from '../ports/feed.ts'
import type { RecordedChange } from '../ports/recorded-change.ts'
import type { ChangeSet } from '../ports/store.ts'
import type { Actor } from './actor.ts'
import type { ChangePlan, RequestedChange } from './change-plan.ts'

/** What a request comes to under one state: changes to make, or why not. */
export type ChangeDecision =
  { readonly kind: 'changes'; readonly changes: readonly RequestedChange[] } | ChangeRefusal

export type ChangeRefusal =
  | { readonly kind: 'not-found'; readonly detail: string }
  | { readonly kind: 'precondition-failed'; readonly detail: string }
  /** The id of the request is that of another change set, or the proposal is not to be decided any more. */
  | { readonly kind: 'refused-step'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  /** The actor may not make these changes. */
  | { readonly kind: 'forbidden'; readonly reasons: readonly string[] }
  | Extract<ChangePlan, { kind: 'referred' }>
  /** A drain would leave these without any eligible endpoint. */
  | { readonly kind: 'leaves-nothing'; readonly loadBalancers: readonly string[] }
  | { readonly kind: 'breaks-rules'; readonly rules: readonly BrokenRule[] }

export interface Approval extends NonNullable<ChangeSet['approval']> {
  readonly changes: readonly RecordedChange[]
}

export interface ChangeOrder {
  readonly actor: Actor
  readonly message: string
  readonly dryRun: boolean
  /** Also where it leaves a load balancer nothing to answer with. */
  readonly force?: boolean
  /** Why it may break safety rules. */
  readonly breakGlass?: string | undefined
  /** Chosen by the client, to retry after an unknown outcome, with a digest of what it asks for: another request is none. */
  readonly request?: { readonly id: string; readonly digest: string } | undefined
  /** It is the proposal of the request's id, and somebody has approved of these changes. */
  readonly approval?: Approval
  /** Pure; called again when another control committed first. */
  readonly decide: (snapshot: ConfigurationSnapshot) => ChangeDecision
}

export type ChangeResult =
  | {
      readonly kind: 'committed' | 'unchanged' | 'dry-run' | 'proposed'
      readonly changes: readonly RecordedChange[]
      readonly revision: number
      readonly before: ConfigurationSnapshot
      readonly after: ConfigurationSnapshot
      /** Of its protections; of a dry run those that it would be proposed for. */
      readonly needsApproval?: readonly string[]
      /** Where it is proposed. */
      readonly proposal?: string
    }
  | ChangeRefusal
