/**
 * How long a lease has been seen unchanged, by a monotonic clock of whoever looks. Pure.
 * What must stay true: clocks of machines are never compared, they may be off by minutes; a holder that counts from before its
 * beat is through with its time before anybody who counts from after it may take over.
 */
import type { Lease } from './lease.ts'

export interface LeaseSight {
  /** null: nobody has ever held it. */
  readonly lease: Lease | null
  /** Monotonic ms at which it was first seen so. */
  readonly sinceMs: number
}

/** `nowMs`: after it was read. */
export function sightOf(before: LeaseSight | null, lease: Lease | null, nowMs: number): LeaseSight {
  return before !== null && isSame(before.lease, lease) ? before : { lease, sinceMs: nowMs }
}

/** 0: it may be taken. */
export function freeInMs({ lease, sinceMs }: LeaseSight, nowMs: number): number {
  if (lease === null || lease.holder === '') return 0
  return Math.max(0, sinceMs + lease.lastsMs - nowMs)
}

function isSame(a: Lease | null, b: Lease | null): boolean {
  if (a === null || b === null) return a === b
  return a.holder === b.holder && a.epoch === b.epoch && a.beat === b.beat
}
