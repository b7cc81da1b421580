import { describe, expect, it } from 'vitest'
import { UNDECIDED, type Standing } from '../core/health/verdict.ts'
import { balancer, configuration, endpoints } from '../core/steering/state/testing/steering-world.ts'
import type { SavedSteering } from '../core/steering/state/saved-steering.ts'
import { ManualClock } from '../nameserver/testing/manual-clock.ts'
import { loadSteering } from './load-steering.ts'

const WWW = 'www.example.test'

async function rig() {
  const clock = new ManualClock()
  let wallOffsetMs = 0
  const shifted = {
    monotonicMs: clock.monotonicMs,
    wallMs: () => clock.wallMs() + wallOffsetMs,
    after: (delayMs: number, callback: () => void) => clock.after(delayMs, callback),
  }
  const saves: { atMs: number; saved: SavedSteering }[] = []
  const alarms: string[] = []
  let isBroken = false
  const verdicts = new Map<string, Standing>()
  const keeper = await loadSteering({
    clock: shifted,
    book: { standing: (endpoint) => verdicts.get(endpoint) },
    onAlarm: (message) => alarms.push(message),
    storage: {
      load: () => Promise.resolve(null),
      save: (saved) => {
        if (isBroken) return Promise.reject(new Error('no space'))
        saves.push({ atMs: clock.monotonicMs(), saved })
        return Promise.resolve()
      },
    },
  })
  const steps: { atMs: number; names: string[] }[] = []
  keeper.start(({ balancers }) => steps.push({ atMs: clock.monotonicMs(), names: [...balancers] }))
  return {
    ...{ clock, saves, alarms, verdicts, keeper, steps },
    setWall: (ms: number) => (wallOffsetMs = ms),
    breaks: (is: boolean) => (isBroken = is),
  }
}

const world = (clock: ManualClock, inMs: number) =>
  configuration({
    pools: [{ name: 'web', monitors: ['http'], endpoints: endpoints(4) }],
    loadBalancers: [balancer('www', { kind: 'all', pools: ['web'] })],
    overrides: [{ name: 'web/a', state: 'forced-down', reason: 'test', expiresAtMs: clock.wallMs() + inMs }],
  })

describe('steering of a reader', () => {
  it('wakes when something is due, and only then', async () => {
    const { clock, keeper, steps } = await rig()
    keeper.define(world(clock, 5_500))
    await clock.advance(5_499)
    expect(steps).toEqual([])
    await clock.advance(10_000)
    expect(steps).toEqual([{ atMs: 5_500, names: [WWW] }])
    await keeper.stop()
  })

  it('a wall clock that is set forth or back is seen within a second', async () => {
    const { clock, keeper, steps, setWall } = await rig()
    keeper.define(world(clock, 60_000))
    setWall(120_000)
    await clock.advance(1_000)
    expect(steps).toMatchObject([{ names: [WWW] }])
    setWall(0)
    await clock.advance(1_000)
    expect(steps).toHaveLength(2)
    await keeper.stop()
  })

  it('saves after a change, many changes as one, and what is not saved at the end', async () => {
    const { clock, keeper, saves, verdicts } = await rig()
    keeper.define(world(clock, 3_600_000))
    await clock.advance(1_000)
    expect(saves).toMatchObject([{ atMs: 20 }])
    for (const endpoint of ['web/b', 'web/c']) {
      const from = { ...UNDECIDED, state: 'up' } as const
      const to = { ...UNDECIDED, state: 'down', lastUp: 1, quorum: { down: 1, up: 1 }, votes: [] } as const
      verdicts.set(endpoint, to)
      keeper.onTransitions([{ endpoint, from, to }])
    }
    await keeper.stop()
    expect(saves).toHaveLength(2)
    expect(saves[1]?.saved.falls.map((one) => one.endpoint)).toEqual(['web/b', 'web/c'])
    await keeper.stop()
    expect(saves).toHaveLength(2)
  })

  it('a failed write is said once and repeated until it holds', async () => {
    const { clock, keeper, saves, alarms, breaks } = await rig()
    breaks(true)
    keeper.define(world(clock, 3_600_000))
    await clock.advance(11_000)
    expect(alarms).toEqual(['the steering state could not be saved: no space'])
    breaks(false)
    await clock.advance(10_000)
    expect(saves).toHaveLength(1)
    await keeper.stop()
  })
})
