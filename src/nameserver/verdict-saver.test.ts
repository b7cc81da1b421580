import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import type { SavedVerdict } from '../core/health/verdict-book.ts'
import { ManualClock } from './testing/manual-clock.ts'
import { VerdictSaver } from './verdict-saver.ts'

function rig() {
  const clock = new ManualClock()
  const saves: number[] = []
  const added: (readonly string[])[] = []
  const alarms: string[] = []
  let broken = false
  const saver = new VerdictSaver({
    storage: {
      load: () => Promise.resolve([]),
      save: () => {
        if (broken) return Promise.reject(new Error('no space'))
        saves.push(clock.monotonicMs())
        return Promise.resolve()
      },
      append: (verdicts) => {
        if (broken) return Promise.reject(new Error('no space'))
        added.push(verdicts.map(({ endpoint }) => endpoint))
        return Promise.resolve()
      },
    },
    read: (endpoints) => (endpoints === 'all' ? [] : Array.from(endpoints, verdictOn)),
    clock,
    logger: pino({ level: 'silent' }),
    onAlarm: (message) => alarms.push(message),
  })
  const breaks = (is: boolean) => (broken = is)
  return { clock, saves, added, alarms, saver, breaks }
}

function verdictOn(endpoint: string): SavedVerdict {
  return { endpoint, state: 'up', degraded: false, lastUp: 0 }
}

describe('verdicts on their way to the disk', () => {
  it('a change after a calm is written at once, many changes twice a second, the last one always', async () => {
    const { clock, saves, saver } = rig()
    await clock.advance(10_000)
    expect(saves).toEqual([])
    saver.changed('all')
    await clock.advance(20)
    expect(saves).toEqual([10_020])
    for (let index = 0; index < 10; index += 1) {
      saver.changed('all')
      await clock.advance(100)
    }
    await clock.advance(10_000)
    // The last change came at 10,920: the write after it is the last.
    expect(saves).toEqual([10_020, 10_520, 11_020])
    await saver.stop()
  })

  it('what changed is added to the whole, which is written anew once a minute, and after a failure', async () => {
    const { clock, saves, added, saver, breaks } = rig()
    saver.changed(['p/a'])
    await clock.advance(1_000)
    expect([saves, added]).toEqual([[20], []])
    saver.changed(['p/a', 'p/b'])
    saver.changed(['p/b'])
    await clock.advance(1_000)
    saver.changed(['p/c'])
    await clock.advance(1_000)
    expect([saves, added]).toEqual([[20], [['p/a', 'p/b'], ['p/c']]])
    await clock.advance(60_000)
    expect(saves).toHaveLength(1)
    saver.changed(['p/d'])
    await clock.advance(1_000)
    expect([saves, added.length]).toEqual([[20, 63_020], 2])
    saver.changed(['p/e'])
    breaks(true)
    await clock.advance(1_000)
    breaks(false)
    await clock.advance(10_000)
    expect([saves.length, added.length]).toEqual([3, 2])
    await saver.stop()
  })

  it('a failed write is said once and repeated until it holds', async () => {
    const { clock, saves, alarms, saver, breaks } = rig()
    breaks(true)
    saver.changed('all')
    await clock.advance(6_000)
    expect([saves, alarms]).toEqual([[], ['the verdicts could not be saved: no space']])
    breaks(false)
    await clock.advance(10_000)
    expect(saves).toHaveLength(1)
    await saver.stop()
  })

  it('nothing is written before the first change, and once more at the end', async () => {
    const { saves, saver } = rig()
    await saver.stop()
    expect(saves).toEqual([])
    const other = rig()
    other.saver.changed('all')
    await other.saver.stop()
    expect(other.saves).toHaveLength(1)
  })
})
