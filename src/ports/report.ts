/**
 * What nodes tell control of themselves, for status, explain, events and metrics. No verdict and no answer is decided on it; two things
 * are: what most nameservers have latched is made known to all, and the steps of a DNSSEC rollover wait until every nameserver answers
 * what they say.
 */
import type { Latch } from '../core/model/latch.ts'
import type { EndpointKey } from '../core/model/resource.ts'
import type { DecidedType } from '../core/steering/decision.ts'
import type { VerdictRule, VerdictState } from '../core/health/verdict.ts'
import type { Refusal } from './refusals.ts'

/** One owner name and type as it was published. */
export interface PublishedAnswer {
  readonly name: string
  readonly zone: string
  readonly type: DecidedType
  /** Addresses of the record set; empty for refused. */
  readonly values: readonly string[]
  readonly ttlSec: number
  readonly serial: number
  /** Wall ms at which the transaction was committed. */
  readonly writtenAtMs: number
  /** Wall ms at which the server itself gave this answer; null while it has not. */
  readonly readBackAtMs: number | null
}

export type NodeEvent =
  | {
      readonly kind: 'transition'
      readonly atMs: number
      readonly endpoint: EndpointKey
      readonly from: VerdictState
      readonly to: VerdictState
      readonly degraded: boolean
      readonly rule: VerdictRule
      /** In words, from the probe outputs of the checkers that voted. */
      readonly reason: string
    }
  | {
      readonly kind: 'publication'
      readonly atMs: number
      readonly zone: string
      readonly serial: number
      readonly owners: readonly string[]
      /** From the write to the first right answer of the server; null if it was not seen in time. */
      readonly readBackMs: number | null
      /** The nameserver, by its certificate; absent within one process. */
      readonly source?: string
    }
  | {
      /** Answers change, or stay, for another reason than a verdict. */
      readonly kind: 'steering'
      readonly atMs: number
      readonly loadBalancer: string
      readonly message: string
    }
  | { readonly kind: 'alarm'; readonly atMs: number; readonly source: string; readonly message: string }
  | {
      readonly kind: 'revision'
      readonly atMs: number
      readonly revision: number
      readonly author: string
      readonly message: string
    }

export interface NameserverReport {
  readonly name: string
  readonly site: string
  /** Of Fairlead; absent within one process. */
  readonly version?: string
  readonly revision: number
  /** Ready to publish: enough sites were heard, or ten seconds have passed. */
  readonly ready: boolean
  readonly dnsServer: {
    readonly state: 'starting' | 'running' | 'adopted' | 'attached' | 'down'
    readonly address: string
    readonly port: number
    readonly pid: number | null
    readonly restarts: number
    readonly version: string | null
    readonly detail: string
  }
  /** Milliseconds since the last publication failed to be read back; null when all is as published. */
  readonly unpublishedForMs: number | null
  /** Zones that are answered as an earlier run left them, because control has no configuration at all (revision 0). */
  readonly heldZones?: number
  /** What it has latched, with the generation of each; absent: nothing. */
  readonly latches?: readonly Latch[]
  /** Digest of all its verdicts (VerdictDigest): the same at every nameserver that agrees. */
  readonly verdictDigest?: string
  /** Endpoints that are down and stay answered, because the withdrawal budget is spent; once for each load balancer. */
  readonly heldEndpoints?: number
  /** The dnsdist before its DNS server; absent: there is none. */
  readonly front?: FrontReport
  readonly traffic?: TrafficReport
  /** Secondaries that it sends zones to; absent: it sends none. */
  readonly secondaries?: readonly SecondaryReport[]
}

/** What was asked and answered at one nameserver, counted since its servers were started. */
export interface TrafficReport {
  /** Monotonic ms of the nameserver. */
  readonly atMs: number
  readonly queries: number
  /** Average over the last queries, in microseconds, as the server that clients ask gives it. */
  readonly latencyUs: number
  /** By code, in small letters, such as noerror, nxdomain, servfail. */
  readonly responses: Readonly<Record<string, number>>
  /** Answered from the packet cache, of all that were looked for in it. */
  readonly cacheHits: number
  readonly cacheMisses: number
  /** Absent where nothing counts them: without a dnsdist before PowerDNS. */
  readonly answers?: readonly BalancerTraffic[]
}

export interface BalancerTraffic {
  readonly name: string
  readonly type: string
  readonly queries: number
  /** Of what is chosen for each query, how often each value was answered with; absent: it is answered with all of them. */
  readonly values?: readonly { readonly value: string; readonly answers: number }[]
}

export interface FrontReport {
  readonly state: 'starting' | 'running' | 'adopted' | 'attached' | 'down'
  readonly pid: number | null
  readonly restarts: number
  readonly version: string | null
  readonly detail: string
}

/** One zone at one server of others, as a nameserver that sends it sees it. */
export interface SecondaryReport {
  readonly zone: string
  /** transfer: it gets the whole zone; update: the load balancers, by RFC 2136. */
  readonly by: 'transfer' | 'update'
  /** Address and port. */
  readonly secondary: string
  readonly state: 'current' | 'behind' | 'silent'
  readonly serial: number | null
  /** How long already it does not follow; null: it does, or what it lacks is only just on its way. */
  readonly behindForMs: number | null
  readonly detail: string
}

export interface CheckerReport {
  readonly name: string
  readonly site: string
  /** Of Fairlead. */
  readonly version: string
  /** Revision of the configuration that it probes; 0 before the first. */
  readonly revision: number
  /** Where that came from: a control that it is connected to, or its own disk. */
  readonly feed: 'connected' | 'disk' | 'none'
  readonly endpoints: number
  /** Nameservers, controls and checkers that read its frames. */
  readonly readers: number
  readonly probesRunning: number
  readonly probesWaiting: number
  /** Probes since its start that were its own fault: no vote. */
  readonly localErrors: number
}

/** What a node says to a control, one at a time. `by` is what its certificate says: site and name. */
export type NodeReport =
  | { readonly kind: 'event'; readonly event: Extract<NodeEvent, { kind: 'publication' | 'alarm' }> }
  | { readonly kind: 'published'; readonly answers: readonly PublishedAnswer[]; readonly by?: string }
  | { readonly kind: 'withdrawn'; readonly names: readonly string[]; readonly by?: string }
  | { readonly kind: 'nameserver'; readonly report: NameserverReport }
  | { readonly kind: 'checker'; readonly report: CheckerReport }
  /** Somebody was turned away. */
  | ({ readonly kind: 'refused' } & Refusal)

export interface Reporter {
  event(event: NodeEvent): void
  /** `by`: the nameserver, by site and name; absent within one process. */
  published(answers: readonly PublishedAnswer[], by?: string): void
  /** The owner name answers for nothing any more. */
  withdrawn(names: readonly string[], by?: string): void
  nameserver(report: NameserverReport): void
}

export interface CheckerReporter {
  checker(report: CheckerReport): void
}
