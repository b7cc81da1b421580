import { describe, expect, it } from 'vitest'
import { ReportingChecker } from '../core/health/testing/reporting-checker.ts'
import { topologyOf } from '../core/health/topology.ts'
import { PeerWatch } from './peer-watch.ts'
import { sitesOf, snapshotOf } from './testing/snapshots.ts'

const topology = topologyOf(
  snapshotOf(1, { monitors: [], endpoints: [], sites: sitesOf(3, 1, 1, 1) }).configuration,
)

function watching() {
  const watch = new PeerWatch({ name: 'c', site: 's1' })
  watch.expect(topology, 0)
  const peers = new Map<string, ReportingChecker>()
  const hear = (checker: string, nowMs: number, fields: object = {}) => {
    const peer = peers.get(checker) ?? new ReportingChecker(checker, `s${checker[1] ?? ''}`)
    peers.set(checker, peer)
    return watch.hear({ ...peer.heartbeat(), ...fields }, nowMs)
  }
  return { watch, hear }
}

describe('PeerWatch', () => {
  it('takes nothing from its own frames, old ones and repetitions', () => {
    const { watch } = watching()
    const frame = new ReportingChecker('c2-1', 's2').heartbeat()
    expect([watch.hear(frame, 0), watch.hear(frame, 1)]).toEqual([true, false])
    expect(watch.hear(new ReportingChecker('c', 's1').heartbeat(), 0)).toBe(false)
    // A gap is no matter here: nothing is merged.
    expect(watch.hear({ ...frame, sequence: 9 }, 2)).toBe(true)
  })

  it('a site that falls silent, or was never heard, is gone after a minute; when most are, nobody is', () => {
    const { watch, hear } = watching()
    for (const checker of ['c2-1', 'c3-1', 'c4-1']) hear(checker, 1_000)
    hear('c2-1', 50_000)
    hear('c3-1', 50_000)
    watch.refresh(61_000)
    expect(['s2', 's3', 's4'].map(watch.isSiteGone)).toEqual([false, false, false])
    expect(watch.refresh(61_001)).toBe(true)
    expect(['s2', 's3', 's4'].map(watch.isSiteGone)).toEqual([false, false, true])
    expect(watch.refresh(62_000)).toBe(false)
    watch.refresh(110_001)
    expect(['s2', 's3', 's4'].map(watch.isSiteGone)).toEqual([false, false, false])
    expect(hear('c4-1', 111_000)).toBe(true)
  })

  it('of its own site a checker that is silent or fenced for a minute is gone', () => {
    const { watch, hear } = watching()
    for (const checker of ['c2-1', 'c3-1', 'c4-1']) hear(checker, 60_000)
    hear('c1-2', 1_000)
    hear('c1-2', 60_000, { fenced: true })
    watch.refresh(60_000)
    expect(['c', 'c1-2', 'c1-3'].map(watch.isCheckerGone)).toEqual([false, false, false])
    watch.refresh(61_002)
    expect(['c', 'c1-2', 'c1-3'].map(watch.isCheckerGone)).toEqual([false, true, true])
    hear('c1-2', 62_000)
    watch.refresh(62_000)
    expect(['c', 'c1-2', 'c1-3'].map(watch.isCheckerGone)).toEqual([false, false, true])
  })

  it('lays the grid by the clock of the first checker by name, as its quickest frame showed it', () => {
    const { watch, hear } = watching()
    expect(watch.gridAheadMs(0)).toBe(0)
    hear('d2', 1_000, { gridMs: 99_000 })
    expect(watch.gridAheadMs(1_000)).toBe(0)
    hear('a2', 1_000, { gridMs: 500 })
    expect(watch.gridAheadMs(1_000)).toBe(-500)
    hear('a2', 2_000, { gridMs: 1_580 })
    hear('a2', 3_000, { gridMs: 2_300 })
    expect(watch.gridAheadMs(3_000)).toBeCloseTo(-420.1)
    hear('a2', 4_000, { gridMs: 7, incarnation: 2 })
    expect(watch.gridAheadMs(4_000)).toBe(-3_993)
    expect(watch.gridAheadMs(64_001)).toBe(0)
  })
})
