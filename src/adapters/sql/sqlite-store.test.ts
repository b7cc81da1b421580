import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change } from '../../core/model/resource.ts'
import type { ChangeSet } from '../../ports/store.ts'
import { MIGRATIONS } from './migrations/all.ts'
import { migrate } from './migrations/migrate.ts'
import { SqlStore } from './sql-store.ts'
import { openSqlite } from './sqlite-dialect.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { StoreSchema } from './store-schema.ts'

let folder: string
const path = () => join(folder, 'store.db')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-sqlite-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function sites(baseRevision: number, count: number): ChangeSet {
  const changes = Array.from({ length: count }, (_, index): Change => {
    const name = `site-${index}`
    return { op: 'put', kind: 'site', key: name, spec: { name, country: 'NL', checkers: [], canaries: [] } }
  })
  return {
    id: `set-${baseRevision}`,
    baseRevision,
    author: 'ann',
    from: 'test',
    atMs: 1,
    message: '',
    changes,
  }
}

async function stored(count: number): Promise<void> {
  const store = await openSqliteStore({ path: path() })
  await store.commit(sites(0, count))
  await store.close()
}

function damage(statement: string): void {
  const database = new DatabaseSync(path())
  database.exec(statement)
  database.close()
}

describe('a damaged row is one clear error that names it', () => {
  it.each([
    [
      'no JSON',
      `update resources set body = '{"name": "si' where "key" = 'site-1'`,
      /site 'site-1' .*not JSON/,
    ],
    [
      'not valid',
      `update resources set body = '{"name": "site-1", "country": 7}' where "key" = 'site-1'`,
      /the stored site 'site-1' is damaged: .*country/s,
    ],
    [
      'unknown field',
      `update resources set body = '{"name": "site-1", "colour": 7}' where "key" = 'site-1'`,
      /the stored site 'site-1' is damaged: .*colour/s,
    ],
    [
      'of another resource',
      `update resources set body = '{"name": "site-2"}' where "key" = 'site-1'`,
      /the stored site 'site-1' is damaged: its body is that of 'site-2'/,
    ],
    [
      'of no kind',
      `update resources set kind = 'sight' where "key" = 'site-1'`,
      /the stored sight 'site-1' is damaged: 'sight' is no kind/,
    ],
  ])('%s', async (_name, statement, message) => {
    await stored(3)
    damage(statement)
    const store = await openSqliteStore({ path: path() })
    await expect(store.load()).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(message) as unknown,
    })
    await store.close()
  })

  it('in the history too', async () => {
    await stored(3)
    damage(`update changes set "after" = 'x' where position = 2`)
    const store = await openSqliteStore({ path: path() })
    await expect(store.revision(1)).rejects.toThrow(/revision 1, change 2 of the store is damaged/)
    expect((await store.load()).resources).toHaveLength(3)
    await store.close()
  })
})

describe('the file', () => {
  it('with damaged pages is called corrupt, with its path', async () => {
    await stored(2_000)
    const size = statSync(path()).size
    const file = openSync(path(), 'r+')
    for (let page = 1; page < size / 4_096; page++)
      writeSync(file, Buffer.alloc(4_000, 0xa5), 0, 4_000, page * 4_096)
    closeSync(file)
    const failed = openSqliteStore({ path: path() }).then((store) =>
      store.load().finally(() => store.close()),
    )
    await expect(failed).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(path()) as unknown,
    })
  })

  it('of a newer program is refused', async () => {
    await stored(1)
    damage("insert into migrations values (99, 'breaking: from the future')")
    await expect(openSqliteStore({ path: path() })).rejects.toMatchObject({
      code: 'too-new',
      message: expect.stringContaining(path()) as unknown,
    })
  })

  it('may be made by several at once', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => openSqliteStore({ path: path() })))
    expect(await Promise.all(stores.map((store) => store.head()))).toEqual([0, 0, 0, 0, 0])
    for (const store of stores) await store.close()
  })

  it('that may not grow: the commit fails as disk-full, the store stays as it was, and works again with room', async () => {
    const database = await openSqlite<StoreSchema>({ path: path(), synchronous: 'full' })
    await migrate(database, { place: path(), migrations: MIGRATIONS, breaking: 'refuse' })
    const store = new SqlStore(database)
    await store.commit(sites(0, 3))
    const before = await store.load()
    await sql`pragma max_page_count = 40`.execute(database)
    await expect(store.commit(sites(1, 2_000))).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining(path()) as unknown,
    })
    expect(await store.load()).toEqual(before)
    expect(await store.head()).toBe(1)
    await sql`pragma max_page_count = 100000`.execute(database)
    expect(await store.commit(sites(1, 2_000))).toMatchObject({ kind: 'committed', revision: { number: 2 } })
    expect((await store.load()).resources).toHaveLength(2_000)
    await store.close()
  })
})

it('gives a large history in its order, and does not hold up the event loop meanwhile', async () => {
  const store = await openSqliteStore({ path: path() })
  for (const base of [0, 1]) await store.commit(sites(base, 2_000))
  let turns = 0
  const count = () => {
    turns += 1
    immediate = setImmediate(count)
  }
  let immediate = setImmediate(count)
  const revisions = await store.revisions({ limit: 2 })
  clearImmediate(immediate)
  const keys = sites(0, 2_000).changes.map((change) => change.key)
  expect(revisions.map(({ number }) => number)).toEqual([2, 1])
  expect(revisions.map(({ changes }) => changes.map(({ key }) => key))).toEqual([keys, keys])
  expect(turns).toBeGreaterThanOrEqual(10)
  await store.close()
})

it('is durable before it acknowledges: synchronous=FULL in WAL mode', async () => {
  const database = await openSqlite({ path: path(), synchronous: 'full' })
  expect((await sql`pragma synchronous`.execute(database)).rows).toEqual([{ synchronous: 2 }])
  expect((await sql`pragma journal_mode`.execute(database)).rows).toEqual([{ journal_mode: 'wal' }])
  await database.destroy()
})
