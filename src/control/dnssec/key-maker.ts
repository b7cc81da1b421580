/**
 * Keys come and go with the zone that they sign: made in the very change that asks for them, gone with the one that ends it.
 * What must stay true: a key is made once, and stands in the store only sealed; no change takes the keys of a zone away while its
 * parent still gives a DS for it, because every answer would be bogus.
 */
import type { Change } from '../../core/model/resource.ts'
import { applyChanges, type Configuration } from '../../core/model/configuration.ts'
import type { Dnssec, KeyRole, SigningKey, SigningKeys } from '../../core/model/dnssec.ts'
import type { Fault } from '../../core/model/fault.ts'
import type { Zone } from '../../core/model/zone.ts'
import { sealPurpose } from '../../core/dnssec/seal-purpose.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DnssecKeys } from '../../ports/dnssec-keys.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import type { ParentZone } from '../../ports/parent-zone.ts'
import type { ChangePlan, RequestedChange } from '../change-plan.ts'

export interface KeyMakerOptions {
  readonly vault: KeyVault
  readonly dnssecKeys: DnssecKeys
  readonly parent: ParentZone
  readonly clock: Clock
}

type Planned = Extract<ChangePlan, { kind: 'planned' }>
type Outcome = Planned | Extract<ChangePlan, { kind: 'invalid' }>

export interface KeyChange {
  readonly before: Configuration
  readonly requested: readonly RequestedChange[]
  /** Keys go also where the parent still points to them. */
  readonly force: boolean
  /** No keys are made: they would be for nothing, and take long. */
  readonly dryRun: boolean
}

export class KeyMaker {
  readonly #options: KeyMakerOptions

  constructor(options: KeyMakerOptions) {
    this.#options = options
  }

  /** The plan with the keys that it needs; or what is wrong with it. */
  async complete(plan: Planned, change: KeyChange): Promise<Outcome> {
    const extra: Change[] = []
    const faults: Fault[] = []
    for (const { op, kind, key, ...rest } of plan.changes) {
      if (kind !== 'zone') continue
      const zone = op === 'put' && 'spec' in rest ? (rest.spec as Zone) : undefined
      const kept = change.before.signingKeys.get(key)
      const pointer = change.requested.find((one) => one.kind === kind && one.key === key)?.pointer ?? ''
      if (zone?.dnssec === undefined) {
        if (kept === undefined) continue
        const obstacle = change.force ? null : await this.#obstacle(change.before.zone.get(key), kept)
        if (obstacle !== null) faults.push({ pointer, message: obstacle })
        else if (zone !== undefined) extra.push({ op: 'delete', kind: 'signingKeys', key })
      } else if (kept !== undefined) {
        const message = layoutFault(kept, zone.dnssec)
        if (message !== null) faults.push({ pointer: `${pointer}/dnssec/keys`, message })
      } else if (!this.#options.vault.hasKey) faults.push({ pointer: `${pointer}/dnssec`, message: NO_VAULT })
      else if (!change.dryRun)
        extra.push({ op: 'put', kind: 'signingKeys', key, spec: await this.#firstKeys(key, zone.dnssec) })
    }
    if (faults.length > 0) return { kind: 'invalid', faults }
    if (extra.length === 0) return plan
    return { ...plan, changes: [...plan.changes, ...extra], next: applyChanges(plan.next, extra) }
  }

  /** New keys beside those that there are, neither published nor active. */
  async newKeys(
    zone: string,
    wanted: Pick<Dnssec, 'algorithm'> & { readonly roles: readonly KeyRole[] },
    beside: readonly SigningKey[],
  ): Promise<SigningKey[]> {
    const made: SigningKey[] = []
    for (const role of wanted.roles) {
      const tags = new Set([...beside, ...made].map(({ tag }) => tag))
      made.push(await this.#newKey(zone, { role, algorithm: wanted.algorithm, tags }))
    }
    return made
  }

  async #firstKeys(zone: string, dnssec: Dnssec): Promise<SigningKeys> {
    const keys = await this.newKeys(zone, { algorithm: dnssec.algorithm, roles: rolesOf(dnssec) }, [])
    return { name: zone, keys: keys.map((key) => ({ ...key, published: true, active: true })) }
  }

  async #newKey(
    zone: string,
    wanted: Pick<SigningKey, 'role' | 'algorithm'> & { readonly tags: ReadonlySet<number> },
  ): Promise<SigningKey> {
    const { vault, dnssecKeys, clock } = this.#options
    const { role, algorithm, tags } = wanted
    for (;;) {
      const { publicKey, privateText } = await dnssecKeys.newPair(algorithm)
      const tag = dnssecKeys.tagOf({ role, algorithm, publicKey })
      // One in 65,536: two keys of one tag would be told apart by nobody.
      if (tags.has(tag)) continue
      return {
        ...{ tag, algorithm, role, published: false, active: false, publicKey },
        createdAtMs: clock.wallMs(),
        sealed: vault.seal(privateText, sealPurpose(zone, tag)),
      }
    }
  }

  /** Why the keys of a zone must stay; null: nothing stands in the way. */
  async #obstacle(zone: Zone | undefined, { name }: SigningKeys): Promise<string | null> {
    const { parentServers = null } = zone?.dnssec ?? {}
    if (parentServers?.length === 0) return null
    const answer = await this.#options.parent.dsOf(name, parentServers)
    if (answer.kind === 'unknown')
      return `whether the zone above '${name}' still has a DS is not known (${answer.detail}): without its keys all answers would be bogus then. Name the servers in dnssec.parentServers ([]: there is none to ask), or force it`
    const pointing = answer.servers.filter(({ ds }) => ds.length > 0)
    if (pointing.length === 0) return null
    return `the zone above '${name}' still has a DS for it (${pointing.map(({ server }) => server).join(', ')}): without its keys all answers would be bogus. Have the DS removed there, wait ${answer.ttlSec} s until it has left all caches, and try again`
  }
}

export function rolesOf({ keys }: Pick<Dnssec, 'keys'>): readonly KeyRole[] {
  return keys === 'csk' ? ['csk'] : ['ksk', 'zsk']
}

/** A validator that holds the old DNSKEY set would not find the key that signs from one moment to the next. */
function layoutFault({ keys }: SigningKeys, dnssec: Dnssec): string | null {
  const current = keys.some(({ role }) => role === 'csk') ? 'csk' : 'ksk-zsk'
  const hasAlgorithm = keys.some((key) => key.algorithm === dnssec.algorithm)
  if (current === dnssec.keys || !hasAlgorithm) return null
  return `a signed zone changes from ${current} to ${dnssec.keys} only together with its algorithm, which brings new keys (fairlead dnssec roll)`
}

const NO_VAULT =
  'this control cannot keep private keys: start it, and every nameserver, with the same --dnssec-key-file (openssl rand -base64 32)'
