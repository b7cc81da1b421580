/** What all nodes miss is read from the real store once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emptyConfiguration } from '../../core/model/configuration.ts'
import type { ConfigurationSnapshot } from '../../ports/feed.ts'
import type { Store } from '../../ports/store.ts'
import { openSqliteStore } from '../sql/sqlite-store.ts'
import { DeltaLines } from './delta-lines.ts'

let folder: string
let store: Store
/** `after` of each reading of the store. */
let reads: number[]
let lines: DeltaLines

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-deltas-'))
  store = await openSqliteStore({ path: join(folder, 'store.sqlite') })
  reads = []
  lines = new DeltaLines({
    revisionsAfter: (number, limit) => {
      reads.push(number)
      return store.revisionsAfter(number, limit)
    },
  })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

async function commit(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    const baseRevision = await store.head()
    const spec = { name: 'ams', checkers: [], canaries: [] }
    const changes = [{ op: 'put', kind: 'site', key: 'ams', spec } as const]
    const about = { id: `change-${baseRevision}`, author: 'test', from: 'test', atMs: 0, message: '' }
    await store.commit({ ...about, baseRevision, changes })
  }
}

const at = (revision: number): ConfigurationSnapshot => ({ revision, configuration: emptyConfiguration() })
const numbers = (read: Awaited<ReturnType<DeltaLines['linesAfter']>>) =>
  read?.map(({ revision }) => revision) ?? null

it('all who miss the same revisions get the same bytes, from one reading', async () => {
  await commit(3)
  const current = at(3)
  const [one, other] = await Promise.all([lines.linesAfter(1, current), lines.linesAfter(1, current)])
  expect(numbers(one)).toEqual([2, 3])
  expect(one?.[0]?.line).toBe(other?.[0]?.line)
  expect(JSON.parse(Buffer.from(one![1]!.line).toString())).toMatchObject({ kind: 'delta', revision: 3 })
  await lines.linesAfter(1, current)
  await lines.linesAfter(2, current)
  expect(reads).toEqual([1, 2])
})

it('nobody gets a revision that is not in force yet, and a later state is read anew', async () => {
  await commit(2)
  expect(numbers(await lines.linesAfter(0, at(1)))).toEqual([1])
  expect(numbers(await lines.linesAfter(0, at(2)))).toEqual([1, 2])
  expect(reads).toEqual([0, 0])
})

it('what could not be read, or does not come next, is asked for again', async () => {
  const current = at(1)
  expect(await lines.linesAfter(0, current)).toBeNull()
  await commit(1)
  expect(numbers(await lines.linesAfter(0, current))).toEqual([1])
  await store.close()
  const next = at(2)
  expect(await lines.linesAfter(1, next)).toBeNull()
  store = await openSqliteStore({ path: join(folder, 'store.sqlite') })
  await commit(1)
  expect(numbers(await lines.linesAfter(1, next))).toEqual([2])
})

it('nodes at many positions are all served, and little of it is kept', async () => {
  await commit(12)
  const current = at(12)
  for (let after = 0; after < 12; after += 1)
    expect((await lines.linesAfter(after, current))?.length).toBe(12 - after)
  await lines.linesAfter(11, current)
  await lines.linesAfter(0, current)
  expect(reads).toEqual([...Array.from({ length: 12 }, (_, after) => after), 0])
})
