/**
 * The plan as secondaries get it: only zones that name some, rendered without anything that is chosen for each query.
 * What must stay true: the same plan gives the same rendering; a record set that is refused keeps its last rendering, so that no
 * secondary denies a name that is only not to be answered now.
 */
import type { OwnerRecords } from '../../core/dns/record-set.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import type { TransferKey, ZoneSigning, ZoneTransfer } from '../../ports/zone-storage.ts'
import type { PlainRenderings } from '../plain-renderings.ts'
import type { PlanSource } from '../publisher.ts'
import { tsigSecret } from '../tsig-secret.ts'

export class TransferPlan implements PlanSource {
  readonly #of: PlanSource
  readonly #configuration: Configuration
  readonly #vault: KeyVault
  readonly #renderings: PlainRenderings

  constructor(
    of: PlanSource,
    context: {
      readonly configuration: Configuration
      readonly vault: KeyVault
      readonly renderings: PlainRenderings
    },
  ) {
    this.#of = of
    this.#configuration = context.configuration
    this.#vault = context.vault
    this.#renderings = context.renderings
    this.#renderings.keepOnly((name) => this.#configuration.loadBalancer.has(name))
  }

  zones(): ReturnType<PlanSource['zones']> {
    const plans = Array.from(this.#of.zones()).filter(([name]) => this.#isTransferred(name))
    return new Map(
      plans.map(([zone, plan]) => {
        const owners = Array.from(
          plan.owners,
          ([name, records]) => [name, this.#render(zone, records)] as const,
        )
        return [zone, { ...plan, owners: new Map(owners.filter(([, records]) => records.length > 0)) }]
      }),
    )
  }

  owner(name: string): ReturnType<PlanSource['owner']> {
    const owner = this.#of.owner(name)
    if (owner === null || !this.#isTransferred(owner.zone.name)) return null
    return { zone: owner.zone, records: this.#render(owner.zone.name, owner.records) }
  }

  signing(zone: string): ZoneSigning {
    const keys = this.#keysOf(zone)
    return typeof keys === 'string' ? { kind: 'unavailable', reason: keys } : this.#of.signing(zone)
  }

  transfer(zone: string): ZoneTransfer {
    const keys = this.#keysOf(zone)
    return { keys: typeof keys === 'string' ? [] : keys }
  }

  #isTransferred(zone: string): boolean {
    return this.#configuration.zone.get(zone)?.transfers !== undefined
  }

  #render(zone: string, records: OwnerRecords): OwnerRecords {
    const answers = this.#configuration.zone.get(zone)?.transfers?.answers
    const [first] = records
    if (first === undefined || !this.#configuration.loadBalancer.has(first.name)) return records
    return this.#renderings.render(first.name, records, answers)
  }

  /** In words why it cannot be used. */
  keyOf(name: string): TransferKey | string {
    return tsigSecret(name, this.#configuration, this.#vault)
  }

  /** In words why they cannot be used. */
  #keysOf(zone: string): readonly TransferKey[] | string {
    const { secondaries = [] } = this.#configuration.zone.get(zone)?.transfers ?? {}
    const found = Array.from(new Set(secondaries.map(({ tsigKey }) => tsigKey)), (name) => this.keyOf(name))
    const keys = found.filter((key) => typeof key !== 'string')
    return keys.length === found.length ? keys : found.filter((key) => typeof key === 'string').join('; ')
  }
}
