/**
 * Rollovers as an operator takes them: one step at a time, each a revision, so that a crash between two steps loses nothing.
 * What must stay true: a step is decided on the very keys that it changes (ConfigurationService); what the world says is asked
 * before, and never assumed.
 */
import { deniedChanges } from '../../core/access/denied-changes.ts'
import {
  beginRollover,
  cancelRollover,
  dueMs,
  nextStep,
  type ParentFacts,
  type RolloverDecision,
  type RolloverFacts,
  type RolloverTimes,
} from '../../core/dnssec/rollover.ts'
import { longestTtlSec } from '../../core/dnssec/longest-ttl.ts'
import type { Configuration } from '../../core/model/configuration.ts'
import type { Dnssec, Rollover, SigningKey, SigningKeys } from '../../core/model/dnssec.ts'
import type { Zone } from '../../core/model/zone.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DnssecKeys } from '../../ports/dnssec-keys.ts'
import type { ParentAnswer, ParentZone } from '../../ports/parent-zone.ts'
import type { Actor } from '../actor.ts'
import type { ChangeResult } from '../change-order.ts'
import type { ConfigurationService } from '../configuration-service.ts'
import { ProblemError } from '../problem-error.ts'
import { rolesOf, type KeyMaker } from './key-maker.ts'

export interface RolloverServiceOptions {
  readonly service: ConfigurationService
  readonly maker: Pick<KeyMaker, 'newKeys'>
  readonly dnssecKeys: DnssecKeys
  readonly parent: ParentZone
  /** Nameservers that are not known to answer a revision. */
  readonly lagging: (revision: number) => readonly string[]
  readonly clock: Clock
}

export interface RollOrder {
  readonly zone: string
  readonly actor: Actor
  /** Which key is to be rolled; of a zone with one key that one. */
  readonly key?: 'ksk' | 'zsk' | 'csk' | undefined
  readonly action: 'step' | 'cancel'
  /** The operator says that the parent's DS is as it must be: only where there is no parent to ask. */
  readonly vouch: boolean
}

export interface RollOutcome {
  readonly result: Extract<ChangeResult, { readonly revision: number }>
  readonly done: boolean
}

interface SignedZone {
  readonly zone: Zone & { readonly dnssec: Dnssec }
  readonly keys: SigningKeys
}

export class RolloverService {
  readonly #options: RolloverServiceOptions

  constructor(options: RolloverServiceOptions) {
    this.#options = options
  }

  /** What the parent says; null: there is none to ask. */
  async parentOf(zone: Zone): Promise<ParentAnswer | null> {
    const { parentServers = null } = zone.dnssec ?? {}
    if (parentServers?.length === 0) return null
    return this.#options.parent.dsOf(zone.name, parentServers)
  }

  timesOf(zone: Zone & { readonly dnssec: Dnssec }, configuration: Configuration): RolloverTimes {
    const { propagationSec, parentPropagationSec } = zone.dnssec
    return {
      // PowerDNS 4.7 gives the SOA's minimum; later ones never more than that.
      dnskeyTtlSec: zone.soa.negativeTtlSec,
      maxTtlSec: longestTtlSec(zone, configuration),
      ...{ propagationSec, parentPropagationSec },
    }
  }

  /** When the next step may be taken, in ms since the epoch; null: no rollover is under way. */
  dueOf({ zone, keys }: SignedZone, configuration: Configuration): number | null {
    return keys.rollover === undefined ? null : dueMs(keys.rollover, this.timesOf(zone, configuration))
  }

  /** Throws ProblemError where a step is not to be taken: 'too-early', 'refused-step', 'not-found'. */
  async roll(order: RollOrder): Promise<RollOutcome> {
    const { service } = this.#options
    const { configuration: current } = service.current
    const asked = { op: 'delete', kind: 'signingKeys', key: order.zone } as const
    // Before anything is made or asked for it.
    const denied = deniedChanges(order.actor.access, [asked], current)
    if (denied.length > 0) throw new ProblemError('forbidden', { detail: denied.join('; ') })
    const { zone, keys } = signedZone(current, order.zone)
    const parent = await this.#parentFacts(zone, keys, order.vouch)
    const incoming = keys.rollover === undefined ? await this.#newKeys(zone, keys, order) : null
    let done = false
    const refusals: ProblemError[] = []
    const result = await service.change({
      actor: order.actor,
      message: `rollover of the keys of ${order.zone}`,
      dryRun: false,
      decide: ({ configuration, revision }) => {
        const now = signedZone(configuration, order.zone)
        const decision = this.#decide(now, { order, incoming, parent, configuration, revision })
        refusals.length = 0
        if (decision.kind !== 'step') {
          refusals.push(refusalOf(decision))
          return { kind: 'changes', changes: [] }
        }
        done = decision.done
        const spec = decision.keys
        return {
          kind: 'changes',
          changes: [{ op: 'put', kind: 'signingKeys', key: order.zone, spec, pointer: '' }],
        }
      },
    })
    const [refusal] = refusals
    if (refusal !== undefined) throw refusal
    if (result.kind === 'forbidden')
      throw new ProblemError('forbidden', { detail: result.reasons.join('; ') })
    if (!('changes' in result))
      throw new ProblemError('refused-step', { detail: `it was refused: ${result.kind}` })
    return { result, done }
  }

