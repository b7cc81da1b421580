/** From the keys of a zone to what is shown of them. */
import type { Configuration } from '../../core/model/configuration.ts'
import type { Rollover, SigningKey, SigningKeys } from '../../core/model/dnssec.ts'
import type { DnssecView } from '../../core/views/dnssec.ts'
import type { DnssecKeys } from '../../ports/dnssec-keys.ts'
import type { ParentAnswer } from '../../ports/parent-zone.ts'
import { signedZone, type RolloverService } from './rollover-service.ts'

export interface ViewContext {
  readonly configuration: Configuration
  readonly rollovers: RolloverService
  readonly dnssecKeys: DnssecKeys
  readonly wallMs: number
}

/** `asksParent`: it is asked, which takes as long as its servers do. Throws ProblemError 'not-found'. */
export async function dnssecView(
  name: string,
  context: ViewContext,
  { asksParent }: { readonly asksParent: boolean },
): Promise<DnssecView> {
  const { configuration, rollovers, dnssecKeys } = context
  const signed = signedZone(configuration, name)
  const { zone, keys } = signed
  const parent = asksParent ? await rollovers.parentOf(zone) : null
  const dueMs = rollovers.dueOf(signed, configuration)
  const { rollover } = keys
  const dsOf = (key: SigningKey) => (key.role === 'zsk' ? [] : [...dnssecKeys.dsOf(name, key)])
  return {
    zone: name,
    algorithm: zone.dnssec.algorithm,
    denial: zone.dnssec.denial,
    keys: keys.keys.map((key) => {
      const { tag, role, algorithm, published, active, createdAtMs } = key
      const ds = dsOf(key)
      return {
        ...{ tag, role, algorithm, published, active, createdAtMs, ds },
        dnskey: dnssecKeys.dnskeyOf(key),
        atParent: atParent(ds, parent),
      }
    }),
    ds: keys.keys
      .filter(({ tag }) => isForParent(tag, rollover))
      .flatMap((key) => dsOf(key).slice(0, 1))
      .map((ds) => `${name}. IN DS ${ds}`),
    rollover:
      rollover === undefined || dueMs === null
        ? null
        : {
            ...{ kind: rollover.kind, step: rollover.step, sinceMs: rollover.sinceMs, dueMs },
            ...{ incoming: [...rollover.incoming], retiring: [...rollover.retiring] },
          },
    parent: parentView(parent),
    next: nextWords(signed, { dueMs, wallMs: context.wallMs }),
  }
}

/** From the moment at which the new key is in all caches, its DS and no other is what the parent is to have. */
function isForParent(tag: number, rollover: Rollover | undefined): boolean {
  if (rollover === undefined) return true
  if (rollover.kind === 'zsk') return true
  if (rollover.step === 'signing') return !rollover.incoming.includes(tag)
  return !rollover.retiring.includes(tag)
}

function atParent(ds: readonly string[], parent: ParentAnswer | null): boolean | null {
  if (parent?.kind !== 'answer' || ds.length === 0) return null
  return parent.servers.every((server) => ds.some((text) => server.ds.includes(text)))
}

function parentView(parent: ParentAnswer | null): DnssecView['parent'] {
  if (parent === null) return null
  if (parent.kind === 'unknown') return { servers: [], ttlSec: null, problem: parent.detail }
  const servers = parent.servers.map(({ server, ds }) => ({ server, ds: [...ds] }))
  return { servers, ttlSec: parent.ttlSec, problem: null }
}

function nextWords(
  {
    zone,
    keys,
  }: {
    readonly zone: { readonly name: string; readonly dnssec: { readonly algorithm: number } }
    readonly keys: SigningKeys
  },
  { dueMs, wallMs }: { readonly dueMs: number | null; readonly wallMs: number },
): string {
  const { rollover } = keys
  if (rollover === undefined || dueMs === null)
    return keys.keys.some((key) => key.algorithm !== zone.dnssec.algorithm)
      ? `the keys are of another algorithm than the zone asks for: fairlead dnssec roll ${zone.name}`
      : 'nothing: give the DS to the parent, if it does not have it yet'
  const when = wallMs < dueMs ? `not before ${new Date(dueMs).toISOString()}` : 'now'
  const roll = `fairlead dnssec roll ${zone.name} (${when})`
  switch (rollover.step) {
    case 'introduced':
      if (rollover.kind === 'zsk') return `the new key is to sign: ${roll}`
      return wallMs < dueMs
        ? `the new key is to be in all caches before the parent's DS changes: wait until ${new Date(dueMs).toISOString()}`
        : `have the parent give the DS of key ${rollover.incoming.join(', ')} instead of the old one, then: ${roll}`
    case 'signing':
      return `the new key is to be published: ${roll}`
    case 'switched':
    case 'withdrawing':
      return `the old key is to go: ${roll}`
    case 'at-parent':
      return rollover.kind === 'algorithm'
        ? `the old key is to be published no more: ${roll}`
        : `the old key is to go: ${roll}`
  }
}
