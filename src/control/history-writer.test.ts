import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { RecordedTransition } from '../ports/history.ts'
import { HistoryWriter } from './history-writer.ts'

const transition = (atMs: number): RecordedTransition => ({
  ...{ endpoint: 'web/a', atMs, control: 'c1', from: 'up', to: 'down', degraded: false, rule: 'quorum-down' },
  ...{ reason: '', quorum: { down: 1, up: 1 }, votes: [], lastUp: 1 },
})

/** A store whose writes the test lets through, or fails, one by one. */
function rig() {
  const batches: { readonly atMs: number[]; readonly done: PromiseWithResolvers<number> }[] = []
  const timers: (() => void)[] = []
  const alarms: string[] = []
  const lost: number[] = []
  let isOurs = true
  let pruned = 0
  const writer = new HistoryWriter({
    history: {
      record: (all) => {
        const done = Promise.withResolvers<number>()
        batches.push({ atMs: all.map(({ atMs }) => atMs), done })
        return done.promise
      },
      prune: (_beforeMs, limit) => {
        pruned += 1
        isOurs &&= pruned < 3
        return Promise.resolve(limit)
      },
    },
    clock: {
      monotonicMs: () => 0,
      wallMs: () => 0,
      after: (_delayMs, step) => {
        timers.push(step)
        return () => undefined
      },
    },
    logger: pino({ level: 'silent' }),
    keepDays: 30,
    isOurs: () => isOurs,
    onAlarm: (message) => alarms.push(message),
    onLost: (count) => lost.push(count),
  })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { writer, batches, timers, alarms, lost, turn, pruned: () => pruned }
}

describe('the writer of the history', () => {
  it('never waits: what comes during a write goes with the next one', async () => {
    const { writer, batches, turn } = rig()
    writer.add([transition(1)])
    writer.add([transition(2), transition(3)])
    expect(batches.map(({ atMs }) => atMs)).toEqual([[1]])
    batches[0]!.done.resolve(1)
    await turn()
    expect(batches[1]!.atMs).toEqual([2, 3])
  })

  it('a write that fails is tried again later, said aloud once', async () => {
    const { writer, batches, timers, alarms, turn } = rig()
    writer.add([transition(1)])
    for (let attempt = 0; attempt < 3; attempt += 1) {
      batches[attempt]!.done.reject(new Error('disk full'))
      await turn()
      timers.pop()!()
    }
    expect(batches.map(({ atMs }) => atMs)).toEqual([[1], [1], [1], [1]])
    expect(alarms).toHaveLength(1)
    batches[3]!.done.resolve(1)
    await turn()
    expect(batches).toHaveLength(4)
  })

  it('what waits is bounded, and what was left out is counted', async () => {
    const { writer, batches, lost, turn } = rig()
    writer.add([transition(0)])
    writer.add(Array.from({ length: 20_010 }, (_, index) => transition(index + 1)))
    expect(lost).toEqual([11])
    batches[0]!.done.resolve(1)
    await turn()
    expect(batches[1]!.atMs[0]).toBe(11)
  })

  it('at its end writes what still waits', async () => {
    const { writer, batches, turn } = rig()
    writer.add([transition(1)])
    writer.add([transition(2)])
    const stopped = writer.stop()
    batches[0]!.done.resolve(1)
    await turn()
    batches[1]!.done.resolve(1)
    await stopped
    expect(batches.map(({ atMs }) => atMs)).toEqual([[1], [2]])
  })

  it('at its end writes all that waits, and counts what it could not', async () => {
    const { writer, batches, lost, turn } = rig()
    writer.add(Array.from({ length: 500 }, (_, index) => transition(index)))
    const stopped = writer.stop()
    for (const index of [0, 1]) {
      batches[index]!.done.resolve(1)
      await turn()
    }
    batches[2]!.done.reject(new Error('disk full'))
    await stopped
    expect(batches.map(({ atMs }) => atMs.length)).toEqual([200, 200, 100])
    expect(lost).toEqual([100])
  })

  it('prunes only while it is this control that does it for all', async () => {
    const { writer, pruned } = rig()
    await writer.prune()
    expect(pruned()).toBe(3)
    await writer.prune()
    expect(pruned()).toBe(3)
  })
})