  #decide(
    { zone, keys }: SignedZone,
    context: {
      readonly order: RollOrder
      readonly incoming: Incoming | null
      readonly parent: ParentFacts
      readonly configuration: Configuration
      readonly revision: number
    },
  ): RolloverDecision {
    const { order, incoming, parent, configuration, revision } = context
    const { clock, lagging } = this.#options
    const { rollover } = keys
    const nowMs = clock.wallMs()
    if (rollover === undefined) {
      if (order.action === 'cancel') return { kind: 'refused', why: 'no rollover is under way' }
      if (incoming === null) return { kind: 'refused', why: 'another rollover has just ended: look again' }
      const started = beginRollover(keys, incoming, { nowMs, revision: revision + 1 })
      return { kind: 'step', done: false, keys: started }
    }
    if (order.action === 'cancel') return cancelRollover(keys, rollover, parent)
    if (order.key !== undefined && order.key !== rollover.kind)
      return {
        kind: 'refused',
        why: `a rollover of another kind (${rollover.kind}) is under way: end it first`,
      }
    const facts: RolloverFacts = {
      ...{ nowMs, parent, revision: revision + 1, lagging: lagging(rollover.revision) },
      times: this.timesOf(zone, configuration),
    }
    return nextStep(keys, rollover, facts)
  }

  async #newKeys(
    zone: SignedZone['zone'],
    keys: SigningKeys,
    { key, action }: RollOrder,
  ): Promise<Incoming | null> {
    if (action === 'cancel') return null
    const { algorithm } = zone.dnssec
    const isOtherAlgorithm = keys.keys.some((one) => one.algorithm !== algorithm)
    const kind = isOtherAlgorithm ? 'algorithm' : kindOf(keys, key)
    const roles = kind === 'algorithm' ? rolesOf(zone.dnssec) : [kind]
    const retiring = keys.keys.filter(({ role }) => kind === 'algorithm' || role === kind)
    const incoming = await this.#options.maker.newKeys(zone.name, { algorithm, roles }, keys.keys)
    return { kind, incoming, retiring: retiring.map(({ tag }) => tag) }
  }

  async #parentFacts(zone: Zone, { keys }: SigningKeys, vouch: boolean): Promise<ParentFacts> {
    const answer = await this.parentOf(zone)
    if (answer === null)
      return vouch
        ? { kind: 'vouched' }
        : {
            kind: 'unknown',
            detail: 'dnssec.parentServers is empty; say --ds-is-at-parent when you have seen to it',
          }
    if (answer.kind === 'unknown') return answer
    const dsOf = (key: SigningKey) => this.#options.dnssecKeys.dsOf(zone.name, key)
    const found = answer.servers.map(
      ({ ds }) =>
        new Set(keys.filter((key) => dsOf(key).some((text) => ds.includes(text))).map(({ tag }) => tag)),
    )
    const tags = keys.map(({ tag }) => tag)
    return {
      kind: 'seen',
      atAll: new Set(tags.filter((tag) => found.every((one) => one.has(tag)))),
      atAny: new Set(tags.filter((tag) => found.some((one) => one.has(tag)))),
      ttlSec: answer.ttlSec,
    }
  }
}

interface Incoming {
  readonly kind: Rollover['kind']
  readonly incoming: readonly SigningKey[]
  readonly retiring: readonly number[]
}

/** Throws ProblemError 'not-found' where there is no such zone, or it is not signed. */
export function signedZone(configuration: Configuration, name: string): SignedZone {
  const zone = configuration.zone.get(name)
  if (zone === undefined) throw new ProblemError('not-found', { detail: `there is no zone '${name}'` })
  const keys = configuration.signingKeys.get(name)
  if (zone.dnssec === undefined || keys === undefined)
    throw new ProblemError('not-found', {
      detail: `the zone '${name}' is not signed: give it 'dnssec: {}' to have it signed`,
    })
  return { zone: { ...zone, dnssec: zone.dnssec }, keys }
}

function kindOf({ keys }: SigningKeys, asked: RollOrder['key']): 'ksk' | 'zsk' | 'csk' {
  const roles = new Set(keys.map(({ role }) => role))
  if (asked === undefined && roles.has('csk')) return 'csk'
  if (asked !== undefined && roles.has(asked)) return asked
  const names = [...roles].join(', ')
  throw new ProblemError('refused-step', {
    detail: asked === undefined ? `say which key: ${names}` : `the zone has no ${asked}, it has: ${names}`,
  })
}

function refusalOf(decision: Exclude<RolloverDecision, { kind: 'step' }>): ProblemError {
  if (decision.kind === 'refused') return new ProblemError('refused-step', { detail: decision.why })
  const until = new Date(decision.untilMs).toISOString()
  return new ProblemError('too-early', { detail: `not before ${until}: ${decision.why}` })
}
