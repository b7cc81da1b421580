import { describe, expect, it } from 'vitest'
import { DatabaseError } from '../adapters/sql/database-error.ts'
import { openSqliteStore } from '../adapters/sql/sqlite-store.ts'
import type { LeaseStorage } from '../ports/leases.ts'
import { LeaseKeeper } from './lease-keeper.ts'

const LASTS_MS = 1_000

/** Keepers over one database, each with a clock of its own that the test moves; a stopped process has one that stands. */
async function rig() {
  const store = await openSqliteStore({ path: ':memory:' })
  let isAway = false
  const guarded =
    <A extends readonly unknown[], R>(step: (...args: A) => Promise<R>) =>
    (...args: A) =>
      isAway ? Promise.reject(new DatabaseError('lost', 'away')) : step(...args)
  const leases: LeaseStorage = {
    read: guarded((name) => store.leases.read(name)),
    take: guarded((claim, seen) => store.leases.take(claim, seen)),
    renew: guarded((lease) => store.leases.renew(lease)),
    release: guarded((lease) => store.leases.release(lease)),
  }
  const keeperOf = (holder: string, startMs: number) => {
    let nowMs = startMs
    const timers = new Set<{ readonly atMs: number; readonly run: () => void }>()
    const told: string[] = []
    let isFit = true
    const keeper = new LeaseKeeper({
      isFit: () => isFit,
      ...{ leases, name: 'work', holder, lastsMs: LASTS_MS },
      onFault: () => told.push('fault'),
      clock: {
        monotonicMs: () => nowMs,
        // Clocks of machines say anything.
        wallMs: () => startMs * 1_000,
        after: (delayMs, run) => {
          const timer = { atMs: nowMs + delayMs, run }
          timers.add(timer)
          return () => timers.delete(timer)
        },
      },
      onTaken: ({ epoch }) => told.push(`taken ${epoch}`),
      onLost: () => told.push('lost'),
    })
    const settle = async () => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    }
    const pass = async (ms: number) => {
      const untilMs = nowMs + ms
      for (;;) {
        const next = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
        if (next === undefined) break
        timers.delete(next)
        nowMs = Math.max(nowMs, next.atMs)
        next.run()
        await settle()
      }
      nowMs = untilMs
    }
    const fit = (value: boolean) => {
      isFit = value
    }
    return { keeper, told, pass, settle, fit }
  }
  return {
    ...{ keeperOf, store },
    away: (value: boolean) => {
      isAway = value
    },
  }
}

/** The first one holds the lease. */
async function oneAfterTheOther(keeperOf: Awaited<ReturnType<typeof rig>>['keeperOf']) {
  const [a, b] = [keeperOf('a', 0), keeperOf('b', 0)] as const
  for (const one of [a, b]) {
    one.keeper.start()
    await one.settle()
  }
  return [a, b] as const
}

describe('a keeper of a lease', () => {
  it('takes a free one at once, and keeps it while it beats, whatever the clocks say', async () => {
    const { keeperOf, store } = await rig()
    const [a, b] = [keeperOf('a', 5), keeperOf('b', 900_000)]
    a.keeper.start()
    await a.settle()
    expect(a.keeper.isHeld).toBe(true)
    b.keeper.start()
    for (let turn = 0; turn < 50; turn += 1) {
      await a.pass(LASTS_MS / 4)
      await b.pass(LASTS_MS / 4)
    }
    expect([a.keeper.isHeld, b.keeper.isHeld]).toEqual([true, false])
    expect([a.told, b.told]).toEqual([['taken 1'], []])
    expect(b.keeper.seen?.holder).toBe('a')
    await store.close()
  })

  it('takes over from one that is silent, which finds itself fenced when it wakes', async () => {
    const { keeperOf, store } = await rig()
    const [a, b] = await oneAfterTheOther(keeperOf)
    await b.pass(LASTS_MS - 1)
    expect(b.told).toEqual([])
    await b.pass(LASTS_MS / 2)
    expect(b.told).toEqual(['taken 2'])
    // Its own clock stood: it believes so until it asks.
    expect(a.keeper.isHeld).toBe(true)
    await a.pass(LASTS_MS / 2)
    expect(a.told).toEqual(['taken 1', 'lost'])
    expect([a.keeper.isHeld, b.keeper.isHeld]).toEqual([false, true])
    await store.close()
  })

  it('does not count as held after its time, when the database is away; nobody takes it over at once then', async () => {
    const { keeperOf, store, away } = await rig()
    const [a, b] = await oneAfterTheOther(keeperOf)
    away(true)
    await Promise.all([a.pass(3 * LASTS_MS), b.pass(3 * LASTS_MS)])
    expect(a.keeper.isHeld).toBe(false)
    expect(a.told).toEqual(['taken 1', 'fault'])
    away(false)
    await b.pass(LASTS_MS / 2)
    await a.pass(LASTS_MS / 2)
    expect([a.keeper.isHeld, b.keeper.isHeld]).toEqual([true, false])
    await store.close()
  })

  it('released, is the next one’s at once; fenced by a write, it is told once', async () => {
    const { keeperOf, store } = await rig()
    const [a, b] = [keeperOf('a', 0), keeperOf('b', 0)]
    a.keeper.start()
    await a.settle()
    await a.keeper.stop()
    b.keeper.start()
    await b.settle()
    expect(b.keeper.isHeld).toBe(true)
    await store.leases.take({ name: 'work', holder: 'c', lastsMs: 1 }, await store.leases.read('work'))
    b.keeper.fenced({ epoch: 1 })
    expect(b.told).toEqual(['taken 2'])
    b.keeper.fenced({ epoch: 2 })
    b.keeper.fenced({ epoch: 2 })
    expect(b.told).toEqual(['taken 2', 'lost'])
    await store.close()
  })

  it('is left to one that is fit; if nobody is, one keeps it all the same', async () => {
    const { keeperOf, store } = await rig()
    const [a, b] = await oneAfterTheOther(keeperOf)
    const pass = async (leases: number) => {
      for (let turn = 0; turn < leases * 8; turn += 1) {
        await a.pass(LASTS_MS / 8)
        await b.pass(LASTS_MS / 8)
      }
    }
    a.fit(false)
    await pass(3)
    expect([a.told, b.told]).toEqual([['taken 1', 'lost'], ['taken 2']])
    b.fit(false)
    await pass(10)
    expect([a.keeper.isHeld, b.keeper.isHeld].filter(Boolean)).toHaveLength(1)
    const told = [...a.told, ...b.told]
    await pass(10)
    expect([...a.told, ...b.told]).toEqual(told)
    // Whoever has it is fit again, and keeps it; the other one too, and waits.
    a.fit(true)
    b.fit(true)
    await pass(3)
    expect([...a.told, ...b.told]).toEqual(told)
    await store.close()
  })
})
