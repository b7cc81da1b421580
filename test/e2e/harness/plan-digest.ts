/** What a PowerDNS was given to answer with, as one digest: every record of every zone, but for serials, which count publications. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ServiceProcess } from './service-process.ts'

const RECORDS = `SELECT domains.name AS zone, records.name, records.type, records.content, records.ttl, records.disabled
  FROM records JOIN domains ON domains.id = records.domain_id
  WHERE records.type <> 'SOA'
  ORDER BY domains.name, records.name, records.type, records.content`

/** `records` is how many there are. */
export function planDigest(nameserver: ServiceProcess): {
  readonly records: number
  readonly digest: string
} {
  const database = new DatabaseSync(join(nameserver.dataDir, 'powerdns', 'zones.db'), { readOnly: true })
  try {
    const rows = database.prepare(RECORDS).all()
    return {
      records: rows.length,
      digest: createHash('sha256').update(JSON.stringify(rows)).digest('hex'),
    }
  } finally {
    database.close()
  }
}
