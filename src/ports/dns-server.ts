/** The DNS server beside the agent: to be purged, asked, and kept running. */
import type { RecordType } from '../core/dns/record-set.ts'

export type DnsAnswer =
  | {
      readonly kind: 'answer'
      /** RCODE as text: NOERROR, NXDOMAIN, SERVFAIL, REFUSED... */
      readonly rcode: string
      readonly authoritative: boolean
      /** Presentation format of the answer section's records of the asked type, sorted; names without trailing dot. */
      readonly values: readonly string[]
      readonly ttlSec: number | null
    }
  | { readonly kind: 'no-answer'; readonly detail: string }

export interface DnsServer {
  /** Forgets everything cached for these names; a name that ends in '$' means all names below it too. */
  purge(names: readonly string[]): Promise<void>
  /** Asks the server itself over UDP (TCP when truncated), bypassing nothing that a client would meet. */
  ask(name: string, type: RecordType | 'SOA'): Promise<DnsAnswer>
}
