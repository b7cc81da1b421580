/**
 * Makes known to all what each nameserver has latched: the union of their reports is committed, so that a new nameserver learns
 * of it from the feed. A failback begins a new generation.
 * What must stay true: nothing is committed when nothing is new; a report of an earlier generation changes nothing; two controls
 * that hear the same reports commit it once. Without a control every nameserver keeps its own latches.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Configuration } from '../core/model/configuration.ts'
import type { Latch } from '../core/model/latch.ts'
import { isLatching, joinLatches } from '../core/steering/state/latches.ts'
import { CONTROL_ITSELF } from './actor.ts'
import type { RequestedChange } from './change-plan.ts'
import type { ChangeDecision } from './change-order.ts'
import type { ConfigurationService } from './configuration-service.ts'

export interface LatchKeeperOptions {
  readonly service: Pick<ConfigurationService, 'current' | 'change'>
  readonly logger: Logger
}

export class LatchKeeper {
  readonly #options: LatchKeeperOptions
  /** The last report of each nameserver. */
  readonly #reported = new Map<string, readonly Latch[]>()
  #keeping: Promise<void> | null = null

  constructor(options: LatchKeeperOptions) {
    this.#options = options
  }

  /** What a nameserver has latched, with the generation of each. */
  heard(nameserver: string, latches: readonly Latch[]): void {
    this.#reported.set(nameserver, latches)
    this.#look()
  }

  /** Lets the answers of a load balancer go back to the first tier that is healthy. */
  decideFailback(name: string, { loadBalancer, latch }: Configuration): ChangeDecision {
    const policy = loadBalancer.get(name)?.policy
    if (policy === undefined) return { kind: 'not-found', detail: `there is no load balancer '${name}'` }
    if (!isLatching(policy)) {
      const message = `the policy of '${name}' does not latch: it goes back by itself; set latch: true where it should not`
      return { kind: 'invalid', faults: [{ pointer: '', message }] }
    }
    const known = [latch.get(name), ...this.#reportsOf(name)].flatMap((one) => one?.generation ?? [])
    const spec: Latch = { name, generation: Math.max(0, ...known) + 1, tiers: [] }
    return { kind: 'changes', changes: [{ op: 'put', kind: 'latch', key: name, spec, pointer: '' }] }
  }

  /** Resolves when nothing is being committed. */
  async stop(): Promise<void> {
    await this.#keeping
  }

  /** A report that comes while the last one is being committed is looked at with the next one: there is one each second. */
  #look(): void {
    const { service, logger } = this.#options
    if (this.#keeping !== null || this.#newIn(service.current.configuration).length === 0) return
    this.#keeping = service
      .change({
        actor: CONTROL_ITSELF,
        message: 'what the nameservers have latched',
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
    const names = new Set([...this.#reported.values()].flatMap((latches) => latches.map((one) => one.name)))
    return [...names].flatMap((name): RequestedChange[] => {
      const policy = loadBalancer.get(name)?.policy
      if (policy === undefined) return []
      const before = latch.get(name)
      const joined = this.#reportsOf(name).reduce<Latch | undefined>(
        (known, one) => joinLatches(policy, known, one),
        before,
      )
      const isNews = joined !== undefined && (before !== undefined || joined.tiers.length > 0)
      if (!isNews || isDeepStrictEqual(joined, before)) return []
      return [{ op: 'put', kind: 'latch', key: name, spec: joined, pointer: '' }]
    })
  }

  #reportsOf(name: string): Latch[] {
    return [...this.#reported.values()].flatMap((latches) => latches.filter((one) => one.name === name))
  }
}
