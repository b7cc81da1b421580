/**
 * One zone's difference as statements, inside the transaction of a plan.
 * What must stay true: a zone that the database refuses leaves nothing behind, and the others go on.
 */
import { sql, type Transaction } from 'kysely'
import type { ZoneChange, ZoneTransfer } from '../../ports/zone-storage.ts'
import { DatabaseError, type DatabaseErrorCode } from '../sql/database-error.ts'
import { NSEC3_KIND, TRANSFER_KIND } from './load-images.ts'
import { orderName, renderSoa } from './render.ts'
import type { PowerDnsSchema } from './schema.ts'
import type { ZoneDifference, ZoneImage } from './zone-image.ts'

/** Our zones in `domains.account`. */
export const ACCOUNT = 'fairlead'
const BATCH = 500
/** A zone that is signed as it is transferred has a later serial in each week, in which its signatures are others. */
const SOA_KIND = 'SOA-EDIT'
const SOA_OF_SIGNATURES = 'INCEPTION-EPOCH'
/** SHA-1, no opt-out, no further iterations, no salt (RFC 9276 3.1). */
const NSEC3_PARAMETERS = '1 0 0 -'

export interface PreparedZone {
  readonly kind: 'prepared'
  readonly change: ZoneChange
  readonly image: ZoneImage | undefined
  readonly difference: ZoneDifference
  readonly serial: number
}

/** Its present content stands. */
export interface ZoneRefusal {
  readonly kind: 'refused'
  readonly reason: string
}

/** Faults that lie in what is written; all others are the database's own, and no zone can be written then. */
const ZONE_FAULTS: readonly DatabaseErrorCode[] = ['unique', 'constraint', 'defect']

/** Within a savepoint, so that a zone that the database refuses leaves nothing behind and the others go on. */
export async function writeZoneAlone(
  transaction: Transaction<PowerDnsSchema>,
  prepared: PreparedZone,
): Promise<{ readonly kind: 'written'; readonly id: number } | ZoneRefusal> {
  await sql`savepoint zone`.execute(transaction)
  try {
    const id = await writeZone(transaction, prepared)
    await sql`release zone`.execute(transaction)
    return { kind: 'written', id }
  } catch (error) {
    if (!(error instanceof DatabaseError) || !ZONE_FAULTS.includes(error.code)) throw error
    await sql`rollback to zone`.execute(transaction)
    await sql`release zone`.execute(transaction)
    return { kind: 'refused', reason: error.message }
  }
}

/** Writes one zone's difference; the result is its id. */
async function writeZone(transaction: Transaction<PowerDnsSchema>, prepared: PreparedZone): Promise<number> {
  const { change, image, difference, serial } = prepared
  const { zone } = change
  const id = image?.id ?? (await createZone(transaction, zone.name))
  if (image !== undefined)
    for (const names of batches([...difference.rows.keys()]))
      await transaction
        .deleteFrom('records')
        .where('domain_id', '=', id)
        .where('name', 'in', names)
        .where((where) => where.or([where('type', '<>', 'SOA'), where('type', 'is', null)]))
        .execute()
  const rows = Array.from(difference.rows, ([name, owned]) =>
    owned.map((row) => ({ domain_id: id, name, ...row })),
  ).flat()
  const ordername = orderName({ name: zone.name, zone: zone.name, denial: difference.denial })
  const soa = { content: renderSoa(zone, serial), ttl: zone.ttlSec, ordername }
  if (image === undefined)
    rows.unshift({ domain_id: id, name: zone.name, type: 'SOA', ...soa, prio: 0, auth: true })
  else
    await transaction
      .updateTable('records')
      .set(soa)
      .where('domain_id', '=', id)
      .where('name', '=', zone.name)
      .where('type', '=', 'SOA')
      .execute()
  for (const batch of batches(rows)) await transaction.insertInto('records').values(batch).execute()
  if (difference.resigning !== null) await writeSigning(transaction, id, difference.resigning)
  if (difference.retransfer !== null) await writeTransfer(transaction, id, difference.retransfer)
  return id
}

async function writeTransfer(
  transaction: Transaction<PowerDnsSchema>,
  id: number,
  { keys }: ZoneTransfer,
): Promise<void> {
  await transaction
    .deleteFrom('domainmetadata')
    .where('domain_id', '=', id)
    .where('kind', 'in', [TRANSFER_KIND, SOA_KIND])
    .execute()
  const names = keys.map(({ name }) => name)
  if (names.length > 0) {
    await transaction.deleteFrom('tsigkeys').where('name', 'in', names).execute()
    await transaction
      .insertInto('tsigkeys')
      .values([...keys])
      .execute()
  }
  const metadata = [
    ...names.map((content) => ({ kind: TRANSFER_KIND, content })),
    { kind: SOA_KIND, content: SOA_OF_SIGNATURES },
  ]
  await transaction
    .insertInto('domainmetadata')
    .values(metadata.map((row) => ({ domain_id: id, ...row })))
    .execute()
}

async function writeSigning(
  transaction: Transaction<PowerDnsSchema>,
  id: number,
  signing: NonNullable<ZoneDifference['resigning']>,
): Promise<void> {
  await transaction.deleteFrom('cryptokeys').where('domain_id', '=', id).execute()
  await transaction
    .deleteFrom('domainmetadata')
    .where('domain_id', '=', id)
    .where('kind', '=', NSEC3_KIND)
    .execute()
  if (signing.kind === 'unsigned') return
  const keys = signing.keys.map(({ flags, published, active, privateText }) => ({
    ...{ domain_id: id, flags, published, active },
    content: privateText,
  }))
  await transaction.insertInto('cryptokeys').values(keys).execute()
  if (signing.denial === 'nsec3')
    await transaction
      .insertInto('domainmetadata')
      .values({ domain_id: id, kind: NSEC3_KIND, content: NSEC3_PARAMETERS })
      .execute()
}

async function createZone(transaction: Transaction<PowerDnsSchema>, name: string): Promise<number> {
  try {
    const created = await transaction
      .insertInto('domains')
      .values({ name, type: 'NATIVE', account: ACCOUNT })
      .returning('id')
      .executeTakeFirstOrThrow()
    return created.id
  } catch (cause) {
    if (!(cause instanceof DatabaseError) || cause.code !== 'unique') throw cause
    throw new DatabaseError(
      'unique',
      `the zone '${name}' is in PowerDNS's database already and is not Fairlead's: remove it there, or here`,
      { cause },
    )
  }
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH)
}
