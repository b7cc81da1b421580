/** The store on a real PostgreSQL, and on a CockroachDB where one is named. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import pg from 'pg'
import { openStore } from '../../src/adapters/sql/open-store.ts'
import { parseStoreAddress } from '../../src/adapters/sql/store-address.ts'
import type { Store } from '../../src/ports/store.ts'
import { PostgresServer } from '../harness/postgres.ts'
import { describeHistory } from './history.ts'
import { describeStore } from './store.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await PostgresServer.start()
})
afterAll(async () => {
  await server.remove()
})

function open(url: string): Promise<Store> {
  const parsed = parseStoreAddress(url, { workingDirectory: '/' })
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'))
  return openStore(parsed.address)
}

const onPostgres = async () => {
  const url = await server.database()
  return { open: () => open(url), remove: () => Promise.resolve() }
}

describeStore('PostgreSQL', onPostgres)
describeHistory('PostgreSQL', onPostgres)
