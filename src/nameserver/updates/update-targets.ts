/**
 * All servers that take updates of all zones: from the plan to those that have to hear of it.
 * What must stay true: a name that is no load balancer's any more goes there too, also when it went while nobody looked; so do all
 * names of a server that is no target any more, which is left once nothing of ours is there; what is published is what the plan
 * says for clients that no rule is about.
 */
import type { PlainRecordSet } from '../../core/dns/record-set.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import { DECIDED_TYPES } from '../../core/steering/decision.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SecondaryReport } from '../../ports/report.ts'
import type { TransferKey } from '../../ports/zone-storage.ts'
import { PlainRenderings } from '../plain-renderings.ts'
import type { PlanSource } from '../publisher.ts'
import { placeOf } from '../transfers/secondaries.ts'
import type { LeftTarget } from './left-target.ts'
import type { UpdateTarget, UpdateTargetOptions } from './update-target.ts'

/** In words why there is none. */
export type SecretOf = (name: string, keys: Pick<Configuration, 'tsigKey'>) => TransferKey | string

export interface UpdateTargetsOptions {
  readonly make: (
    options: Pick<UpdateTargetOptions, 'zone' | 'owner' | 'server' | 'place' | 'key' | 'wanted' | 'onGone'>,
  ) => UpdateTarget
  /** What stands where has changed. */
  readonly onChange: () => void
  readonly clock: Clock
  readonly onAlarm: (message: string) => void
}

/** All that is known of it but its names. */
type About = Omit<LeftTarget, 'names'>

interface Followed {
  readonly target: UpdateTarget
  about: About
  /** Of the end of its time; null: it is a target. */
  cancelEnd: (() => void) | null
}

/** So long it is tried to take names away from a server that is no target any more. */
const LEAVING_MS = 7 * 86_400_000

export class UpdateTargets {
  readonly #options: UpdateTargetsOptions
  /** By zone and place. */
  readonly #targets = new Map<string, Followed>()
  /** What an earlier process left, until it is followed again. */
  readonly #left = new Map<string, LeftTarget>()
  readonly #renderings = new PlainRenderings()
  #plan: PlanSource | null = null
  #configuration: Configuration | null = null
  #secretOf: SecretOf = () => 'nothing is planned yet'
  #isOpen = false

  constructor(options: UpdateTargetsOptions) {
    this.#options = options
  }

  /** What an earlier process left. */
  restore(left: readonly LeftTarget[]): void {
    for (const one of left) this.#left.set(keyOf(one), one)
  }

  replace(plan: PlanSource, configuration: Configuration, secretOf: SecretOf): void {
    this.#plan = plan
    this.#configuration = configuration
    this.#secretOf = secretOf
    this.#renderings.keepOnly((name) => configuration.loadBalancer.has(name))
    this.#publish()
  }

