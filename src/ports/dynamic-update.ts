/** A change at a DNS server that others run (RFC 2136): all of it or nothing, and only where what it expects is so. */
import type { TransferKey } from './zone-storage.ts'

export interface DynamicUpdate {
  readonly server: { readonly address: string; readonly port: number }
  readonly zone: string
  readonly key: TransferKey
  readonly prerequisites: readonly Prerequisite[]
  readonly deletes: readonly { readonly name: string; readonly type: string }[]
  readonly adds: readonly {
    readonly name: string
    readonly type: string
    readonly ttlSec: number
    readonly data: string
  }[]
}

export type Prerequisite =
  /** The record set is exactly this. */
  | { readonly kind: 'is'; readonly name: string; readonly type: string; readonly data: readonly string[] }
  | { readonly kind: 'no-set'; readonly name: string; readonly type: string }
  | { readonly kind: 'no-name'; readonly name: string }

export type UpdateOutcome =
  | { readonly kind: 'done' }
  /** A prerequisite does not hold: somebody else was there. */
  | { readonly kind: 'changed'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string }

/** Never rejects. */
export type SendUpdate = (update: DynamicUpdate) => Promise<UpdateOutcome>
