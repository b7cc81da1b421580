/**
 * The embedded store: one SQLite file, nothing to install. Every acknowledged commit is on the disk (synchronous=full).
 * A second process may open the same file: the head check keeps its commits and ours from losing each other.
 */
import type { Kysely } from 'kysely'
import type { Store } from '../../ports/store.ts'
import { MIGRATIONS } from './migrations/all.ts'
import { migrate, type BreakingSteps } from './migrations/migrate.ts'
import { SqlStore } from './sql-store.ts'
import { openSqlite } from './sqlite-dialect.ts'
import type { StoreSchema } from './store-schema.ts'

/**
 * Makes the file if it is not there, and brings it to this program's schema whatever that breaks: it is the data of one machine, on
 * which one version is installed. Throws DatabaseError: 'access', 'corrupt', 'disk-full', 'busy', 'too-new'.
 */
export async function openSqliteStore({ path }: { readonly path: string }): Promise<Store> {
  return new SqlStore(await openSqliteDatabase(path, 'apply'))
}

/** With the schema that this program knows. */
export async function openSqliteDatabase(
  path: string,
  breaking: BreakingSteps,
): Promise<Kysely<StoreSchema>> {
  const database = await openSqlite<StoreSchema>({ path, synchronous: 'full' })
  try {
    await migrate(database, { place: path, migrations: MIGRATIONS, breaking })
    return database
  } catch (error) {
    await database.destroy()
    throw error
  }
}
