/**
 * The plan: for every zone, what each owner name answers. Pure and incremental: an endpoint's change costs the balancers that
 * use its pool, whatever the number of zones.
 * What must stay true: planning twice gives the same plan; a balancer's change touches no other owner name.
 */
import { absoluteName } from '../dns/name.ts'
import type { OwnerRecords, PlainRecordSet, RecordSet } from '../dns/record-set.ts'
import { endpointsByPool, type Configuration } from '../model/configuration.ts'
import type { LoadBalancer } from '../model/load-balancer.ts'
import { poolsOf } from '../model/check-references.ts'
import type { Endpoint } from '../model/pool.ts'
import { endpointKey, poolOf, type EndpointKey } from '../model/resource.ts'
import type { StaticRecord, Zone } from '../model/zone.ts'
import { decideAnswer, type Decision } from './decide-answer.ts'
import { judgeEligibility, type Candidate, type VerdictLookup } from './eligibility.ts'

export const ADDRESS_TYPES = ['A', 'AAAA'] as const

export interface ZonePlan {
  readonly zone: Zone
  /** Owner name (absolute) to its record sets. The SOA is not here: it carries the serial, which publishing gives. */
  readonly owners: ReadonlyMap<string, OwnerRecords>
}

export class AnswerPlan {
  readonly #configuration: Configuration
  readonly #endpoints: ReadonlyMap<string, readonly Endpoint[]>
  readonly #balancersOfPool = new Map<string, string[]>()

  constructor(configuration: Configuration) {
    this.#configuration = configuration
    this.#endpoints = endpointsByPool(configuration)
    for (const balancer of configuration.loadBalancer.values())
      for (const pool of poolsOf(balancer.policy)) {
        const list = this.#balancersOfPool.get(pool)
        if (list === undefined) this.#balancersOfPool.set(pool, [balancer.name])
        else list.push(balancer.name)
      }
  }

  /** Every zone's plan, by zone name. */
  zones(verdicts: VerdictLookup): ReadonlyMap<string, ZonePlan> {
    const plans = new Map<string, { zone: Zone; owners: Map<string, RecordSet[]> }>()
    for (const zone of this.#configuration.zone.values())
      plans.set(zone.name, { zone, owners: staticOwners(zone) })
    for (const balancer of this.#configuration.loadBalancer.values()) {
      const owners = plans.get(balancer.zone)?.owners
      if (owners === undefined) continue
      const records = this.owner(balancer, verdicts)
      if (records.length > 0) owners.set(balancer.name, [...(owners.get(balancer.name) ?? []), ...records])
    }
    return plans
  }

  /** The load balancers whose answers can change when these endpoints' verdicts do. */
  affectedBy(endpoints: Iterable<EndpointKey>): readonly LoadBalancer[] {
    const names = new Set<string>()
    for (const pool of new Set(Array.from(endpoints, poolOf)))
      for (const name of this.#balancersOfPool.get(pool) ?? []) names.add(name)
    return [...names].flatMap((name) => this.#configuration.loadBalancer.get(name) ?? [])
  }

  /** All record sets of the owner name of one balancer: its own, and the static ones beside them. */
  ownerOf(balancer: LoadBalancer, verdicts: VerdictLookup): OwnerRecords {
    const zone = this.#configuration.zone.get(balancer.zone)
    const beside = zone === undefined ? [] : (staticOwners(zone, balancer.name).get(balancer.name) ?? [])
    return [...beside, ...this.owner(balancer, verdicts)]
  }

  /** The record sets that the policy of one balancer gives. */
  owner(balancer: LoadBalancer, verdicts: VerdictLookup): RecordSet[] {
    const pools = this.candidates(balancer, verdicts)
    return ADDRESS_TYPES.flatMap((type) => decideAnswer(balancer, type, pools).record ?? [])
  }

  decide(balancer: LoadBalancer, type: (typeof ADDRESS_TYPES)[number], verdicts: VerdictLookup): Decision {
    return decideAnswer(balancer, type, this.candidates(balancer, verdicts))
  }

  private candidates(
    balancer: LoadBalancer,
    verdicts: VerdictLookup,
  ): ReadonlyMap<string, readonly Candidate[]> {
    const byPool = new Map<string, readonly Candidate[]>()
    for (const pool of poolsOf(balancer.policy)) {
      const monitored = (this.#configuration.pool.get(pool)?.monitors.length ?? 0) > 0
      const judged = (this.#endpoints.get(pool) ?? []).map((endpoint) => {
        const key = endpointKey(pool, endpoint.name)
        return judgeEligibility({ key, pool, endpoint }, { monitored, verdict: verdicts(key) })
      })
      byPool.set(pool, judged)
    }
    return byPool
  }
}

/** The static record sets of a zone by owner name; only those of `only`, if given. */
export function staticOwners(zone: Zone, only?: string): Map<string, RecordSet[]> {
  const owners = new Map<string, RecordSet[]>()
  const add = (set: PlainRecordSet) => {
    if (only !== undefined && set.name !== only) return
    const list = owners.get(set.name)
    if (list === undefined) owners.set(set.name, [set])
    else list.push(set)
  }
  add({
    kind: 'plain',
    name: zone.name,
    type: 'NS',
    ttlSec: zone.ttlSec,
    values: [...zone.nameservers].sort(),
  })
  for (const record of zone.records)
    add({
      kind: 'plain',
      name: absoluteName(record.name, zone.name),
      type: record.type,
      ttlSec: record.ttlSec ?? zone.ttlSec,
      values: presentationOf(record).sort(),
    })
  return owners
}

/** RFC 1035 presentation format of each value. */
function presentationOf(record: StaticRecord): string[] {
  switch (record.type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
      return [...record.values]
    case 'TXT':
      return record.values.map(quotedStrings)
    case 'MX':
      return record.values.map((value) => `${value.preference} ${value.exchange}`)
    case 'SRV':
      return record.values.map((value) => `${value.priority} ${value.weight} ${value.port} ${value.target}`)
    case 'CAA':
      return record.values.map((value) => `${value.flags} ${value.tag} ${quoted(value.value)}`)
  }
}

function quotedStrings(text: string): string {
  return (text.match(/.{1,255}/g) ?? ['']).map(quoted).join(' ')
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
