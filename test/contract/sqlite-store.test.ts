import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { describeHistory } from './history.ts'
import { describePeople } from './people.ts'
import { describeProposals } from './proposals.ts'
import { describeLeases } from './leases.ts'
import { describeStore } from './store.ts'
import { describeAuthorities } from './authorities.ts'
import { describeTrust } from './trust.ts'

const make = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-store-'))
  return {
    open: () => openSqliteStore({ path: join(folder, 'store.db') }),
    remove: () => rm(folder, { recursive: true }),
  }
}

describeStore('SQLite', make)
describeHistory('SQLite', make)
describePeople('SQLite', make)
describeProposals('SQLite', make)
describeLeases('SQLite', make)
describeTrust('SQLite', make)
describeAuthorities('SQLite', make)
