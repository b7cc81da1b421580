/** The world of the serving bench with a signed zone beside it. */
import { dnssecKeys } from '../src/adapters/dnssec/dnssec-keys.ts'
import { sealPurpose } from '../src/core/dnssec/seal-purpose.ts'
import { applyChanges, type Configuration } from '../src/core/model/configuration.ts'
import { zoneSchema } from '../src/core/model/zone.ts'
import type { KeyVault } from '../src/ports/key-vault.ts'
import { ADDRESSES, NAMES, servingConfiguration } from './serving-world.ts'

const SIGNED = 'signed.test'

export async function signedServingConfiguration(vault: KeyVault): Promise<Configuration> {
  const records = Array.from({ length: NAMES }, (_, index) => ({
    ...{ name: `static${index}`, type: 'A', ttlSec: 30 },
    values: ADDRESSES.map(({ address }) => address),
  }))
  const zone = zoneSchema.parse({ name: SIGNED, nameservers: ['ns.elsewhere.test'], dnssec: {}, records })
  const { publicKey, privateText } = await dnssecKeys.newPair(13)
  const tag = dnssecKeys.tagOf({ role: 'csk', algorithm: 13, publicKey })
  const key = {
    ...({
      tag,
      algorithm: 13,
      role: 'csk',
      published: true,
      active: true,
      createdAtMs: 0,
      publicKey,
    } as const),
    sealed: vault.seal(privateText, sealPurpose(SIGNED, tag)),
  }
  return applyChanges(servingConfiguration(), [
    { op: 'put', kind: 'zone', key: SIGNED, spec: zone },
    { op: 'put', kind: 'signingKeys', key: SIGNED, spec: { name: SIGNED, keys: [key] } },
  ])
}
