/**
 * kill -9 in mid-write, again and again on one store: what was acknowledged must be there, nothing may be half.
 * It shows what a dying process can do. What a dying machine can do (a disk that lies about fsync) it cannot show.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { openStoreOf } from './open-store-of.ts'
import type { Change } from '../../src/core/model/resource.ts'
import type { Revision, Store } from '../../src/ports/store.ts'
import { site, sorted, StoreModel } from './store-model.ts'

const WRITER = fileURLToPath(new URL('store-writer.ts', import.meta.url))
/** The kill falls after so many acknowledgements at most, and so many milliseconds more at most. */
const MAX_ACKNOWLEDGED = 40
const MAX_DELAY_MS = 15
const PAGE = 500

interface CrashOptions {
  /** As an operator names it: a path or a URL. */
  readonly place: string
  readonly rounds: number
  /** Processes that write at once, each killed at its own moment. */
  readonly writers: number
  readonly progress: (line: string) => void
}

interface CrashReport {
  readonly rounds: number
  readonly acknowledged: number
  /** Acknowledged revisions that were not there afterwards. */
  readonly lost: number
  /** Kills after which a revision was found that had not been acknowledged yet: those hit between commit and answer. */
  readonly unacknowledged: number
}

/** Throws when the store is half: a hole, a torn revision, or resources that the revisions do not explain. */
export async function crashStore({ place, rounds, writers, progress }: CrashOptions): Promise<CrashReport> {
  const model = new StoreModel()
  const total = { acknowledged: 0, lost: 0, unacknowledged: 0 }
  for (let round = 1; round <= rounds; round++) {
    const prefixes = Array.from({ length: writers }, (_, index) => `round-${round}-writer-${index + 1}-`)
    const byWriter = await Promise.all(prefixes.map((prefix) => writeUntilKilled(place, prefix)))
    const acknowledged = byWriter.flat()
    const store = await openStoreOf(place)
    try {
      const found = await catchUp(store, model)
      const lost = acknowledged.filter(({ number, id }) => model.revisions[number - 1]?.changeSetId !== id)
      total.acknowledged += acknowledged.length
      total.lost += lost.length
      total.unacknowledged += Math.max(0, found - acknowledged.length)
      for (const [index, prefix] of prefixes.entries())
        await retryUnknown(store, model, `${prefix}${byWriter[index]!.length + 1}`)
      progress(`round ${round}: ${acknowledged.length} acknowledged, ${lost.length} lost, ${found} found`)
    } finally {
      await store.close()
    }
  }
  return { rounds, ...total }
}

async function writeUntilKilled(place: string, prefix: string) {
  const child = spawn(process.execPath, [WRITER, place, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const killAfter = 1 + Math.floor(Math.random() * MAX_ACKNOWLEDGED)
  const acknowledged: { readonly number: number; readonly id: string }[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    // The kill may cut the last line.
    const [, number, id] = /^(\d+) (round-\d+-writer-\d+-\d+)$/.exec(line) ?? []
    if (number === undefined || id === undefined) continue
    acknowledged.push({ number: Number(number), id })
    if (acknowledged.length === killAfter)
      void delay(Math.random() * MAX_DELAY_MS).then(() => child.kill('SIGKILL'))
  }
  const [exitCode, signal] = (await closed) as [number | null, NodeJS.Signals | null]
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself (${exitCode ?? signal ?? 'unknown'})`)
  return acknowledged
}

/** Replays the new revisions into the model, checks that they explain what is there; the number of new revisions. */
async function catchUp(store: Store, model: StoreModel): Promise<number> {
  const start = model.head
  for (;;) {
    const page = await store.revisionsAfter(model.head, PAGE)
    for (const revision of page) replay(model, revision)
    if (page.length < PAGE) break
  }
  const { revision, resources } = await store.load()
  const expected = model.load()
  if (revision !== expected.revision || (await store.head()) !== model.head)
    throw new Error(`the head is ${revision}, the revisions end at ${expected.revision}`)
  if (!isDeepStrictEqual(sorted(resources), sorted(expected.resources)))
    throw new Error(`the resources of revision ${revision} are not what its revisions leave behind`)
  return model.head - start
}

function replay(model: StoreModel, revision: Revision): void {
  const changes = revision.changes.map(({ kind, key, after }): Change => {
    return after === null ? { op: 'delete', kind, key } : ({ op: 'put', kind, key, spec: after } as Change)
  })
  const { changeSetId: id, author, atMs, message } = revision
  const outcome = model.commit({
    ...{ id, baseRevision: model.head, author, from: 'test' },
    ...{ atMs, message, changes },
  })
  const whole = message === 'retried' || Number(message) === changes.length
  if (!whole || outcome.kind !== 'committed' || !isDeepStrictEqual(outcome.revision, revision))
    throw new Error(`revision ${revision.number} is torn: ${JSON.stringify(revision).slice(0, 500)}`)
}

/** The commit that the kill cut off was done or was not: to send its id again must be right in both cases. */
async function retryUnknown(store: Store, model: StoreModel, id: string): Promise<void> {
  const known = model.revisions.some((revision) => revision.changeSetId === id)
  const changeSet = {
    id,
    baseRevision: model.head,
    author: 'retry',
    from: 'test',
    atMs: 0,
    message: 'retried',
    changes: [site('retried')],
  }
  const outcome = await store.commit(changeSet)
  if (outcome.kind !== (known ? 'already-committed' : 'committed'))
    throw new Error(`a retry of ${id} gave ${outcome.kind}`)
  if (outcome.kind === 'committed') model.commit(changeSet)
}
