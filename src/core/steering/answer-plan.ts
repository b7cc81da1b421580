/**
 * The plan: for every zone, what each owner name answers. Pure and incremental: an endpoint's change costs the balancers that
 * use its pool, whatever the number of zones.
 * What must stay true: planning twice gives the same plan; a balancer's change touches no other owner name.
 */
import type { OwnerRecords, RecordSet } from '../dns/record-set.ts'
import { endpointsByPool, type Configuration } from '../model/configuration.ts'
import type { LoadBalancer } from '../model/load-balancer.ts'
import { poolsOf } from '../model/policy.ts'
import type { Endpoint } from '../model/pool.ts'
import { endpointKey, poolOf, type EndpointKey } from '../model/resource.ts'
import type { Zone } from '../model/zone.ts'
import { decideAnswer, type Decision } from './decide-answer.ts'
import { judgeEligibility, type Candidate, type VerdictLookup } from './eligibility.ts'
import { staticOwners } from './static-owners.ts'

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
  readonly #balancersOfZone: ReadonlyMap<string, readonly LoadBalancer[]>

  constructor(configuration: Configuration) {
    this.#configuration = configuration
    this.#endpoints = endpointsByPool(configuration)
    this.#balancersOfZone = Map.groupBy(configuration.loadBalancer.values(), (balancer) => balancer.zone)
    for (const balancer of configuration.loadBalancer.values())
      for (const pool of poolsOf(balancer.policy)) {
        const list = this.#balancersOfPool.get(pool)
        if (list === undefined) this.#balancersOfPool.set(pool, [balancer.name])
        else list.push(balancer.name)
      }
  }

  /** Every zone's plan, by zone name. The owners of a zone without balancers are the same map for the same zone. */
  zones(verdicts: VerdictLookup): ReadonlyMap<string, ZonePlan> {
    const plans = new Map<string, ZonePlan>()
    for (const zone of this.#configuration.zone.values()) {
      const statics = staticOwners(zone)
      const balancers = this.#balancersOfZone.get(zone.name)
      const owners = new Map<string, OwnerRecords>(balancers && statics)
      for (const balancer of balancers ?? []) {
        const records = this.ownerRecords(balancer, verdicts)
        if (records.length > 0) owners.set(balancer.name, records)
      }
      plans.set(zone.name, { zone, owners: balancers === undefined ? statics : owners })
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
  ownerRecords(balancer: LoadBalancer, verdicts: VerdictLookup): OwnerRecords {
    const zone = this.#configuration.zone.get(balancer.zone)
    const beside = zone && staticOwners(zone).get(balancer.name)
    return [...(beside ?? []), ...this.policyRecords(balancer, verdicts)]
  }

  /** The record sets that the policy of one balancer gives. */
  policyRecords(balancer: LoadBalancer, verdicts: VerdictLookup): RecordSet[] {
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
