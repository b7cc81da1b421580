/** Backups, restores and copies between the engines, by the command line's own functions. */
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kysely, Transaction } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  backUpStore,
  checkStore,
  migrateStore,
  copyStore,
  restoreStore,
} from '../../src/adapters/sql/backup/store-work.ts'
import { restore } from '../../src/adapters/sql/backup/store-backup.ts'
import { DatabaseError } from '../../src/adapters/sql/database-error.ts'
import { openStoreDatabase } from '../../src/adapters/sql/open-store.ts'
import type { StoreSchema } from '../../src/adapters/sql/store-schema.ts'
import { parseStoreAddress, type StoreAddress } from '../../src/adapters/sql/store-address.ts'
import type { Change } from '../../src/core/model/resource.ts'
import { EXIT } from '../../src/core/exit-code.ts'
import { PostgresServer } from '../harness/postgres.ts'
import { tokenEntry } from './people.ts'
import { openStoreOf } from './open-store-of.ts'
import { site } from './store-model.ts'

let server: PostgresServer
let folder: string
let count = 0
beforeAll(async () => {
  server = await PostgresServer.start()
  folder = mkdtempSync(join(tmpdir(), 'fairlead-backup-'))
})
afterAll(async () => {
  await server.remove()
  rmSync(folder, { recursive: true })
})
let path: string
beforeEach(() => {
  path = join(folder, `store-${++count}.sqlite`)
})

function address(text: string): StoreAddress {
  const parsed = parseStoreAddress(text, { workingDirectory: folder })
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join('\n'))
  return parsed.address
}

/** Revisions, deletions, tokens and transitions; text in which each engine sorts otherwise. */
async function filled(place: string): Promise<StoreAddress> {
  const store = await openStoreOf(place)
  for (let number = 1; number <= 12; number += 1) {
    const names = Array.from({ length: 60 }, (_, index) => `${index % 2 === 0 ? 'a' : 'b-'}${index * number}`)
    const changes: Change[] =
      number === 5 ? [{ op: 'delete', kind: 'site', key: 'a0' } as const] : names.map((name) => site(name))
    const author = `Ünïcode "${number}"\n`
    await store.commit({
      ...{ id: `id-${number}`, baseRevision: number - 1, author, from: 'test', atMs: number },
      message: '',
      changes: unique(changes),
    })
  }
  const token = { name: 'deploy', createdAtMs: 1_764_000_000_000 }
  const [full, limited] = ['ab', 'cd'].map((digits) => ({ ...token, id: digits, hash: digits.repeat(32) }))
  await store.addToken({ ...full!, access: { role: 'admin' }, expiresAtMs: null }, tokenEntry('one'))
  const access = { role: 'editor' as const, scope: { zones: ['*.test'], pools: [] } }
  await store.addToken({ ...limited!, access, expiresAtMs: 1_964_000_000_000 }, tokenEntry('two'))
  await store.trust.addAuthority(
    { certificate: 'PEM', sealedKey: 'sealed', createdAtMs: 1 },
    { name: 'ann', from: 'test' },
  )
  const next = { fingerprint: 'b', certificate: 'NEXT', sealedKey: 'sealed', createdAtMs: 2, beside: 'PEM' }
  const endorsements = [{ of: 'b', by: 'a', signature: 'x' }]
  await store.authorities.begin({ ...next, endorsements }, { name: 'ann', from: 'test' })
  const identity = 'fairlead://checker/ams/ams-1'
  const times = { issuedAtMs: 1_764_000_000_000, notAfterMs: 1_964_000_000_000, seenAtMs: 3 }
  await store.authorities.note({ serial: '0A', identity, authority: 'a', believes: ['a', 'b'], ...times })
  await store.close()
  return address(place)
}

function unique<T extends { readonly key: string }>(changes: readonly T[]): T[] {
  return [...new Map(changes.map((change) => [change.key, change])).values()]
}

it('goes from SQLite to PostgreSQL and back, equal by digest and sound', async () => {
  const from = await filled(path)
  const before = await checkStore(from)
  expect(before).toMatchObject({ head: 12, rows: { revisions: 12, tokens: 1 } })
  const cluster = address(await server.database())
  expect(await copyStore(from, cluster)).toEqual(before)
  expect(await checkStore(cluster)).toEqual(before)
  const back = address(`${path}.back`)
  expect(await copyStore(cluster, back)).toEqual(before)
  expect(await checkStore(back)).toEqual(before)
})

