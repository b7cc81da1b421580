/** Reads what PowerDNS's database holds of Fairlead's zones: once at start, and again after a write that failed. */
import type { Kysely } from 'kysely'
import { DatabaseError } from '../sql/database-error.ts'
import type { PowerDnsRow } from './render.ts'
import type { PowerDnsSchema } from './schema.ts'
import { fingerprint, signingPrint, transferPrint, type ZoneImage } from './zone-image.ts'

/** Name in `domainmetadata` of what makes PowerDNS prove denials by NSEC3. */
export const NSEC3_KIND = 'NSEC3PARAM'

/** And of the name of a key that a transfer may be signed with. */
export const TRANSFER_KIND = 'TSIG-ALLOW-AXFR'

/** Images by zone name, of the zones whose `account` is the one given. */
export async function loadImages(
  database: Kysely<PowerDnsSchema>,
  account: string,
): Promise<Map<string, ZoneImage>> {
  const images = new Map<string, ZoneImage>()
  const domains = await database
    .selectFrom('domains')
    .select(['id', 'name'])
    .where('account', '=', account)
    .execute()
  for (const { id, name } of domains) images.set(name, await loadImage(database, id, name))
  return images
}

async function loadImage(database: Kysely<PowerDnsSchema>, id: number, zone: string): Promise<ZoneImage> {
  const owners = new Map<string, PowerDnsRow[]>()
  const cuts = new Set<string>()
  const records = await database
    .selectFrom('records')
    .select(['name', 'type', 'content', 'ttl', 'prio', 'ordername', 'auth'])
    .where('domain_id', '=', id)
    .execute()
  let serial: number | null = null
  let soa = ''
  for (const { name, auth, ...rest } of records) {
    if (rest.type === 'SOA') {
      const fields = (rest.content ?? '').split(' ')
      serial = Number(fields[2])
      soa = `${rest.ttl ?? 0} ${fields.with(2, '0').join(' ')}`
      continue
    }
    if (rest.type === 'NS' && name !== zone) cuts.add(name)
    const row: PowerDnsRow = { ...rest, auth: Boolean(auth) }
    const list = owners.get(name)
    if (list === undefined) owners.set(name, [row])
    else list.push(row)
  }
  if (serial === null || !Number.isSafeInteger(serial))
    throw new DatabaseError('corrupt', `the zone '${zone}' has no readable SOA in PowerDNS's database`)
  const prints = new Map(Array.from(owners, ([name, rows]) => [name, fingerprint(rows)]))
  return {
    id,
    serial,
    soa,
    owners: prints,
    cuts,
    ...(await loadSigning(database, id)),
    transfer: await loadTransfer(database, id),
  }
}

async function loadSigning(
  database: Kysely<PowerDnsSchema>,
  id: number,
): Promise<Pick<ZoneImage, 'denial' | 'signing'>> {
  const keys = await database
    .selectFrom('cryptokeys')
    .select(['flags', 'published', 'active', 'content'])
    .where('domain_id', '=', id)
    .execute()
  const hashed = await database
    .selectFrom('domainmetadata')
    .select('id')
    .where('domain_id', '=', id)
    .where('kind', '=', NSEC3_KIND)
    .executeTakeFirst()
  const denial = hashed === undefined ? 'nsec' : 'nsec3'
  const signing = signingPrint(
    denial,
    keys.map(({ flags, published, active, content }) => ({
      flags: flags === 257 ? 257 : 256,
      published: Boolean(published),
      active: Boolean(active),
      privateText: content,
    })),
  )
  return { denial, signing }
}

async function loadTransfer(database: Kysely<PowerDnsSchema>, id: number): Promise<string> {
  const keys = await database
    .selectFrom('domainmetadata')
    .innerJoin('tsigkeys', 'tsigkeys.name', 'domainmetadata.content')
    .select(['name', 'algorithm', 'secret'])
    .where('domain_id', '=', id)
    .where('kind', '=', TRANSFER_KIND)
    .execute()
  return transferPrint(keys)
}
