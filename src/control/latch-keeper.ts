/**
 * Makes known to all what most nameservers have latched: that is committed, so that a new nameserver learns of it from the feed. A
 * failback begins a new generation.
 * What must stay true: one nameserver alone moves nothing for the others, unless it is the only one that lives; nothing is committed
 * when nothing is new; a report of an earlier generation changes nothing; two controls that hear the same reports commit it once.
 * Without a control every nameserver keeps its own latches.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Configuration } from '../core/model/configuration.ts'
import type { Latch } from '../core/model/latch.ts'
import type { Policy } from '../core/model/policy.ts'
import { agreedLatch, isLatching, joinLatches } from '../core/steering/state/latches.ts'
import type { Clock } from '../ports/clock.ts'
import { CONTROL_ITSELF } from './actor.ts'
import type { RequestedChange } from './change-plan.ts'
import type { ChangeDecision } from './change-order.ts'
import type { ConfigurationService } from './configuration-service.ts'
import { LoneLatches, type LoneLatch } from './lone-latches.ts'

export interface LatchKeeperOptions {
  readonly service: Pick<ConfigurationService, 'current' | 'change'>
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly logger: Logger
}

interface Reported {
  readonly latches: readonly Latch[]
  readonly atMs: number
}

/** A nameserver reports about once a second, and to a control that was away every ten seconds. */
const LIVE_MS = 10_000
/** Of a control that starts: until then who speaks first might be all that it knows. */
const SETTLE_MS = 15_000
/** Far above every failback there will be, and far below where numbers end. */
const MAX_GENERATION = 1_000_000_000
const MAX_NAMED = 10

export class LatchKeeper {
  readonly #options: LatchKeeperOptions
  /** The last report of each nameserver, by site and name. */
  readonly #reported = new Map<string, Reported>()
  readonly #lone = new LoneLatches()
  readonly #sinceMs: number
  #keeping: Promise<void> | null = null

  constructor(options: LatchKeeperOptions) {
    this.#options = options
    this.#sinceMs = options.clock.monotonicMs()
  }

  /** What a nameserver, by site and name, has latched, with the generation of each. */
  heard(nameserver: string, latches: readonly Latch[]): void {
    const atMs = this.#options.clock.monotonicMs()
    const possible = latches.filter(({ generation }) => generation <= MAX_GENERATION)
    this.#reported.set(nameserver, { latches: possible, atMs })
    this.#forgetSilent(atMs)
    if (atMs - this.#sinceMs < SETTLE_MS) return
    const { configuration } = this.#options.service.current
    this.#lone.heard(nameserver, possible, { configuration, nowMs: atMs })
    this.#look()
  }

  /** What some nameservers have latched and most have not: nothing of what only waits for the store. */
  lone(): readonly LoneLatch[] {
    const nowMs = this.#options.clock.monotonicMs()
    this.#forgetSilent(nowMs)
    const { loadBalancer } = this.#options.service.current.configuration
    return this.#lone.at(nowMs).flatMap((latch) => {
      const policy = loadBalancer.get(latch.loadBalancer)?.policy
      const agreed = policy === undefined ? [] : (this.#agreed(latch.loadBalancer, policy)?.tiers ?? [])
      const pools = latch.pools.filter((pool) => !agreed.some((tier) => tier.pool === pool))
      return pools.length === 0 ? [] : [{ ...latch, pools }]
    })
  }

  /** Lets the answers of a load balancer go back to the first tier that is healthy. */
  decideFailback(name: string, { loadBalancer, latch }: Configuration): ChangeDecision {
    const policy = loadBalancer.get(name)?.policy
    if (policy === undefined) return { kind: 'not-found', detail: `there is no load balancer '${name}'` }
    if (!isLatching(policy)) {
      const message = `the policy of '${name}' does not latch: it goes back by itself; set latch: true where it should not`
      return { kind: 'invalid', faults: [{ pointer: '', message }] }
    }
    const known = [latch.get(name), this.#agreed(name, policy)].flatMap((one) => one?.generation ?? [])
    const spec: Latch = { name, generation: Math.max(0, ...known) + 1, tiers: [] }
    return { kind: 'changes', changes: [{ op: 'put', kind: 'latch', key: name, spec, pointer: '' }] }
  }

  /** Resolves when nothing is being committed. */
  async stop(): Promise<void> {
    await this.#keeping
  }

  #forgetSilent(nowMs: number): void {
    for (const [name, { atMs }] of this.#reported)
      if (atMs + LIVE_MS < nowMs) {
        this.#reported.delete(name)
        this.#lone.forget(name)
      }
  }

  /** A report that comes while the last one is being committed is looked at with the next one: there is one each second. */
  #look(): void {
    const { service, logger } = this.#options
    if (this.#keeping !== null) return
    const news = this.#newIn(service.current.configuration)
    if (news.length === 0) return
    this.#keeping = service
      .change({
        actor: CONTROL_ITSELF,
        message: `latched at ${this.#whoReported(new Set(news.map(({ key }) => key)))}`,
        dryRun: false,
        decide: ({ configuration }) => ({ kind: 'changes', changes: this.#newIn(configuration) }),
      })
      .then(
        () => undefined,
        (error: unknown) => {
          logger.error({ err: error }, 'latches could not be kept: the nameservers hold theirs')
        },
      )
      .finally(() => {
        this.#keeping = null
      })
  }

  #newIn({ loadBalancer, latch }: Configuration): RequestedChange[] {
    const reports = [...this.#reported.values()]
    const names = new Set(reports.flatMap(({ latches }) => latches.map((one) => one.name)))
    return [...names].flatMap((name): RequestedChange[] => {
      const policy = loadBalancer.get(name)?.policy
      if (policy === undefined) return []
      const before = latch.get(name)
      const joined = joinLatches(policy, before, this.#agreed(name, policy))
      const isNews = joined !== undefined && (before !== undefined || joined.tiers.length > 0)
      if (!isNews || isDeepStrictEqual(joined, before)) return []
      return [{ op: 'put', kind: 'latch', key: name, spec: joined, pointer: '' }]
    })
  }

  /** Of more than half of those that live. */
  #agreed(name: string, policy: Policy): Latch | undefined {
    const reports = [...this.#reported.values()].flatMap(
      ({ latches }) => latches.find((one) => one.name === name) ?? [],
    )
    return agreedLatch(policy, reports, Math.floor(this.#reported.size / 2) + 1)
  }

  #whoReported(names: ReadonlySet<string>): string {
    const who = [...this.#reported].filter(([, { latches }]) =>
      latches.some((one) => names.has(one.name) && one.tiers.length > 0),
    )
    const more = who.length > MAX_NAMED ? ` and ${who.length - MAX_NAMED} more` : ''
    return `${who
      .slice(0, MAX_NAMED)
      .map(([name]) => name)
      .sort()
      .join(', ')}${more}`
  }
}
