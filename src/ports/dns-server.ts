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
  ask(name: string, type: RecordType | 'SOA' | 'DNSKEY'): Promise<DnsAnswer>
}

/** The life of the DNS server beside the agent: supervised by Fairlead, or the operator's own. */
export interface DnsServerProcess {
  /** Resolves once it answers. `fresh`: a server that runs already must not be taken over, it reads a file that is gone. */
  start(options: { readonly fresh: boolean }): Promise<void>
  /** Ends the running server and starts another; `reason` is told. */
  restart(reason: string): Promise<void>
  /** Ends the supervision, and the server unless it is to answer on. */
  stop(): Promise<void>
  status(): DnsServerStatus
}

export interface DnsServerStatus {
  readonly state: 'starting' | 'running' | 'adopted' | 'attached' | 'down'
  readonly pid: number | null
  readonly restarts: number
  readonly version: string | null
  readonly detail: string
}

export interface DnsServerListener {
  onStatus(): void
  /** It answers again, with empty caches: what it answers is to be read back. */
  onRestarted(): void
  onAlarm(message: string): void
}
