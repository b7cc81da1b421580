import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { describeStore } from './store.ts'

describeStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-store-'))
  return {
    open: () => openSqliteStore({ path: join(folder, 'store.db') }),
    remove: () => rm(folder, { recursive: true }),
  }
})
