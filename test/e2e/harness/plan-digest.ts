/** What a PowerDNS was given to answer with, as one digest: every record of every zone, but for serials, which count publications. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ServiceProcess } from './service-process.ts'

const RECORDS = `SELECT domains.name AS zone, records.name, records.type, records.content, records.ttl, records.disabled
  FROM records JOIN domains ON domains.id = records.domain_id
  WHERE records.type <> 'SOA'`

export interface PlanDigest {
  /** How many there are. */
  readonly records: number
  readonly digest: string
}

export function planDigest(nameserver: ServiceProcess): PlanDigest {
  const database = new DatabaseSync(join(nameserver.dataDir, 'powerdns', 'zones.db'), { readOnly: true })
  try {
    return digestOf(database.prepare(RECORDS).all())
  } finally {
    database.close()
  }
}

/** Of the tables of native mode; the same plan has the same digest there. */
export async function nativePlanDigest(
  query: (text: string) => Promise<readonly unknown[]>,
): Promise<PlanDigest> {
  return digestOf((await query(RECORDS)) as readonly Record<string, unknown>[])
}

function digestOf(rows: readonly Record<string, unknown>[]): PlanDigest {
  // Engines have other types for yes and no, and sort text in other ways.
  const lines = rows.map((row) => JSON.stringify({ ...row, disabled: Boolean(row['disabled']) })).sort()
  return { records: lines.length, digest: createHash('sha256').update(lines.join('\n')).digest('hex') }
}
