/**
 * All servers that take updates of all zones: from the plan to those that have to hear of it.
 * What must stay true: a name that is no load balancer's any more goes there too, also when it went while nobody looked; what is
 * published is what the plan says for clients that no rule is about.
 */
import type { PlainRecordSet } from '../../core/dns/record-set.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import { DECIDED_TYPES } from '../../core/steering/decision.ts'
import type { SecondaryReport } from '../../ports/report.ts'
import type { TransferKey } from '../../ports/zone-storage.ts'
import { PlainRenderings } from '../plain-renderings.ts'
import type { PlanSource } from '../publisher.ts'
import type { UpdateTarget, UpdateTargetOptions } from './update-target.ts'

export type KeyOf = (name: string) => TransferKey | string

export interface UpdateTargetsOptions {
  readonly make: (
    options: Pick<UpdateTargetOptions, 'zone' | 'owner' | 'server' | 'place' | 'key' | 'wanted'>,
  ) => UpdateTarget
  /** Names that an earlier process left at a target. */
  readonly left: Readonly<Record<string, readonly string[]>>
  /** What stands where has changed. */
  readonly onChange: () => void
}

interface Followed {
  readonly target: UpdateTarget
  readonly zone: string
  /** What makes it another one. */
  readonly print: string
}

export class UpdateTargets {
  readonly #options: UpdateTargetsOptions
  /** By zone and place. */
  readonly #targets = new Map<string, Followed>()
  readonly #renderings = new PlainRenderings()
  #plan: PlanSource | null = null
  #configuration: Configuration | null = null
  #keyOf: KeyOf = () => 'nothing is planned yet'
  #isOpen = false

  constructor(options: UpdateTargetsOptions) {
    this.#options = options
  }

  replace(plan: PlanSource, configuration: Configuration, keyOf: KeyOf): void {
    this.#plan = plan
    this.#configuration = configuration
    this.#keyOf = keyOf
    this.#renderings.keepOnly((name) => configuration.loadBalancer.has(name))
    this.#publish()
  }

  /** These owner names may answer differently now. */
  touch(names: Iterable<string>): void {
    if (!this.#isOpen) return
    const some = [...names]
    for (const { target, zone } of this.#targets.values())
      target.touch(some.filter((name) => this.#configuration?.loadBalancer.get(name)?.zone === zone))
  }

  /** Begins to publish. */
  open(): void {
    this.#isOpen = true
    this.#publish()
  }

  reports(): SecondaryReport[] {
    return Array.from(this.#targets.values(), ({ target }) => target.report())
  }

  /** Names at each target, to be kept on disk. */
  names(): Record<string, readonly string[]> {
    return Object.fromEntries(Array.from(this.#targets, ([key, { target }]) => [key, [...target.names]]))
  }

  stop(): void {
    for (const { target } of this.#targets.values()) target.stop()
  }

  #publish(): void {
    if (!this.#isOpen || this.#configuration === null) return
    this.#define(this.#configuration)
    const byZone = Map.groupBy(this.#configuration.loadBalancer.values(), ({ zone }) => zone)
    for (const { target, zone } of this.#targets.values())
      target.touch([...(byZone.get(zone) ?? []).map(({ name }) => name), ...target.names])
    this.#options.onChange()
  }

  #define(configuration: Configuration): void {
    for (const { name: zone, updates } of configuration.zone.values())
      for (const { address, port, tsigKey } of updates?.targets ?? []) {
        const owner = updates?.owner ?? ''
        const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
        const key = `${zone} ${place}`
        const known = this.#targets.get(key)
        const print = `${tsigKey} ${owner}`
        if (known?.print === print) continue
        known?.target.stop()
        const target = this.#options.make({
          ...{ zone, owner, place, server: { address, port } },
          key: () => this.#keyOf(tsigKey),
          wanted: (name) => this.#wanted(zone, name),
        })
        this.#targets.set(key, { target, zone, print })
        target.touch([...(known?.target.names ?? []), ...(this.#options.left[key] ?? [])])
      }
  }

  #wanted(zone: string, name: string): readonly PlainRecordSet[] {
    const updates = this.#configuration?.zone.get(zone)?.updates
    const owner = this.#plan?.owner(name)
    if (updates === undefined || !owner || owner.zone.name !== zone) return []
    const own = owner.records.filter(({ type }) => DECIDED_TYPES.some((decided) => decided === type))
    return this.#renderings.render(name, own, updates.answers)
  }
}
