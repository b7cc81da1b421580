/** Writes who holds a certificate, in the transaction of whoever found it out. */
import type { Transaction } from 'kysely'
import type { CertificateHolder } from '../../core/trust/living-holders.ts'
import { racing } from './racing.ts'
import type { StoreSchema } from './store-schema.ts'
import { KEPT_MS } from './trust-rows.ts'

export async function noteHolder(
  transaction: Transaction<StoreSchema>,
  holder: CertificateHolder,
): Promise<void> {
  const { serial, identity, authority, issuedAtMs, notAfterMs, seenAtMs } = holder
  const shown = { authority, believes: holder.believes.join(' '), seen_at_ms: seenAtMs ?? 0 }
  const { numUpdatedRows } = await transaction
    .updateTable('certificate_holders')
    .set(shown)
    .where('serial', '=', serial)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return
  const times = { issued_at_ms: issuedAtMs, not_after_ms: notAfterMs }
  await racing(
    transaction
      .insertInto('certificate_holders')
      .values({ serial, identity, ...times, ...shown })
      .execute(),
  )
}

export async function deleteForgotten(transaction: Transaction<StoreSchema>, nowMs: number): Promise<void> {
  await transaction
    .deleteFrom('certificate_holders')
    .where('not_after_ms', '<', nowMs - KEPT_MS)
    .execute()
}
