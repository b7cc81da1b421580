/** The vault of the key of the cluster's authority, as settings name it. Throws CommandError. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadVault } from '../../adapters/dnssec/load-vault.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import type { Io } from '../io.ts'

/** The key itself, for those who keep no file: read here alone, so that it stands in no setting and no log. */
export const AUTHORITY_KEY_VARIABLE = 'FAIRLEAD_AUTHORITY_KEY'

export interface AuthorityVaultSource {
  readonly dataDir: string
  readonly authorityKeyFile?: string | undefined
  /** Make the file where it is not there. */
  readonly make?: boolean
}

/** Without a file and a variable: `authority.key` of the data directory, if it is there. */
export function authorityVault(
  { dataDir, authorityKeyFile, make = false }: AuthorityVaultSource,
  io: Io,
): KeyVault {
  const text = io.environment[AUTHORITY_KEY_VARIABLE]
  const named = authorityKeyFile ?? join(dataDir, 'authority.key')
  const file = resolve(io.workingDirectory, named)
  const isThere = authorityKeyFile !== undefined || make || existsSync(file)
  return loadVault({ file: isThere ? file : undefined, text, variable: AUTHORITY_KEY_VARIABLE, make })
}
