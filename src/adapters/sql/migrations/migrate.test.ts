import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql, type Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite } from '../sqlite-dialect.ts'
import type { StoreSchema } from '../store-schema.ts'
import { migrate, type BreakingSteps } from './migrate.ts'
import type { Migration } from './migration.ts'

const first: Migration = {
  number: 1,
  name: 'first',
  statements: ['create table words (word text not null primary key)', "insert into words values ('one')"],
}
const second: Migration = { number: 2, name: 'second', statements: ["insert into words values ('two')"] }
const broken: Migration = {
  number: 2,
  name: 'broken',
  statements: ["insert into words values ('half')", "insert into words values ('one')"],
}

let folder: string
let open: Kysely<StoreSchema>[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-migrate-'))
  open = []
})
afterEach(async () => {
  for (const database of open) await database.destroy()
  rmSync(folder, { recursive: true })
})

async function database(): Promise<Kysely<StoreSchema>> {
  const opened = await openSqlite<StoreSchema>({ path: join(folder, 'test.db'), synchronous: 'off' })
  open.push(opened)
  return opened
}

async function words(opened: Kysely<StoreSchema>): Promise<readonly string[]> {
  const { rows } = await sql<{ word: string }>`select word from words order by word`.execute(opened)
  return rows.map((row) => row.word)
}

const run = (
  opened: Kysely<StoreSchema>,
  migrations: readonly Migration[],
  breaking: BreakingSteps = 'refuse',
) => migrate(opened, { place: 'test.db', migrations, breaking })

describe('migrate', () => {
  it('applies what is missing, once', async () => {
    const opened = await database()
    await run(opened, [first])
    await run(opened, [first])
    await run(opened, [first, second])
    expect(await words(opened)).toEqual(['one', 'two'])
  })

  it('lets several runners at once do each step once', async () => {
    const runners = await Promise.all(Array.from({ length: 6 }, database))
    await Promise.all(runners.map((runner) => run(runner, [first, second])))
    expect(await words(runners[0]!)).toEqual(['one', 'two'])
  })

  it('leaves nothing of a step that fails, a broken key in it included, and goes on from there', async () => {
    const opened = await database()
    await expect(run(opened, [first, broken])).rejects.toMatchObject({ code: 'unique' })
    expect(await words(opened)).toEqual(['one'])
    await run(opened, [first, second])
    expect(await words(opened)).toEqual(['one', 'two'])
  })

  it('works on beside a newer program whose steps break nothing older', async () => {
    const opened = await database()
    await run(opened, [first, second])
    await run(opened, [first])
    expect(await words(opened)).toEqual(['one', 'two'])
  })

  it('refuses a store whose newer steps break it, with a sentence, and leaves it alone', async () => {
    const opened = await database()
    await run(opened, [first, { ...second, breaksOlder: true }])
    await run(opened, [first, { ...second, breaksOlder: true }])
    await expect(run(opened, [first])).rejects.toMatchObject({
      code: 'too-new',
      message: expect.stringMatching(
        /test\.db was written by a newer fairlead \(its schema is 2, .* knows 1\)/,
      ) as unknown,
    })
    expect(await words(opened)).toEqual(['one', 'two'])
  })

  it('takes a store in use from older programs only when it is asked to, and does nothing before', async () => {
    const opened = await database()
    await run(opened, [first])
    const third: Migration = { ...{ number: 3, name: 'apart', statements: [] }, breaksOlder: true }
    await expect(run(opened, [first, second, third])).rejects.toMatchObject({
      code: 'too-old',
      message: expect.stringMatching(
        /test\.db lacks the step 'apart' \(3\) .* stop every control, .* 'fairlead store migrate'$/,
      ) as unknown,
    })
    expect(await words(opened)).toEqual(['one'])
    await run(opened, [first])
    await run(opened, [first, second, third], 'apply')
    expect(await words(opened)).toEqual(['one', 'two'])
  })
})
