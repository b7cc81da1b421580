/** What a database of PowerDNS answers for the types that load balancers have, where it is plain: what stood there when it was written. */
import type { Kysely } from 'kysely'
import type { PlainRecordSet } from '../../core/dns/record-set.ts'
import { DECIDED_TYPES } from '../../core/steering/decision.ts'
import type { PowerDnsSchema } from './schema.ts'

/** Their contents are written as core has them (render.ts). */
export async function readPlain(
  database: Kysely<PowerDnsSchema>,
  account: string,
): Promise<PlainRecordSet[]> {
  const rows = await database
    .selectFrom('records')
    .innerJoin('domains', 'domains.id', 'records.domain_id')
    .select(['records.name', 'records.type', 'records.content', 'records.ttl'])
    .where('domains.account', '=', account)
    .where('records.type', 'in', DECIDED_TYPES)
    .orderBy('records.content')
    .execute()
  const sets = new Map<string, PlainRecordSet & { readonly values: string[] }>()
  for (const { name, type, content, ttl } of rows) {
    const decided = DECIDED_TYPES.find((one) => one === type)
    if (decided === undefined || content === null) continue
    const key = `${name} ${decided}`
    const known = sets.get(key)
    if (known === undefined)
      sets.set(key, { kind: 'plain', name, type: decided, ttlSec: ttl ?? 0, values: [content] })
    else known.values.push(content)
  }
  return [...sets.values()]
}
