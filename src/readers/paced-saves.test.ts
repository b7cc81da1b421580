import { describe, expect, it } from 'vitest'
import { ManualClock } from '../nameserver/testing/manual-clock.ts'
import { PacedSaves } from './paced-saves.ts'

function rig() {
  const clock = new ManualClock()
  const savedAtMs: number[] = []
  const state = { works: true, running: 0, most: 0 }
  const saves = new PacedSaves({
    clock,
    save: async () => {
      state.running += 1
      state.most = Math.max(state.most, state.running)
      savedAtMs.push(clock.monotonicMs())
      await Promise.resolve()
      state.running -= 1
      return state.works
    },
  })
  return { clock, saves, savedAtMs, state }
}

describe('PacedSaves', () => {
  it('saves soon after a calm, twice a second in a storm, one at a time, and once after the last request', async () => {
    const { clock, saves, savedAtMs, state } = rig()
    for (let index = 0; index < 11; index += 1) {
      saves.request()
      await clock.advance(100)
    }
    await clock.advance(10_000)
    expect([savedAtMs, state.most]).toEqual([[20, 520, 1_020], 1])
  })

  it('repeats a save that failed after five seconds, also when nothing new is requested', async () => {
    const { clock, saves, savedAtMs, state } = rig()
    state.works = false
    saves.request()
    await clock.advance(5_100)
    state.works = true
    await clock.advance(60_000)
    expect(savedAtMs).toEqual([20, 5_020, 10_020])
  })

  it('after a stop nothing is saved any more', async () => {
    const { clock, saves, savedAtMs } = rig()
    saves.request()
    await saves.stop()
    await clock.advance(60_000)
    expect(savedAtMs).toEqual([])
  })
})
