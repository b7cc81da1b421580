import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import type { OwnerRecords, PlainRecordSet } from '../../core/dns/record-set.ts'
import { zoneSchema } from '../../core/model/zone.ts'
import type { Clock } from '../../ports/clock.ts'
import type { StorageChange } from '../../ports/zone-storage.ts'
import { SqliteZoneStorage } from './sqlite-zone-storage.ts'

const open: { close(): Promise<void> | void }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

let wallMs = 1_800_000_000_000
let monotonicMs = 0
/** What waits for its time. */
const waiting = new Set<() => void>()
const clock: Clock = {
  monotonicMs: () => monotonicMs,
  wallMs: () => wallMs,
  after: (_, callback) => {
    waiting.add(callback)
    return () => waiting.delete(callback)
  },
}
const newPath = () => join(mkdtempSync(join(tmpdir(), 'fairlead-zones-')), 'zones.db')

async function storageAt(path: string, whenDamaged: 'set-aside' | 'throw' = 'set-aside') {
  const storage = new SqliteZoneStorage({
    path,
    luaDirectory: `${path}-lua`,
    clock,
    mode: 0o600,
    whenDamaged,
    onRebuilt: () => undefined,
  })
  open.push(storage)
  return { storage, ...(await storage.open()) }
}

function reader(path: string) {
  const database = new DatabaseSync(path, { readOnly: true })
  open.push(database)
  return (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => Object.values(row).join('|'))
}

const zoneOf = (name: string) => zoneSchema.parse({ name, nameservers: ['ns.example.net'] })
const a = (name: string, ...values: string[]): [string, OwnerRecords] => [
  name,
  [{ kind: 'plain', name, type: 'A', ttlSec: 30, values }],
]
const replace = (name: string, ...owners: [string, OwnerRecords | null][]): StorageChange => ({
  zones: [{ zone: zoneOf(name), scope: 'replace', owners: new Map(owners) }],
  removedZones: [],
})
const update = (name: string, ...owners: [string, OwnerRecords | null][]): StorageChange => ({
  zones: [{ zone: zoneOf(name), scope: 'update', owners: new Map(owners) }],
  removedZones: [],
})