  /** These owner names may answer differently now. */
  touch(names: Iterable<string>): void {
    if (!this.#isOpen) return
    const some = [...names]
    for (const { target, about } of this.#targets.values())
      if (about.goneAtMs === undefined)
        target.touch(some.filter((name) => this.#configuration?.loadBalancer.get(name)?.zone === about.zone))
  }

  /** Begins to publish. */
  open(): void {
    this.#isOpen = true
    this.#publish()
  }

  reports(): SecondaryReport[] {
    return Array.from(this.#targets.values(), ({ target, about }) => {
      const report = target.report()
      if (about.goneAtMs === undefined) return report
      return { ...report, detail: `no target any more, names are taken away there: ${report.detail}` }
    })
  }

  /** What is to be kept on disk. */
  saved(): LeftTarget[] {
    return Array.from(this.#targets.values(), ({ target, about }) => {
      return { ...about, names: [...target.names].sort() }
    }).filter(({ names }) => names.length > 0)
  }

  stop(): void {
    for (const { target, cancelEnd } of this.#targets.values()) {
      target.stop()
      cancelEnd?.()
    }
  }

  #publish(): void {
    if (!this.#isOpen || this.#configuration === null) return
    this.#define(this.#configuration)
    const byZone = Map.groupBy(this.#configuration.loadBalancer.values(), ({ zone }) => zone)
    for (const { target, about } of this.#targets.values()) {
      const wanted = about.goneAtMs === undefined ? (byZone.get(about.zone) ?? []) : []
      target.touch([...wanted.map(({ name }) => name), ...target.names])
    }
    this.#options.onChange()
  }

  #define(configuration: Configuration): void {
    const configured = new Map(targetsOf(configuration).map((about) => [keyOf(about), about]))
    for (const about of configured.values()) this.#follow(about)
    for (const left of this.#left.values()) this.#follow(left)
    for (const [key, followed] of this.#targets) if (!configured.has(key)) this.#leave(key, followed)
  }

  /** With the names that are known to be there. */
  #follow(about: About): void {
    const key = keyOf(about)
    const known = this.#targets.get(key)
    const names = [...(known?.target.names ?? []), ...(this.#left.get(key)?.names ?? [])]
    this.#left.delete(key)
    known?.cancelEnd?.()
    const isSame = known?.about.owner === about.owner && known.about.tsigKey === about.tsigKey
    if (!isSame) known?.target.stop()
    const target = known !== undefined && isSame ? known.target : this.#make(about)
    this.#targets.set(key, { target, about, cancelEnd: null })
    target.touch(names)
  }

  #make(about: About): UpdateTarget {
    const { zone, owner, address, port, tsigKey } = about
    const key = keyOf(about)
    return this.#options.make({
      ...{ zone, owner, place: placeOf(about), server: { address, port } },
      key: () => this.#secretOf(tsigKey, this.#keysFor(key)),
      wanted: (name) => {
        return this.#targets.get(key)?.about.goneAtMs === undefined ? this.#wanted(zone, name) : []
      },
      onGone: () => {
        const { target, about: now } = this.#targets.get(key) ?? {}
        if (now?.goneAtMs !== undefined && target?.names.size === 0) this.#drop(key)
        this.#options.onChange()
      },
    })
  }

  /** What is there is taken away. A key that went with it is still good for that. */
  #leave(key: string, followed: Followed): void {
    const { clock } = this.#options
    if (followed.target.names.size === 0) {
      this.#drop(key)
      return
    }
    if (followed.cancelEnd !== null) return
    const goneAtMs = followed.about.goneAtMs ?? clock.wallMs()
    followed.about = { ...followed.about, goneAtMs }
    const leftMs = Math.min(LEAVING_MS, Math.max(0, goneAtMs + LEAVING_MS - clock.wallMs()))
    followed.cancelEnd = clock.after(leftMs, () => {
      const { zone } = followed.about
      const names = [...followed.target.names]
      const { detail } = followed.target.report()
      this.#drop(key)
      this.#options.onChange()
      this.#options.onAlarm(
        `${placeOf(followed.about)}, zone ${zone}: no target any more, and what was published there could not be taken away in a week (${detail}): take it away there, with its marks: ${names.join(', ')}`,
      )
    })
  }

  #drop(key: string): void {
    const followed = this.#targets.get(key)
    followed?.target.stop()
    followed?.cancelEnd?.()
    this.#targets.delete(key)
  }

  #keysFor(key: string): Pick<Configuration, 'tsigKey'> {
    const tsigKey = this.#configuration?.tsigKey ?? new Map<string, never>()
    const kept = this.#targets.get(key)?.about.sealedKey
    return { tsigKey: kept === undefined || tsigKey.has(kept.name) ? tsigKey : new Map([[kept.name, kept]]) }
  }

  #wanted(zone: string, name: string): readonly PlainRecordSet[] {
    const updates = this.#configuration?.zone.get(zone)?.updates
    const owner = this.#plan?.owner(name)
    if (updates === undefined || !owner || owner.zone.name !== zone) return []
    const own = owner.records.filter(({ type }) => DECIDED_TYPES.some((decided) => decided === type))
    return this.#renderings.render(name, own, updates.answers)
  }
}

function targetsOf({ zone, tsigKey: keys }: Configuration): About[] {
  return [...zone.values()].flatMap(({ name, updates }) =>
    (updates?.targets ?? []).map(({ address, port, tsigKey }) => {
      const sealedKey = keys.get(tsigKey)
      const owner = updates?.owner ?? ''
      return { zone: name, owner, address, port, tsigKey, ...(sealedKey && { sealedKey }) }
    }),
  )
}

function keyOf(about: About): string {
  return `${about.zone} ${placeOf(about)}`
}
