/** What a native publisher says of itself in the place of a DNS server's state: it has none, and writes for servers that it does not know. */
import type { Lease } from '../../core/lease/lease.ts'
import type { DnsServerStatus } from '../../ports/dns-server.ts'

export interface NativeStanding {
  /** The database, for people. */
  readonly place: string
  readonly holder: string
  readonly isHeld: boolean
  /** As it was seen last. */
  readonly lease: Lease | null
  /** Why the database could not be asked; null: it answers. */
  readonly fault: string | null
}

export function nativeStatus({ place, holder, isHeld, lease, fault }: NativeStanding): DnsServerStatus {
  const known = { pid: null, restarts: 0, version: null }
  if (fault !== null) return { ...known, state: 'down', detail: fault }
  if (lease === null) return { ...known, state: 'starting', detail: `no lease of ${place} yet` }
  const { epoch } = lease
  if (lease.holder === holder) {
    const detail = `publishes into ${place}, epoch ${epoch}`
    return isHeld
      ? { ...known, state: 'attached', detail }
      : { ...known, state: 'starting', detail: `${place} does not answer: the last plan stands` }
  }
  const other = lease.holder === '' ? 'nobody' : lease.holder.split(' ')[0]
  return { ...known, state: 'attached', detail: `stands by: ${other ?? ''} publishes, epoch ${epoch}` }
}
