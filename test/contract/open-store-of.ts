/** A store by the text that an operator would give. */
import { openStore } from '../../src/adapters/sql/open-store.ts'
import { parseStoreAddress } from '../../src/adapters/sql/store-address.ts'
import type { Store } from '../../src/ports/store.ts'

export function openStoreOf(place: string): Promise<Store> {
  const parsed = parseStoreAddress(place, { workingDirectory: '/' })
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'))
  return openStore(parsed.address)
}
