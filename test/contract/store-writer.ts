/**
 * The child of a crash round: commits to the store at argv[2] until it is killed and writes one line a commit, after the
 * store has acknowledged it: 'number id'. Ids are argv[3] with a running number. Sizes vary, so that some kills come in the
 * middle of a large transaction and some in a checkpoint.
 */
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import type { Change } from '../../src/core/model/resource.ts'

const SIZES = [1, 3, 1, 40, 1, 600, 2, 1]
const KEYS = 900
const COUNTRIES = ['NL', 'DE', 'FI', 'SE'] as const

const [, , path, prefix] = process.argv
if (path === undefined || prefix === undefined) throw new Error('store-writer PATH PREFIX')

function changesOf(count: number): readonly Change[] {
  return Array.from({ length: SIZES[count % SIZES.length]! }, (_, index): Change => {
    const key = `site-${(count * 31 + index) % KEYS}`
    if ((count + index) % 5 === 0) return { op: 'delete', kind: 'site', key }
    return {
      op: 'put',
      kind: 'site',
      key,
      spec: { name: key, country: COUNTRIES[count % COUNTRIES.length]! },
    }
  })
}

const store = await openSqliteStore({ path })
for (let baseRevision = await store.head(), count = 1; ; baseRevision++, count++) {
  const id = `${prefix}${count}`
  const changes = changesOf(count)
  const outcome = await store.commit({
    id,
    baseRevision,
    author: 'writer',
    atMs: count,
    message: String(changes.length),
    changes,
  })
  if (outcome.kind !== 'committed') throw new Error(`alone on this store, and yet: ${outcome.kind}`)
  writeSync(1, `${outcome.revision.number} ${id}\n`)
}