it('is restored from its backup, and goes on from there', async () => {
  const from = await filled(await server.database())
  const file = `${path}.backup`
  const contents = await backUpStore(from, file)
  expect(await restoreStore(file, address(path))).toEqual(contents)
  const store = await openStoreOf(path)
  expect(
    await store.commit({
      id: 'next',
      baseRevision: 12,
      author: '',
      from: 'test',
      atMs: 1,
      message: '',
      changes: [site('x')],
    }),
  ).toMatchObject({ kind: 'committed', revision: { number: 13 } })
  expect((await store.tokens()).map(({ name }) => name)).toEqual(['deploy', 'deploy'])
  await store.close()
})

it('two backups to one path at once: the file is that of the one that says so, as it was when it said so', async () => {
  const [one, other] = [await filled(path), await filled(`${path}.other`)]
  const store = await openStoreOf(`${path}.other`)
  await store.removeToken('ab', tokenEntry('three'))
  await store.close()
  for (let round = 1; round <= 2; round += 1) {
    const file = `${path}.${round}.backup`
    const [first, second] = await Promise.allSettled([backUpStore(one, file), backUpStore(other, file)])
    const [done] = [first, second].filter((result) => result.status === 'fulfilled')
    const [failed, ...more] = [first, second].filter((result) => result.status === 'rejected')
    expect(more).toEqual([])
    expect(failed?.reason).toMatchObject({
      exitCode: EXIT.fileAccess,
      message: expect.stringContaining(`${file}: it is there already`) as unknown,
    })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ digest: done?.value.digest })
    expect(lines).toHaveLength(2 + Object.values(done!.value.rows).reduce((sum, count) => sum + count))
  }
  expect(readdirSync(folder).filter((name) => name.includes('.unfinished'))).toEqual([])
})

it('never writes over a file or into a store that holds something', async () => {
  const from = await filled(path)
  const file = `${path}.backup`
  writeFileSync(file, 'mine')
  await expect(backUpStore(from, file)).rejects.toMatchObject({
    exitCode: EXIT.fileAccess,
    message: `cannot use the file ${file}: it is there already, and nothing is written over: name another file, or move that one away`,
  })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  await expect(backUpStore(from, `${folder}/none/b`)).rejects.toThrow(
    'the folder that it is to be in, is not there',
  )
  expect(readdirSync(folder).filter((name) => name.includes('.unfinished'))).toEqual([])
  const other = await filled(`${path}.other`)
  await expect(copyStore(from, other)).rejects.toMatchObject({
    exitCode: EXIT.badInput,
    message: expect.stringContaining('not empty: it has 12 revisions') as unknown,
  })
  await expect(Promise.resolve().then(() => copyStore(from, from))).rejects.toThrow('into itself')
})

it('refuses a backup that was cut off, changed, or is none, and leaves the store empty', async () => {
  const file = `${path}.backup`
  await backUpStore(await filled(path), file)
  const text = readFileSync(file, 'utf8')
  const lines = text.trimEnd().split('\n')
  const bad: [string, string][] = [
    ['', 'it is empty'],
    [lines.slice(0, 100).join('\n'), 'cut off'],
    [text.replace('"a0"', '"zz"'), 'digest'],
    [lines.toSpliced(7, 1).join('\n'), 'digest was made of'],
    [lines.toSpliced(-2, 1).join('\n'), 'its digest'],
    [text.replace('fairlead-store-backup', 'tar'), 'line 1 is not the beginning'],
    [text.replace(/"schema":\d+/, '"schema":99'), 'newer fairlead'],
    [lines.with(3, '["revisions",[1]]').join('\n'), 'line 4 has 1 values'],
    [lines.with(3, '{').join('\n'), 'line 4 is not JSON'],
  ]
  for (const [index, [content, why]] of bad.entries()) {
    const target = `${path}.target-${index}`
    writeFileSync(file, content)
    await expect(restoreStore(file, address(target))).rejects.toThrow(why)
    expect(readdirSync(folder).filter((name) => join(folder, name).startsWith(target))).toEqual([])
    await (await openStoreOf(target)).close()
    await expect(restoreStore(file, address(target))).rejects.toThrow(why)
    expect(await migrateStore(address(target))).toMatchObject({ head: 0 })
  }
  const place = await server.database()
  await expect(restoreStore(file, address(place))).rejects.toThrow('line 4 is not JSON')
  expect(
    await server.query("select 1 from pg_tables where schemaname = 'public'", /\/(\w+)\?/.exec(place)![1]),
  ).toEqual([])
})

