/**
 * From the keys that control keeps sealed to what the server signs with. What must stay true: a zone that is to be signed is never
 * written unsigned: where its keys cannot be opened, its old answers stand, and the reason is said.
 */
import type { Configuration } from '../core/model/configuration.ts'
import { flagsOf, type SigningKeys } from '../core/model/dnssec.ts'
import { sealPurpose } from '../core/dnssec/seal-purpose.ts'
import { VaultError, type KeyVault } from '../ports/key-vault.ts'
import type { DnssecKeys } from '../ports/dnssec-keys.ts'
import type { ServerKey, ZoneSigning } from '../ports/zone-storage.ts'

export interface SigningParts {
  readonly vault: KeyVault
  readonly dnssecKeys: Pick<DnssecKeys, 'dnskeyOf'>
}

export function signingOf(zone: string, configuration: Configuration, parts: SigningParts): ZoneSigning {
  const dnssec = configuration.zone.get(zone)?.dnssec
  if (dnssec === undefined) return { kind: 'unsigned' }
  const kept = configuration.signingKeys.get(zone)
  if (kept === undefined)
    return { kind: 'unavailable', reason: 'it is to be signed, and there are no keys for it' }
  try {
    return { kind: 'signed', denial: dnssec.denial, keys: serverKeys(kept, parts) }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    return { kind: 'unavailable', reason: `its keys cannot be used: ${error.message}` }
  }
}

function serverKeys({ name, keys }: SigningKeys, { vault, dnssecKeys }: SigningParts): ServerKey[] {
  return keys.map((key) => ({
    flags: flagsOf(key),
    published: key.published,
    active: key.active,
    dnskey: dnssecKeys.dnskeyOf(key),
    privateText: vault.open(key.sealed, sealPurpose(name, key.tag)),
  }))
}
