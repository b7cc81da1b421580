/**
 * The plan: for every zone, what each owner name answers. Pure and incremental: an endpoint's change costs the balancers that
 * use its pool, whatever the number of zones.
 * What must stay true: planning twice gives the same plan; a balancer's change touches no other owner name.
 */
import type { OwnerRecords, RecordSet } from '../dns/record-set.ts'
import { endpointsOfPool, type Configuration } from '../model/configuration.ts'
import type { LoadBalancer } from '../model/load-balancer.ts'
import { poolsWithin } from '../model/nested-pools.ts'
import { poolsOf } from '../model/policy.ts'
import { endpointKey } from '../model/resource.ts'
import type { Zone } from '../model/zone.ts'
import { decideAnswer } from './decide-answer.ts'
import type { Decision } from './decision.ts'
import { judgeEligibility, type Candidate } from './eligibility.ts'
import { drainInForce, drainPhase, drainShare, overrideInForce } from './operations-in-force.ts'
import { staticOwners } from './static-owners.ts'
import type { SteeringView } from './steering-view.ts'

export interface ZonePlan {
  readonly zone: Zone
  /** Owner name (absolute) to its record sets. The SOA is not here: it carries the serial, which publishing gives. */
  readonly owners: ReadonlyMap<string, OwnerRecords>
}

type Member = Pick<Candidate, 'key' | 'pool' | 'endpoint'>

export class AnswerPlan {
  readonly #configuration: Configuration
  readonly #members = new Map<string, readonly Member[]>()
  readonly #balancersOfZone: ReadonlyMap<string, readonly LoadBalancer[]>
  readonly #hasOperations: boolean

  constructor(configuration: Configuration) {
    this.#configuration = configuration
    this.#balancersOfZone = Map.groupBy(configuration.loadBalancer.values(), (balancer) => balancer.zone)
    this.#hasOperations = configuration.override.size + configuration.drain.size > 0
  }

  /** Every zone's plan, by zone name. The owners of a zone without balancers are the same map for the same zone. */
  zones(view: SteeringView): ReadonlyMap<string, ZonePlan> {
    const plans = new Map<string, ZonePlan>()
    for (const zone of this.#configuration.zone.values()) {
      const statics = staticOwners(zone)
      const balancers = this.#balancersOfZone.get(zone.name)
      const owners = new Map<string, OwnerRecords>(balancers && statics)
      for (const balancer of balancers ?? []) {
        const records = this.ownerRecords(balancer, view)
        if (records.length > 0) owners.set(balancer.name, records)
      }
      plans.set(zone.name, { zone, owners: balancers === undefined ? statics : owners })
    }
    return plans
  }

  /** All record sets of the owner name of one balancer: its own, and the static ones beside them. */
  ownerRecords(balancer: LoadBalancer, view: SteeringView): OwnerRecords {
    const zone = this.#configuration.zone.get(balancer.zone)
    const beside = zone && staticOwners(zone).get(balancer.name)
    return [...(beside ?? []), ...this.policyRecords(balancer, view)]
  }

  /** The record sets that the policy of one balancer gives. */
  policyRecords(balancer: LoadBalancer, view: SteeringView): RecordSet[] {
    return this.decisions(balancer, view).flatMap(({ record }) => record ?? [])
  }

  /** One for each type that the balancer has a say in. */
  decisions(balancer: LoadBalancer, view: SteeringView): readonly Decision[] {
    const { site: sites, clientMap: clientMaps } = this.#configuration
    const latchedTier: SteeringView['latchedTier'] = (...at) => view.latchedTier(...at)
    return decideAnswer(balancer, { sites, clientMaps, latchedTier, pools: this.#candidates(balancer, view) })
  }

  #candidates(balancer: LoadBalancer, view: SteeringView): ReadonlyMap<string, readonly Candidate[]> {
    const judged = new Map<string, readonly Candidate[]>()
    const judge = (pool: string) => {
      const before = judged.get(pool)
      if (before !== undefined) return before
      const monitored = (this.#configuration.pool.get(pool)?.monitors.length ?? 0) > 0
      const candidates = this.#membersOf(pool).map((member) =>
        this.#judge(member, { monitored, view, loadBalancer: balancer.name }),
      )
      judged.set(pool, candidates)
      return candidates
    }
    const byPool = new Map<string, readonly Candidate[]>()
    for (const pool of poolsOf(balancer.policy)) {
      const within = poolsWithin(this.#configuration.pool, pool)
      byPool.set(pool, within.length === 1 ? judge(pool) : within.flatMap(judge))
    }
    return byPool
  }

  #judge(
    member: Member,
    of: { readonly monitored: boolean; readonly view: SteeringView; readonly loadBalancer: string },
  ): Candidate {
    const { monitored, view, loadBalancer } = of
    const { key } = member
    const verdict = view.verdict(key)
    const evidence = {
      monitored,
      verdict,
      isHeld: verdict?.state === 'down' && view.isHeld(loadBalancer, key),
      rampShare: view.rampShare(key),
    }
    if (!this.#hasOperations) return judgeEligibility(member, evidence)
    const override = overrideInForce(this.#configuration, key, view.wallMs)?.state
    const drain = drainInForce(this.#configuration, key, view.wallMs)
    return judgeEligibility(member, {
      ...evidence,
      override,
      drain: drain && { phase: drainPhase(drain, view.wallMs), share: drainShare(drain, view.wallMs) },
    })
  }

  #membersOf(pool: string): readonly Member[] {
    const known = this.#members.get(pool)
    if (known !== undefined) return known
    const members = endpointsOfPool(this.#configuration, pool).map((endpoint): Member => ({
      key: endpointKey(pool, endpoint.name),
      pool,
      endpoint,
    }))
    this.#members.set(pool, members)
    return members
  }
}
