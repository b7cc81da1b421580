/** Opens a store by how an operator names it: a path, or a URL of PostgreSQL or CockroachDB. */
import type { Store } from '../../ports/store.ts'
import { openPostgresStore } from './postgres/postgres-store.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { StoreAddress } from './store-address.ts'

/** Makes what is not there yet. Throws DatabaseError. */
export function openStore(address: StoreAddress): Promise<Store> {
  return address.kind === 'sqlite'
    ? openSqliteStore({ path: address.path })
    : openPostgresStore(address.address)
}
