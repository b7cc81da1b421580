/** The vault that the settings of a process name. Throws CommandError. */
import { resolve } from 'node:path'
import { loadVault } from '../../adapters/dnssec/load-vault.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import type { Io } from '../io.ts'

/** The key itself, for those who keep no file: read here alone, so that it stands in no setting and no log. */
export const DNSSEC_KEY_VARIABLE = 'FAIRLEAD_DNSSEC_KEY'

export function vaultOfSettings(
  { dnssecKeyFile }: { readonly dnssecKeyFile?: string | undefined },
  io: Io,
): KeyVault {
  return loadVault({
    file: dnssecKeyFile === undefined ? undefined : resolve(io.workingDirectory, dnssecKeyFile),
    text: io.environment[DNSSEC_KEY_VARIABLE],
  })
}
