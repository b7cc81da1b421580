/**
 * The store on PostgreSQL (15 and later) or CockroachDB (23 and later), for several controls.
 * What must stay true: what is in the SQL is what both engines have (docs/sql-dialect.md); what only one of them has is a
 * hint.
 */
import { Kysely, sql } from 'kysely'
import type { Store } from '../../../ports/store.ts'
import { migrate, type BreakingSteps } from '../migrations/migrate.ts'
import { MIGRATIONS } from '../migrations/all.ts'
import { SqlStore } from '../sql-store.ts'
import type { StoreSchema } from '../store-schema.ts'
import { untilDone } from '../transact.ts'
import { FailoverPool } from './failover-pool.ts'
import type { PostgresAddress } from './postgres-address.ts'
import { PostgresDialect } from './postgres-dialect.ts'
import { announce, RevisionHints } from './revision-hints.ts'

/** Makes the tables if they are not there. Throws DatabaseError: 'lost', 'access', 'too-new', 'too-old', ... */
export async function openPostgresStore(address: PostgresAddress): Promise<Store> {
  const pool = new FailoverPool(address)
  const database = await openOver(pool, address, 'refuse')
  try {
    if (!(await hasNotify(database))) return new SqlStore(database)
    const hints = new RevisionHints(address, pool)
    hints.open()
    return new SqlStore(database, {
      announce,
      onHint: (listener) => hints.onHint(listener),
      close: () => {
        hints.close()
      },
    })
  } catch (error) {
    await database.destroy()
    throw error
  }
}

/** With the schema that this program knows. */
export function openPostgresDatabase(
  address: PostgresAddress,
  breaking: BreakingSteps,
): Promise<Kysely<StoreSchema>> {
  return openOver(new FailoverPool(address), address, breaking)
}

async function openOver(
  pool: FailoverPool,
  { place }: PostgresAddress,
  breaking: BreakingSteps,
): Promise<Kysely<StoreSchema>> {
  const database = new Kysely<StoreSchema>({ dialect: new PostgresDialect(pool, place) })
  try {
    await migrate(database, { place, migrations: MIGRATIONS, breaking })
    return database
  } catch (error) {
    await database.destroy()
    throw error
  }
}

async function hasNotify(database: Kysely<StoreSchema>): Promise<boolean> {
  const { rows } = await untilDone(() =>
    sql<{ version: string }>`select version() as version`.execute(database),
  )
  return !(rows[0]?.version ?? '').includes('CockroachDB')
}
