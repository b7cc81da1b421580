/**
 * Makes known to all what most nameservers have latched: that is committed, so that a new nameserver learns of it from the feed. A
 * failback begins a new generation.
 * What must stay true: one nameserver alone moves nothing for the others, unless it is the only one that lives; nothing is committed
 * when nothing is new; a report of an earlier generation changes nothing; two controls that hear the same reports commit it once; a
 * report that says nothing new costs nothing. Without a control every nameserver keeps its own latches.
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
import { LatchReports } from './latch-reports.ts'
import { LoneLatches, type LoneLatch } from './lone-latches.ts'

export interface LatchKeeperOptions {
  readonly service: Pick<ConfigurationService, 'current' | 'change'>
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly logger: Logger
}

/** Of a control that starts: until then who speaks first might be all that it knows. */
const SETTLE_MS = 15_000
/** Far above every failback there will be, and far below where numbers end. */
const MAX_GENERATION = 1_000_000_000
const MAX_NAMED = 10
/** After a store that was away. */
const RETRY_MS = 5_000

export class LatchKeeper {
  readonly #options: LatchKeeperOptions
  readonly #reports = new LatchReports()
  readonly #lone = new LoneLatches()
  readonly #sinceMs: number
  #keeping: Promise<void> | null = null
  /** The load balancers that are to be looked at: of which somebody says something new, or that could not be kept. */
  #due: Set<string> | 'all' = 'all'
  /** All were looked at under it. */
  #lookedAtRevision = -1
  /** Monotonic ms; the store was away. */
  #retryAtMs = -Infinity
  #isFailing = false

  constructor(options: LatchKeeperOptions) {
    this.#options = options
    this.#sinceMs = options.clock.monotonicMs()
  }

  /** What a nameserver, by site and name, has latched, with the generation of each. */
  heard(nameserver: string, latches: readonly Latch[]): void {
    const atMs = this.#options.clock.monotonicMs()
    const possible = latches.filter(({ generation }) => generation <= MAX_GENERATION)
    // How many it takes changes with how many there are.
    if (!this.#reports.knows(nameserver)) this.#due = 'all'
    const news = this.#reports.heard(nameserver, possible, atMs)
    if (this.#due !== 'all') for (const name of news) this.#due.add(name)
    this.#forgetSilent(atMs)
    if (atMs - this.#sinceMs < SETTLE_MS) return
    const { configuration } = this.#options.service.current
    if (news.length > 0 || this.#lone.isBehind(nameserver, configuration))
      this.#lone.heard(nameserver, possible, { configuration, nowMs: atMs })
    this.#look(atMs)
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
    const silent = this.#reports.forgetSilent(nowMs)
    for (const nameserver of silent) this.#lone.forget(nameserver)
    if (silent.length > 0) this.#due = 'all'
  }

  /** A report that comes while the last one is being committed is looked at with the next one: there is one each second. */
  #look(nowMs: number): void {
    const { service, logger } = this.#options
    if (this.#keeping !== null || nowMs < this.#retryAtMs) return
    const { configuration, revision } = service.current
    const names = revision === this.#lookedAtRevision && this.#due !== 'all' ? this.#due : this.#everybody()
    this.#due = new Set()
    this.#lookedAtRevision = revision
    const news = this.#newIn(configuration, names)
    if (news.length === 0) return
    this.#keeping = service
      .change({
        actor: CONTROL_ITSELF,
        message: `latched at ${this.#whoReported(news.map(({ key }) => key))}`,
        dryRun: false,
        decide: ({ configuration }) => ({ kind: 'changes', changes: this.#newIn(configuration, names) }),
      })
      .then(
        () => {
          this.#isFailing = false
        },
        (error: unknown) => {
          this.#due = 'all'
          this.#retryAtMs = this.#options.clock.monotonicMs() + RETRY_MS
          if (!this.#isFailing)
            logger.error(
              { err: error },
              'latches could not be kept: the nameservers hold theirs; it is tried again',
            )
          this.#isFailing = true
        },
      )
      .finally(() => {
        this.#keeping = null
      })
  }

  #everybody(): Set<string> {
    return new Set(this.#reports.balancers())
  }

  #newIn({ loadBalancer, latch }: Configuration, names: ReadonlySet<string>): RequestedChange[] {
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
    return agreedLatch(policy, this.#reports.of(name), Math.floor(this.#reports.size / 2) + 1)
  }

  #whoReported(names: readonly string[]): string {
    const who = this.#reports.whoLatched(names)
    const more = who.length > MAX_NAMED ? ` and ${who.length - MAX_NAMED} more` : ''
    return `${who.slice(0, MAX_NAMED).sort().join(', ')}${more}`
  }
}