it('makes no store of a backup that is not there, or is no file, and says which and what to do', async () => {
  for (const [file, why] of [
    [`${path}.none`, 'is not there: look at the path'],
    [folder, 'it is a folder: name a file'],
  ] as const)
    await expect(restoreStore(file, address(path))).rejects.toMatchObject({
      exitCode: EXIT.fileAccess,
      message: expect.stringMatching(new RegExp(`^cannot use the file ${file}: .*${why}$`)) as unknown,
    })
  expect(existsSync(path)).toBe(false)
})

it('is not restored, nor copied, where the target does not keep what it is given', async () => {
  const from = await filled(path)
  const file = `${path}.backup`
  await backUpStore(from, file)
  const target = `${path}.target`
  await (await openStoreOf(target)).close()
  const database = new DatabaseSync(target)
  database.exec('create trigger t after insert on audit begin delete from audit where id = new.id; end')
  database.close()
  const lossy = /does not hold what was put into it: it has 0 audit of \d+\. Nothing was kept/
  await expect(copyStore(from, address(target))).rejects.toThrow(lossy)
  await expect(restoreStore(file, address(target))).rejects.toThrow(lossy)
  expect((await checkStore(address(target))).rows).toMatchObject({ revisions: 0, tokens: 0, audit: 0 })
})

it('verifies what the store holds, too, when the commit was cut off and it is not known whether it was kept', async () => {
  const file = `${path}.backup`
  const contents = await backUpStore(await filled(path), file)
  const lines = () => createInterface({ input: createReadStream(file) })
  for (const change of ['', 'delete from tokens', 'delete from changes; delete from revisions']) {
    const target = `${path}.target-${change.length}`
    const database = await openStoreDatabase(address(target))
    const restoring = restore(cutOffOnce(database, target, change), lines)
    if (change === '') expect(await restoring).toEqual(contents)
    else await expect(restoring).rejects.toThrow('the store holds something else now')
    await database.destroy()
  }
})

/** The first commit is done, its outcome is lost, and somebody changes the store before the next try. */
function cutOffOnce(database: Kysely<StoreSchema>, path: string, change: string): Kysely<StoreSchema> {
  let isCut = false
  const execute = async (work: (transaction: Transaction<StoreSchema>) => Promise<unknown>) => {
    const done = await database.transaction().execute(work)
    if (isCut) return done
    isCut = true
    const other = new DatabaseSync(path)
    other.exec(change)
    other.close()
    throw new DatabaseError('unknown', 'cut off')
  }
  const transaction = { setAccessMode: () => ({ execute }) }
  return Object.assign(Object.create(database) as Kysely<StoreSchema>, { transaction: () => transaction })
}

it('that a newer fairlead has added to is neither called sound nor backed up as if that were all', async () => {
  const from = await filled(path)
  const database = new DatabaseSync(path)
  database.exec("insert into migrations values (1007, 'later')")
  database.close()
  const expected = { message: expect.stringContaining("a newer fairlead has added 'later'") as unknown }
  await expect(checkStore(from)).rejects.toMatchObject(expected)
  await expect(backUpStore(from, `${path}.backup`)).rejects.toMatchObject(expected)
  await expect(copyStore(from, address(`${path}.copy`))).rejects.toMatchObject(expected)
  for (const made of ['.backup', '.copy']) expect(existsSync(`${path}${made}`)).toBe(false)
})

it('is found damaged when a hand has been in it', async () => {
  const damages: [string, string][] = [
    [
      'delete from changes where revision = 3; delete from revisions where number = 3',
      'revision 4 follows revision 2',
    ],
    ["update resources set body = '{}' where key = 'a2'", "site 'a2' is damaged"],
    ["delete from resources where key = 'a2'", 'site a2 is missing'],
    ["update resources set revision = 9 where key = 'a2'", "'a2' is not what revision"],
  ]
  for (const [statement, why] of damages) {
    const place = `${path}.${why.length}`
    await filled(place)
    const database = new DatabaseSync(place)
    database.exec(statement)
    database.close()
    await expect(checkStore(address(place))).rejects.toThrow(why)
  }
  appendFileSync(`${path}.none`, 'no database')
  await expect(checkStore(address(`${path}.none`))).rejects.toMatchObject({ exitCode: EXIT.fileAccess })
  const missing = { exitCode: EXIT.fileAccess, message: `there is no store ${path}` }
  await expect(checkStore(address(path))).rejects.toMatchObject(missing)
  await expect(copyStore(address(path), address(`${path}.copy`))).rejects.toMatchObject(missing)
  expect(existsSync(path)).toBe(false)
})
