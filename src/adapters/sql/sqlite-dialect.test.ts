import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { sql, type Generated } from 'kysely'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { DatabaseError } from './database-error.ts'
import { openSqlite, type SqliteOptions } from './sqlite-dialect.ts'

interface Schema {
  readonly item: { readonly id: Generated<number>; readonly value: unknown }
}

let folder: string
const path = () => join(folder, 'test.db')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-sql-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

async function open(options: Partial<SqliteOptions> = {}) {
  const database = await openSqlite<Schema>({ path: path(), synchronous: 'off', ...options })
  if (options.readOnly !== true)
    await sql`create table if not exists item (id integer primary key, value any) strict`.execute(database)
  return { database, [Symbol.asyncDispose]: () => database.destroy() }
}

const code = (expected: string) => (error: unknown) =>
  error instanceof DatabaseError && error.code === expected

describe('values', () => {
  it('are read back as they were written', async () => {
    await using opened = await open({ path: ':memory:' })
    const { database } = opened
    const value = fc.oneof(
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0), // -0 is 0 in SQL,
      fc.constant(null),
      fc.uint8Array(),
    )
    await fc.assert(
      fc.asyncProperty(value, async (written) => {
        const { id } = await database
          .insertInto('item')
          .values({ value: written })
          .returning('id')
          .executeTakeFirstOrThrow()
        const row = await database
          .selectFrom('item')
          .select('value')
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
        expect(row.value).toEqual(written)
      }),
    )
  })

  it.each([
    ['a Date', new Date(0)],
    ['an object', { a: 1 }],
    ['an array', [1]],
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['half a surrogate pair', '\ud800'],
    ['a symbol', Symbol('s')],
    ['a bigint of 65 bits', 2n ** 64n],
  ])('refuses %s, which would be stored as something else', async (_name, value) => {
    await using opened = await open()
    await expect(sql`insert into item (value) values (${value})`.execute(opened.database)).rejects.toSatisfy(
      code('defect'),
    )
    expect(await opened.database.selectFrom('item').selectAll().execute()).toEqual([])
  })

  it('keeps booleans as 1 and 0, and bigints up to 64 bits', async () => {
    await using opened = await open()
    await opened.database
      .insertInto('item')
      .values([{ value: true }, { value: false }, { value: 2n ** 62n }])
      .execute()
    const { rows } = await sql<{ text: string }>`select cast(value as text) as text from item`.execute(
      opened.database,
    )
    expect(rows.map((row) => row.text)).toEqual(['1', '0', String(2n ** 62n)])
  })

  it('throws rather than round an integer beyond 53 bits', async () => {
    await using opened = await open()
    await sql`insert into item (value) values (9007199254740993)`.execute(opened.database)
    await expect(opened.database.selectFrom('item').selectAll().execute()).rejects.toThrow(/too large/)
  })
})

describe('statements', () => {
  it('refuses a second statement, which would not run', async () => {
    await using opened = await open()
    await expect(sql.raw('select 1; delete from item').execute(opened.database)).rejects.toThrow(
      /one statement/,
    )
  })

  it('takes more texts of statements than it caches', async () => {
    await using opened = await open()
    for (let index = 0; index < 300; index++) await sql.raw(`select ${index} as n`).execute(opened.database)
    const { rows } = await sql.raw<{ n: number }>('select 0 as n').execute(opened.database)
    expect(rows).toEqual([{ n: 0 }])
  })

  it('streams rows while others use the connection', async () => {
    await using opened = await open()
    await opened.database
      .insertInto('item')
      .values([{ value: 1 }, { value: 2 }, { value: 3 }])
      .execute()
    const seen: unknown[] = []
    for await (const row of opened.database.selectFrom('item').selectAll().orderBy('id').stream())
      seen.push(row.value)
    expect(seen).toEqual([1, 2, 3])
  })

  it('says how many rows it changed', async () => {
    await using opened = await open()
    await opened.database
      .insertInto('item')
      .values([{ value: 1 }, { value: 2 }])
      .execute()
    const result = await opened.database.deleteFrom('item').executeTakeFirst()
    expect(result.numDeletedRows).toBe(2n)
  })
})

