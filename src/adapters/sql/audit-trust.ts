/** The entry of a write of trust in the audit log, in its transaction. */
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Author } from '../../ports/trust-store.ts'
import { insertEntries } from './audit-log.ts'
import type { StoreSchema } from './store-schema.ts'

export function auditTrust(
  transaction: Transaction<StoreSchema>,
  { name: actor, from }: Author,
  about: { readonly atMs: number; readonly action: string; readonly detail: string },
): Promise<void> {
  const entry = { id: randomUUID(), actor, from, ...about, outcome: 'done', revision: null } as const
  return insertEntries(transaction, [{ ...entry, changes: [], changeCount: 0, times: 1 }])
}
