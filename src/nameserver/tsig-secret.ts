/** From a TSIG key as control keeps it to its secret. */
import type { Configuration } from '../core/model/configuration.ts'
import { tsigPurpose } from '../core/model/tsig-key.ts'
import { VaultError, type KeyVault } from '../ports/key-vault.ts'
import type { TransferKey } from '../ports/zone-storage.ts'

/** In words why it cannot be used. */
export function tsigSecret(
  name: string,
  configuration: Pick<Configuration, 'tsigKey'>,
  vault: KeyVault,
): TransferKey | string {
  const key = configuration.tsigKey.get(name)
  if (key === undefined) return `there is no TSIG key '${name}'`
  try {
    return { name, algorithm: key.algorithm, secret: vault.open(key.sealed, tsigPurpose(name)) }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    return `the TSIG key '${name}' cannot be used: ${error.message}`
  }
}
