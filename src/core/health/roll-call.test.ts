import { describe, expect, it } from 'vitest'
import { RegisterLedger } from './register-ledger.ts'
import { RollCall } from './roll-call.ts'
import { intentOf } from './testing/intent.ts'
import { ReportingChecker } from './testing/reporting-checker.ts'

const TIMES = { leaseMs: 3_500, goneMs: 60_000 }

function rollOf(...sites: string[]) {
  const ledger = new RegisterLedger()
  const roll = new RollCall(TIMES, ledger)
  roll.expect(intentOf({}, { sites }).topology)
  const presence = () =>
    Object.fromEntries(
      roll.sites.flatMap(({ checkers }) => checkers.map((one) => [one.checker, one.presence] as const)),
    )
  const gone = () => roll.sites.filter(({ isGone }) => isGone).map(({ site }) => site)
  return { ledger, roll, presence, gone, names: () => roll.sites.map(({ site }) => site) }
}

describe('RollCall', () => {
  it('C1 with a topology its sites vote, heard or not, and nobody else', () => {
    const { ledger, roll, names, presence } = rollOf('fra', 'ams')
    ledger.merge(new ReportingChecker('x1', 'elsewhere').heartbeat(), 0)
    ledger.merge(new ReportingChecker('a1', 'ams').heartbeat(), 0)
    expect(roll.refresh(0)).toBe('sites')
    expect(names()).toEqual(['ams', 'fra'])
    expect(presence()).toEqual({ a1: 'live' })
    roll.expect(intentOf({}, { sites: ['ams'] }).topology)
    expect(roll.refresh(1)).toBe('sites')
    expect(names()).toEqual(['ams'])
  })

  it('C2 without a topology whoever was ever heard votes', () => {
    const { ledger, roll, names } = rollOf()
    expect([roll.refresh(0), names()]).toEqual(['sites', []])
    ledger.merge(new ReportingChecker('a1', 'ams').heartbeat(), 0)
    expect([roll.refresh(0), names()]).toEqual(['sites', ['ams']])
    expect([roll.refresh(3_600_000), names()]).toEqual(['sites', ['ams']])
  })

  it('C3 a checker is live within its lease, then lost, and gone a minute after it was last live', () => {
    const { ledger, roll, presence } = rollOf('ams')
    const checker = new ReportingChecker('a1', 'ams')
    ledger.merge(checker.heartbeat(), 1_000)
    const at = (nowMs: number) => [roll.refresh(nowMs), presence().a1]
    expect(at(1_000)).toEqual(['sites', 'live'])
    expect(at(4_500)).toEqual(['none', 'live'])
    expect(at(4_501)).toEqual(['presence', 'lost'])
    expect(at(61_000)).toEqual(['none', 'lost'])
    expect(at(61_001)).toEqual(['sites', 'gone'])
    ledger.merge(checker.heartbeat(), 70_000)
    expect(at(70_000)).toEqual(['sites', 'live'])
  })

  it('C4 a fenced checker is not live, however often it is heard, and gone after a minute behind its fence', () => {
    const { ledger, roll, presence, gone } = rollOf('ams')
    const checker = new ReportingChecker('a1', 'ams')
    ledger.merge(checker.heartbeat(), 0)
    checker.fenced = true
    const presences = [1_000, 60_000, 61_000].map((nowMs) => {
      ledger.merge(checker.heartbeat(), nowMs)
      roll.refresh(nowMs)
      return presence().a1
    })
    expect(presences).toEqual(['lost', 'lost', 'gone'])
    // Its site is heard: nobody takes its place.
    expect(gone()).toEqual([])
  })

  it('C5 a site is gone a minute after the last frame of any of its checkers, or after it was first expected', () => {
    const { ledger, roll, gone } = rollOf('ams', 'fra')
    roll.refresh(1_000)
    ledger.merge(new ReportingChecker('a1', 'ams').heartbeat(), 31_000)
    expect([roll.refresh(61_000), gone()]).toEqual(['sites', []])
    expect([roll.refresh(61_001), gone()]).toEqual(['sites', ['fra']])
    ledger.merge(new ReportingChecker('a2', 'ams').heartbeat(), 90_000)
    expect([roll.refresh(91_001), gone()]).toEqual(['sites', ['fra']])
    ledger.merge(new ReportingChecker('f1', 'fra').heartbeat(), 92_000)
    expect([roll.refresh(92_000), gone()]).toEqual(['sites', []])
    // A new revision does not make the silent ones new.
    roll.expect(intentOf({}, { sites: ['ams', 'fra', 'lon'] }).topology)
    roll.refresh(140_000)
    expect([roll.refresh(150_001), gone()]).toEqual(['sites', ['ams']])
  })

  it('C6 last words stand for a minute after they were last heard', () => {
    const { ledger, roll } = rollOf('ams')
    const checker = new ReportingChecker('a1', 'ams')
    ledger.merge(checker.report('web/a', 'up'), 0)
    ledger.merge(checker.restart(), 50_000)
    const hasWords = () => roll.sites[0]?.checkers[0]?.hasWords
    expect([roll.refresh(60_000), hasWords()]).toEqual(['sites', true])
    expect([roll.refresh(60_001), hasWords()]).toEqual(['presence', false])
  })
})