it('touches only rows that differ, and the serial only then; across a restart too', async () => {
  const path = newPath()
  const { storage } = await storageAt(path)
  const first = replace(
    'example.test',
    a('a.example.test', '192.0.2.1'),
    a('b.example.test', '192.0.2.2', '192.0.2.3'),
  )
  expect(await storage.write(first)).toEqual({
    written: [
      {
        zone: 'example.test',
        created: true,
        resigned: false,
        serial: 1_800_000_000,
        owners: ['a.example.test', 'b.example.test'],
      },
    ],
    removed: [],
    refused: [],
  })
  const ids = reader(path)('select id from records order by id')
  expect(await storage.write(first)).toEqual({ written: [], removed: [], refused: [] })
  wallMs -= 5_000
  const changed = await storage.write(update('example.test', a('a.example.test', '192.0.2.9')))
  expect(changed.written).toEqual([
    {
      zone: 'example.test',
      created: false,
      resigned: false,
      serial: 1_800_000_001,
      owners: ['a.example.test'],
    },
  ])
  expect(reader(path)('select id from records order by id')).toHaveLength(ids.length)
  await storage.close()

  const again = await storageAt(path)
  expect(again.setAside).toBeNull()
  expect(again.storage.serial('example.test')).toBe(1_800_000_001)
  const same = replace(
    'example.test',
    a('a.example.test', '192.0.2.9'),
    a('b.example.test', '192.0.2.3', '192.0.2.2'),
  )
  expect(await again.storage.write(same)).toEqual({ written: [], removed: [], refused: [] })
  expect(await again.storage.write({ zones: [], removedZones: ['example.test', 'never.test'] })).toEqual({
    written: [],
    removed: ['example.test'],
    refused: [],
  })
  expect(reader(path)('select * from records')).toEqual([])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('ends with the same rows whether it got there in one step or by any way of updates (empty non-terminals too)', async () => {
  const names = ['a', 'b.a', 'c.b.a', 'x.y.z', 'z', '*.w', 'sub', 'in.sub'].map(
    (name) => `${name}.example.test`,
  )
  const ns = (name: string): PlainRecordSet => ({
    kind: 'plain',
    name,
    type: 'NS',
    ttlSec: 30,
    values: ['ns.x'],
  })
  const records = (name: string, n: number): OwnerRecords | null =>
    n === 0
      ? null
      : name.startsWith('sub.')
        ? [ns(name)]
        : a(name, ...Array.from({ length: n }, (_, i) => `192.0.2.${i}`))[1]
  const state = fc.array(fc.nat(2), { minLength: names.length, maxLength: names.length })
  const owned = (counts: readonly number[]) =>
    names.map((name, index): [string, OwnerRecords | null] => [name, records(name, counts[index] ?? 0)])
  const rows =
    "select name, type, content, ttl, auth, ordername from records where type is null or type <> 'SOA' order by 1, 2, 3"
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), state), { minLength: 1, maxLength: 5 }),
      async (steps) => {
        const [path, direct] = [newPath(), newPath()]
        const { storage } = await storageAt(path)
        await storage.write(replace('example.test'))
        for (const [whole, counts] of steps) {
          // A delegation changes only with a whole configuration: what lies below it changes its standing.
          const present = owned(counts).filter(([, set]) => set !== null)
          if (whole) await storage.write(replace('example.test', ...present))
          else
            await storage.write(
              update('example.test', ...owned(counts).filter(([name]) => !name.includes('sub.'))),
            )
        }
        const last = steps.findLastIndex(([whole]) => whole)
        const base = last < 0 ? names.map(() => 0) : steps[last]![1]
        const final = steps.at(-1)![1]
        const target = owned(
          names.map((name, index) => (name.includes('sub.') ? base[index]! : final[index]!)),
        )
        const straight = await storageAt(direct)
        await straight.storage.write(replace('example.test', ...target.filter(([, set]) => set !== null)))
        expect(reader(path)(rows)).toEqual(reader(direct)(rows))
      },
    ),
    { numRuns: 40 },
  )
})

it('changes nothing of a zone that cannot be written, names it, and writes the others in the same change', async () => {
  const path = newPath()
  const { storage } = await storageAt(path)
  await storage.write(replace('example.test', a('a.example.test', '192.0.2.1')))
  const rows = "select name, type, content from records where name like '%example.test' order by id"
  const before = reader(path)(rows)
  const bad = replace('example.test', a('a.example.test', '192.0.2.2'), [
    'b.example.test',
    [{ kind: 'plain', name: 'b.example.test', type: 'A', ttlSec: 1, values: ["1'; --"] }],
  ])
  const foreign = new DatabaseSync(path)
  foreign.exec("insert into domains(name, type) values ('theirs.test', 'NATIVE')")
  foreign.close()
  const all = {
    zones: [
      ...bad.zones,
      ...replace('theirs.test', a('a.theirs.test', '192.0.2.1')).zones,
      ...update('absent.test', a('a.absent.test', '192.0.2.1')).zones,
      ...replace('good.test', a('a.good.test', '192.0.2.1')).zones,
    ],
    removedZones: [],
  }
  const result = await storage.write(all)
  expect(result.written).toMatchObject([{ zone: 'good.test', owners: ['a.good.test'] }])
  expect(result.refused).toEqual([
    { zone: 'example.test', reason: expect.stringContaining('malformed A') as string },
    { zone: 'absent.test', reason: expect.stringContaining('not there') as string },
    { zone: 'theirs.test', reason: expect.stringContaining("is not Fairlead's") as string },
  ])
  expect(reader(path)(rows)).toEqual(before)
  expect(reader(path)("select name from records where name like '%theirs.test'")).toEqual([])
  expect(await storage.zones()).toEqual(['example.test', 'good.test'])
  expect(storage.serial('theirs.test')).toBeNull()
  expect(
    (await storage.write(replace('example.test', a('a.example.test', '192.0.2.2')))).written,
  ).toHaveLength(1)
})

