/** A store as it is named on the command line and in settings. */
import {
  parsePostgresAddress,
  type ParsedPostgresAddress,
} from '../../adapters/sql/postgres/postgres-address.ts'
import { parseStoreAddress, type ParsedStoreAddress } from '../../adapters/sql/store-address.ts'
import type { Io } from '../io.ts'

/** The password of a store's URL that has none: read here alone, so that it stands in no setting and no log. */
export const STORE_PASSWORD_VARIABLE = 'FAIRLEAD_STORE_PASSWORD'

export function parseStore(text: string, io: Io): ParsedStoreAddress {
  const password = io.environment[STORE_PASSWORD_VARIABLE]
  return parseStoreAddress(text, { workingDirectory: io.workingDirectory, password })
}

/** And of the database of native mode. */
export const NATIVE_PASSWORD_VARIABLE = 'FAIRLEAD_NATIVE_PASSWORD'

/** PowerDNS's tables are in no file here. Checked before, as a setting. */
export function parseNativeDatabase(text: string, io: Io): ParsedPostgresAddress {
  return parsePostgresAddress(text, io.environment[NATIVE_PASSWORD_VARIABLE])
}
