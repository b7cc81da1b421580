/** Opens a store by how an operator names it: a path, or a URL of PostgreSQL or CockroachDB. */
import { existsSync } from 'node:fs'
import type { Kysely } from 'kysely'
import type { Store } from '../../ports/store.ts'
import { DatabaseError } from './database-error.ts'
import type { BreakingSteps } from './migrations/migrate.ts'
import { openPostgresDatabase, openPostgresStore } from './postgres/postgres-store.ts'
import { openSqliteDatabase, openSqliteStore } from './sqlite-store.ts'
import type { StoreAddress } from './store-address.ts'
import type { StoreSchema } from './store-schema.ts'

/** Makes what is not there yet. Throws DatabaseError. */
export function openStore(address: StoreAddress): Promise<Store> {
  return address.kind === 'sqlite'
    ? openSqliteStore({ path: address.path })
    : openPostgresStore(address.address)
}

/** Its tables, for what works on rows: backups, copies, checks. */
export function openStoreDatabase(
  address: StoreAddress,
  breaking: BreakingSteps = 'refuse',
): Promise<Kysely<StoreSchema>> {
  return address.kind === 'sqlite'
    ? openSqliteDatabase(address.path, breaking)
    : openPostgresDatabase(address.address, breaking)
}

/** Of a store that is there already: a mistyped path makes no new one. Throws DatabaseError 'access'. */
export function openExistingDatabase(
  address: StoreAddress,
  breaking?: BreakingSteps,
): Promise<Kysely<StoreSchema>> {
  if (address.kind === 'sqlite' && !existsSync(address.path))
    return Promise.reject(new DatabaseError('access', `there is no store ${address.path}`))
  return openStoreDatabase(address, breaking)
}
