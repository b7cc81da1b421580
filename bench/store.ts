/**
 * The embedded store: change sets a second, one after the other, each durable before the next begins, on a store that is
 * not empty; and a crash run. It works beside the project, not in /tmp, which may be memory and then measures no disk.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openSqliteStore } from '../src/adapters/sql/sqlite-store.ts'
import { endpointKey, type Change } from '../src/core/model/resource.ts'
import type { Store } from '../src/ports/store.ts'
import { crashStore } from '../test/contract/store-crash.ts'
import type { Bench } from './bench.ts'

const ENDPOINTS = 10_000
const WARM_UP = 200
const COMMITS = 3_000
const ROUNDS = 20

export const store: Bench = {
  name: 'store',
  summary: 'change sets a second on the embedded store, and acknowledged revisions lost to kill -9',
  aims: [
    { metric: 'changeSetsPerSec', op: '>=', bound: 500 },
    { metric: 'crashRounds', op: '==', bound: ROUNDS },
    { metric: 'lostRevisions', op: '==', bound: 0 },
  ],
  async run(progress) {
    const parent = join(import.meta.dirname, '..', '.fairlead')
    await mkdir(parent, { recursive: true })
    const folder = await mkdtemp(join(parent, 'bench-store-'))
    try {
      const changeSetsPerSec = await measureCommits(join(folder, 'speed.db'))
      progress(`${changeSetsPerSec} change sets a second`)
      const crash = await crashStore({
        place: join(folder, 'crash.db'),
        rounds: ROUNDS,
        writers: 1,
        progress,
      })
      progress(
        `${crash.acknowledged} acknowledged in all; ${crash.unacknowledged} committed and not yet answered`,
      )
      return { changeSetsPerSec, crashRounds: crash.rounds, lostRevisions: crash.lost }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

async function measureCommits(path: string): Promise<number> {
  const opened = await openSqliteStore({ path })
  try {
    await commit(
      opened,
      0,
      Array.from({ length: ENDPOINTS }, (_, index) => endpoint(index, 1)),
    )
    for (let base = 1; base <= WARM_UP; base++) await commit(opened, base, [endpoint(base, 2)])
    const start = performance.now()
    for (let base = WARM_UP + 1; base <= WARM_UP + COMMITS; base++)
      await commit(opened, base, [endpoint((base * 7_919) % ENDPOINTS, base)])
    return Math.round((COMMITS * 1_000) / (performance.now() - start))
  } finally {
    await opened.close()
  }
}

function endpoint(index: number, weight: number): Change {
  const name = `endpoint-${index}`
  const spec = { name, address: '192.0.2.1', port: 443, site: 'ams', weight, enabled: true }
  return { op: 'put', kind: 'endpoint', key: endpointKey('pool', name), spec }
}

async function commit(opened: Store, baseRevision: number, changes: readonly Change[]): Promise<void> {
  const id = `bench-${baseRevision}`
  const outcome = await opened.commit({
    id,
    baseRevision,
    author: 'bench',
    from: 'test',
    atMs: 0,
    message: '',
    changes,
  })
  if (outcome.kind !== 'committed') throw new Error(`the bench's commit gave ${outcome.kind}`)
}
