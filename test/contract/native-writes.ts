/** All that native mode asks its database: the lease, and zones made, changed and taken away. */
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import { PostgresZoneStorage } from '../../src/adapters/powerdns/postgres-zone-storage.ts'
import { parsePostgresAddress } from '../../src/adapters/sql/postgres/postgres-address.ts'
import { zoneSchema } from '../../src/core/model/zone.ts'

/** The tables of native mode are there. */
export async function writeNatively(url: string): Promise<void> {
  const parsed = parsePostgresAddress(url)
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'))
  const storage = new PostgresZoneStorage({ address: parsed.address, clock: systemClock })
  const { leases } = storage
  const taken = await leases.take(
    { name: 'native', holder: 'one', lastsMs: 60_000 },
    await leases.read('native'),
  )
  if (taken === null) throw new Error('nobody else has the lease')
  const lease = taken
  storage.hold(lease)
  const zone = zoneSchema.parse({ name: 'native.test', nameservers: ['ns1.example.net'] })
  const name = 'www.native.test'
  for (const value of ['192.0.2.1', '192.0.2.2']) {
    const rows = [{ kind: 'plain', name, type: 'A', ttlSec: 5, values: [value] }] as const
    await storage.write({
      zones: [{ zone, scope: 'replace', owners: new Map([[name, rows]]) }],
      removedZones: [],
    })
    storage.forget()
  }
  await storage.write({ zones: [], removedZones: ['native.test'] })
  await leases.renew(lease)
  await leases.release(lease)
  await storage.close()
}
