/**
 * Leases in a database that several processes share.
 * What must stay true (test/contract/leases.ts): of several that take one at once one gets it; a taking-over raises the epoch by
 * one; whoever was taken over can neither renew nor release.
 */
import type { Lease } from '../core/lease/lease.ts'

export interface LeaseStorage {
  /** null: nobody has ever held it. */
  read(name: string): Promise<Lease | null>
  /** Takes what was `seen` (null: nobody held it), if it is still so; null: somebody was there. */
  take(claim: Pick<Lease, 'name' | 'holder' | 'lastsMs'>, seen: Lease | null): Promise<Lease | null>
  /** The next beat; null: another one has it. */
  renew(lease: Lease): Promise<Lease | null>
  /** Others may take it at once. Does nothing when another one has it. */
  release(lease: Lease): Promise<void>
}
