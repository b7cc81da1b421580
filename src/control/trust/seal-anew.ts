/**
 * Seals the keys of authorities with the first line of the key file, where another line sealed them: so that who saw the old line, and
 * reads the store later, has nothing of it.
 * What must stay true: a key that cannot be opened here is left as it is, and stops nothing; no key stands in a message.
 */
import type { Clock } from '../../ports/clock.ts'
import { VaultError, type KeyVault } from '../../ports/key-vault.ts'
import type { TrustStore } from '../../ports/trust-store.ts'
import { AUTHORITY_PURPOSE } from './authority-service.ts'

export interface Sealing {
  /** Now, by this call. */
  readonly sealed: number
  /** Why some are sealed by another line still. */
  readonly faults: readonly string[]
}

const BY = { name: 'fairlead', from: 'control' }

/** Throws what the store throws. */
export async function sealAnew({
  store,
  vault,
  clock,
}: {
  readonly store: Pick<TrustStore, 'sealedKeys' | 'reseal'>
  readonly vault: KeyVault
  readonly clock: Clock
}): Promise<Sealing> {
  const faults: string[] = []
  let sealed = 0
  for (const before of vault.hasKey ? await store.sealedKeys() : []) {
    if (vault.isCurrent(before)) continue
    try {
      const sealedKey = vault.seal(vault.open(before, AUTHORITY_PURPOSE), AUTHORITY_PURPOSE)
      if (await store.reseal({ before, sealedKey, atMs: clock.wallMs() }, BY)) sealed += 1
    } catch (error) {
      if (!(error instanceof VaultError)) throw error
      faults.push(error.message)
    }
  }
  return { sealed, faults }
}
