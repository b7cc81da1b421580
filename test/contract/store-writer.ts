/**
 * The child of a crash round: commits to the store at argv[2] until it is killed and writes one line a commit, after the
 * store has acknowledged it: 'number id'. Ids are argv[3] with a running number. Sizes vary, so that some kills come in the
 * middle of a large transaction and some in a checkpoint.
 * Another writer may be at work on the same store: then a commit is tried again on the new head, under its id.
 */
import { writeSync } from 'node:fs'
import { openStoreOf } from './open-store-of.ts'
import type { Change } from '../../src/core/model/resource.ts'

const SIZES = [1, 3, 1, 40, 1, 600, 2, 1]
const KEYS = 900
const COUNTRIES = ['NL', 'DE', 'FI', 'SE'] as const

const [, , place, prefix] = process.argv
if (place === undefined || prefix === undefined) throw new Error('store-writer PLACE PREFIX')

function changesOf(count: number): readonly Change[] {
  return Array.from({ length: SIZES[count % SIZES.length]! }, (_, index): Change => {
    const key = `site-${(count * 31 + index) % KEYS}`
    if ((count + index) % 5 === 0) return { op: 'delete', kind: 'site', key }
    return {
      op: 'put',
      kind: 'site',
      key,
      spec: { name: key, country: COUNTRIES[count % COUNTRIES.length]!, checkers: [], canaries: [] },
    }
  })
}

const store = await openStoreOf(place)
let baseRevision = await store.head()
for (let count = 1; ;) {
  const id = `${prefix}${count}`
  const changes = changesOf(count)
  const outcome = await store.commit({
    id,
    baseRevision,
    author: 'writer',
    from: 'test',
    atMs: count,
    message: String(changes.length),
    changes,
  })
  if (outcome.kind === 'conflict') {
    baseRevision = outcome.head
    continue
  }
  if (outcome.kind !== 'committed') throw new Error(`${id} is new, and yet: ${outcome.kind}`)
  baseRevision = outcome.revision.number
  writeSync(1, `${baseRevision} ${id}\n`)
  count++
}
