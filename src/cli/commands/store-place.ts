/** A store as it is named on the command line and in settings. */
import { parseStoreAddress, type ParsedStoreAddress } from '../../adapters/sql/store-address.ts'
import type { Io } from '../io.ts'

/** The password of a store's URL that has none: read here alone, so that it stands in no setting and no log. */
export const STORE_PASSWORD_VARIABLE = 'FAIRLEAD_STORE_PASSWORD'

export function parseStore(text: string, io: Io): ParsedStoreAddress {
  const password = io.environment[STORE_PASSWORD_VARIABLE]
  return parseStoreAddress(text, { workingDirectory: io.workingDirectory, password })
}