describe('transactions', () => {
  it('keep others out until they end, and leave nothing when they fail', async () => {
    await using opened = await open()
    const { database } = opened
    const inside = Promise.withResolvers<null>()
    const go = Promise.withResolvers<null>()
    const failed = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('item').values({ value: 'half' }).execute()
      inside.resolve(null)
      await go.promise
      throw new Error('changed its mind')
    })
    await inside.promise
    const seen = database.selectFrom('item').selectAll().execute()
    go.resolve(null)
    await expect(failed).rejects.toThrow('changed its mind')
    expect(await seen).toEqual([])
  })

  it('close waits for the one under way; what comes after is refused', async () => {
    const { database } = await open()
    const inside = Promise.withResolvers<null>()
    const go = Promise.withResolvers<null>()
    const written = database.transaction().execute(async (transaction) => {
      inside.resolve(null)
      await go.promise
      await transaction.insertInto('item').values({ value: 'late' }).execute()
    })
    await inside.promise
    const closed = database.destroy()
    go.resolve(null)
    await written
    await closed
    await expect(database.selectFrom('item').selectAll().execute()).rejects.toThrow()
    await using again = await open()
    expect(await again.database.selectFrom('item').select('value').execute()).toEqual([{ value: 'late' }])
  })

  it('wait for another’s lock while the event loop turns: here it is what frees the lock', async () => {
    await using opened = await open()
    const other = new DatabaseSync(path())
    other.exec('begin immediate')
    const write = () =>
      opened.database
        .transaction()
        .execute((transaction) => transaction.insertInto('item').values({ value: 1 }).execute())
    setImmediate(() => {
      other.exec('rollback')
    })
    await write()
    other.exec('begin immediate')
    setImmediate(() => {
      other.exec('rollback')
    })
    await opened.database.insertInto('item').values({ value: 2 }).execute()
    other.close()
    expect(await opened.database.selectFrom('item').select('value').execute()).toHaveLength(2)
  })

  it('say busy when the lock is not freed in time', async () => {
    await using opened = await open({ busyTimeoutMs: 20 })
    const other = new DatabaseSync(path())
    other.exec('begin immediate')
    const write = opened.database
      .transaction()
      .execute((transaction) => transaction.insertInto('item').values({ value: 1 }).execute())
    await expect(write).rejects.toSatisfy(code('busy'))
    other.close()
  })

  it('that SQLite has rolled back by itself go no further', async () => {
    await using opened = await open()
    const { database } = opened
    const outcome = database.transaction().execute(async (transaction) => {
      await sql`insert or rollback into item (id, value) values (1, 1)`.execute(transaction)
      await sql`insert or rollback into item (id, value) values (1, 1)`.execute(transaction).catch(() => null)
      await transaction.insertInto('item').values({ value: 'outside the transaction' }).execute()
    })
    await expect(outcome).rejects.toThrow(/rolled this transaction back/)
    expect(await database.selectFrom('item').selectAll().execute()).toEqual([])
  })
})

describe('files', () => {
  it('have the permissions that are asked for when they are new, whatever the umask; else those that they have', async () => {
    const umask = process.umask(0o077)
    onTestFinished(() => void process.umask(umask))
    const modes = () => ['', '-wal', '-shm'].map((suffix) => statSync(path() + suffix).mode & 0o777)
    const first = await open({ mode: 0o660 })
    expect(modes()).toEqual([0o660, 0o660, 0o660])
    await first.database.destroy()
    const again = await open({ mode: 0o600 })
    expect(modes()).toEqual([0o660, 0o660, 0o660])
    await again.database.destroy()
  })

  it('are for the owner only, and in WAL mode', async () => {
    await using opened = await open()
    const { rows } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(opened.database)
    expect(rows).toEqual([{ journal_mode: 'wal' }])
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(path() + suffix).mode & 0o777).toBe(0o600)
  })

  it('name the path and the reason when they cannot be opened', async () => {
    const missing = join(folder, 'no', 'such', 'folder.db')
    await expect(openSqlite({ path: missing, synchronous: 'full' })).rejects.toSatisfy(code('access'))
    await expect(openSqlite({ path: missing, synchronous: 'full' })).rejects.toThrow(missing)
    await expect(openSqlite({ path: folder, synchronous: 'full' })).rejects.toSatisfy(code('access'))
    await expect(openSqlite({ path: path(), synchronous: 'full', readOnly: true })).rejects.toSatisfy(
      code('access'),
    )
  })

  it('that are no database are called corrupt', async () => {
    writeFileSync(path(), 'this is a shopping list, not a database. '.repeat(100))
    await expect(openSqlite({ path: path(), synchronous: 'full' })).rejects.toSatisfy(code('corrupt'))
  })

  it('opened for reading refuse writes', async () => {
    await (await open()).database.destroy()
    await using reader = await open({ readOnly: true })
    await expect(sql`delete from item`.execute(reader.database)).rejects.toSatisfy(code('access'))
  })
})
