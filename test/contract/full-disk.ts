/**
 * The child of the full-disk test, inside its own mount namespace with a tiny file system at argv[2]: fills it, commits
 * until that fails, makes room, goes on. Prints what happened as one JSON object; the test judges it.
 */
import { rmSync, writeSync, openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseError } from '../../src/adapters/sql/database-error.ts'
import { openSqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { site } from './store-model.ts'

const [, , folder] = process.argv
if (folder === undefined) throw new Error('full-disk FOLDER')
const path = join(folder, 'store.db')
const ballast = join(folder, 'ballast')

/** To the last byte. */
function fill(): void {
  const file = openSync(ballast, 'w')
  try {
    for (;;) if (writeSync(file, Buffer.alloc(4_096)) < 4_096) return
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}

async function outcomeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
    return 'done'
  } catch (error) {
    return error instanceof DatabaseError ? error.code : String(error)
  }
}

const changes = Array.from({ length: 500 }, (_, index) => site(`site-${index}`))
const commit = (base: number) => ({
  id: `set-${base}`,
  baseRevision: base,
  author: 'ann',
  from: 'test',
  atMs: 1,
  message: '',
  changes,
})

fill()
const openOnFull = await outcomeOf(() => openSqliteStore({ path }).then((opened) => opened.close()))
rmSync(ballast)
let store = await openSqliteStore({ path })
await store.commit(commit(0))
fill()
let head = 1
let failure = 'done'
for (; failure === 'done' && head < 1_000; head += failure === 'done' ? 1 : 0)
  failure = await outcomeOf(() => store.commit(commit(head)))
const full = { failure, head, headAfter: await store.head(), loaded: (await store.load()).revision }
const again = await outcomeOf(() => store.commit(commit(head)))
rmSync(ballast)
const withRoom = await outcomeOf(() => store.commit(commit(head)))
await store.close()
store = await openSqliteStore({ path })
const revisions = await store.revisionsAfter(0, 10_000)
const reopened = {
  head: await store.head(),
  whole: revisions.every(({ changes: each }) => each.length === 500),
}
await store.close()
console.log(JSON.stringify({ openOnFull, full, again, withRoom, reopened }))