it('is as it was after a write that failed as a whole, in memory too', async () => {
  const path = newPath()
  const { storage } = await storageAt(path)
  await storage.write(replace('example.test', a('a.example.test', '192.0.2.1')))
  const foreign = new DatabaseSync(path)
  foreign.exec("create trigger t before insert on records begin select raise(rollback, 'no room'); end")
  const next = replace('example.test', a('a.example.test', '192.0.2.2'))
  await expect(storage.write(next)).rejects.toThrow()
  foreign.exec('drop trigger t')
  foreign.close()
  expect((await storage.write(next)).written).toHaveLength(1)
})

it('sets a file aside that is no database, and gives up on one that is somebody else’s', async () => {
  const path = newPath()
  writeFileSync(path, 'this is not a database, but it is long enough to be looked at as one. '.repeat(20))
  await expect(storageAt(path, 'throw')).rejects.toMatchObject({ code: 'corrupt' })
  const { storage, setAside } = await storageAt(path)
  expect(setAside).toMatch(/zones\.db\.damaged-\d+$/)
  expect(statSync(setAside ?? '').size).toBeGreaterThan(1_000)
  expect((await storage.write(replace('example.test'))).written).toHaveLength(1)
})

it('a file that LUA records call comes back at the next start, when it was lost and its record not', async () => {
  const path = newPath()
  const name = 'www.example.test'
  const choices = ['192.0.2.1', '192.0.2.2'].map((value) => ({ value, weight: 1 }))
  const selector = { kind: 'weighted', answers: 1, choices } as const
  const change = replace('example.test', [name, [{ kind: 'steered', name, type: 'A', ttlSec: 30, selector }]])
  const { storage } = await storageAt(path)
  await storage.write(change)
  const [file = ''] = readdirSync(`${path}-lua`)
  const text = readFileSync(join(`${path}-lua`, file), 'utf8')
  await storage.close()
  rmSync(`${path}-lua`, { recursive: true })
  const { storage: again } = await storageAt(path)
  expect((await again.write(change)).written).toEqual([])
  expect(readFileSync(join(`${path}-lua`, file), 'utf8')).toBe(text)
})

const choiceOf = (...values: string[]): [string, OwnerRecords] => {
  const name = 'www.example.test'
  const choices = values.map((value) => ({ value, weight: 1 }))
  const selector = { kind: 'weighted', answers: 1, choices } as const
  return [name, [{ kind: 'steered', name, type: 'A', ttlSec: 30, selector }]]
}
/** Long enough for a file of its own. */
const many = (third: number) => Array.from({ length: 120 }, (_, index) => `192.0.${third}.${index}`)

it('removes files that no record calls any more, but not while a change is written', async () => {
  const path = newPath()
  const { storage } = await storageAt(path)
  const files = () => readdirSync(`${path}-lua`).length
  for (const [index, third] of [2, 3, 4, 5].entries()) {
    monotonicMs = index * 700_000
    const whole = index === 0 ? replace : update
    expect((await storage.write(whole('example.test', choiceOf(...many(third))))).written).toHaveLength(1)
    // The library beside them.
    expect(files()).toBe(index + 2)
  }
  /** The time of all that waits has come; what follows from it is over when they wait again. */
  const comes = () => {
    const due = [...waiting]
    waiting.clear()
    for (const callback of due) callback()
    expect(waiting.size).toBe(1)
  }
  const writing = storage.write(update('example.test', choiceOf(...many(6))))
  comes()
  await writing
  expect(files()).toBe(6)
  // A look takes as long as the disk does: two that overlap may see the same file unused for the first time.
  await expect
    .poll(
      () => {
        monotonicMs += 700_000
        comes()
        return files()
      },
      { timeout: 10_000 },
    )
    .toBe(2)
  await storage.close()
  expect(waiting.size).toBe(0)
})
