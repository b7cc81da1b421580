import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decideStanding,
  findingOf,
  majorityQuorum,
  UNDECIDED,
  type Quorum,
  type Standing,
  type Tally,
} from './verdict.ts'

const SETTLE_MS = 10_000

/** u: up, d: down, g: up but degraded, -: no vote */
function tallyOf(text: string): Tally {
  return { voters: text.length, up: count(text, 'ug'), down: count(text, 'd'), degraded: count(text, 'g') }
}

function decide(
  previous: Standing,
  text: string,
  { nowMs = 0, tick = 1, quorum = {}, isGuarded = false } = {},
): Standing {
  return decideStanding(previous, {
    tally: tallyOf(text),
    quorum: { ...majorityQuorum(text.length), ...quorum },
    nowMs,
    settleMs: SETTLE_MS,
    isGuarded,
    tick,
  })
}

const UP = decide(UNDECIDED, 'uuu')
const DOWN = decide(UNDECIDED, 'ddd')

const anyVotes = fc.string({ unit: fc.constantFrom('u', 'd', 'g', '-'), minLength: 1, maxLength: 7 })
/** A legal pair: qDown + qUp >= K + 1, each at most K. */
function quorumOf(sites: number, pick: readonly [number, number]): Quorum {
  const down = 1 + (pick[0] % sites)
  const least = sites + 1 - down
  return { down, up: least + (pick[1] % (sites - least + 1)) }
}
const anyPick = fc.tuple(fc.nat(20), fc.nat(20))
/** Evaluations at growing times, all of one number of sites. */
const anyRounds = fc
  .integer({ min: 1, max: 7 })
  .chain((sites) =>
    fc.array(
      fc.tuple(
        fc.string({ unit: fc.constantFrom('u', 'd', 'g', '-'), minLength: sites, maxLength: sites }),
        fc.nat(15_000),
      ),
      { minLength: 1, maxLength: 40 },
    ),
  )

function count(text: string, letters: string): number {
  return Array.from(text).filter((letter) => letters.includes(letter)).length
}

describe('rules', () => {
  it('V4 fewer than min(qDown, qUp) votes: hold, without limit, whatever they say', () => {
    for (const held of [UP, DOWN])
      for (const text of ['---', 'd--', 'u--', '-g-'])
        expect(decide(held, text, { nowMs: 1e12 })).toMatchObject({
          state: held.state,
          rule: 'hold-no-quorum',
          hasQuorum: false,
        })
  })

  it('V5 qUp votes for up: up at once, settling or not', () => {
    expect(decide(DOWN, 'uud')).toMatchObject({ state: 'up', rule: 'quorum-up' })
    const lost = decide(DOWN, '---')
    expect(decide(lost, 'uu-')).toMatchObject({ state: 'up', rule: 'quorum-up' })
  })

  it('V6 qDown votes for down: down', () => {
    expect(decide(UP, 'ddu')).toMatchObject({ state: 'down', rule: 'quorum-down', degraded: false })
  })

  it('V7 enough votes but no quorum for either: hold', () => {
    expect(decide(UP, 'ud-')).toMatchObject({ state: 'up', rule: 'hold-split', hasQuorum: true })
    expect(decide(DOWN, 'uudd')).toMatchObject({ state: 'down', rule: 'hold-split' })
    expect(decide(UP, 'ddu', { quorum: { down: 3, up: 1 } }).state).toBe('up')
    expect(decide(DOWN, 'ddu', { quorum: { down: 3, up: 2 } }).rule).toBe('hold-split')
  })

  it('V8 after a lost quorum came back an up holds for the settle time, then falls', () => {
    const lost = decide(UP, 'd--', { nowMs: 1_000 })
    const back = decide(lost, 'dd-', { nowMs: 5_000 })
    expect(back).toMatchObject({ state: 'up', rule: 'hold-settling', regainedAtMs: 5_000 })
    const settling = decide(back, 'dd-', { nowMs: 14_999 })
    expect(settling).toMatchObject({ state: 'up', rule: 'hold-settling', regainedAtMs: 5_000 })
    expect(decide(settling, 'dd-', { nowMs: 15_000 })).toMatchObject({ state: 'down', rule: 'quorum-down' })
    const again = decide(decide(settling, '---', { nowMs: 15_000 }), 'dd-', { nowMs: 16_000 })
    expect(again).toMatchObject({ state: 'up', regainedAtMs: 16_000 })
  })

  it('V21 where every one of three sites or more says down there is nothing to settle', () => {
    for (const sites of [1, 2, 3, 4, 5, 7]) {
      const up = decide(UNDECIDED, 'u'.repeat(sites))
      const lost = decide(up, '-'.repeat(sites), { nowMs: 1_000 })
      const back = decide(lost, 'd'.repeat(sites), { nowMs: 5_000 })
      expect(back.rule).toBe(sites < 3 ? 'hold-settling' : 'quorum-down')
      if (sites < 3) continue
      const split = decide(lost, `${'d'.repeat(sites - 1)}u`, { nowMs: 5_000 })
      expect(split.state).toBe('up')
      // The last one that kept silent agrees.
      const silent = decide(lost, `${'d'.repeat(sites - 1)}-`, { nowMs: 5_000 })
      expect(silent.rule).toBe('hold-settling')
      expect(decide(silent, 'd'.repeat(sites), { nowMs: 6_000 }).state).toBe('down')
    }
  })

  it('V19 under a guard no up ends, whatever the votes; everything else is as without', () => {
    const guarded = { isGuarded: true }
    const held = decide(UP, 'ddd', guarded)
    expect(held).toMatchObject({ state: 'up', rule: 'hold-definition', hasQuorum: true })
    expect(decide(held, 'ddd')).toMatchObject({ state: 'down', rule: 'quorum-down' })
    expect(decide(held, 'uuu', guarded)).toMatchObject({ state: 'up', rule: 'quorum-up' })
    expect(decide(held, 'd--', guarded)).toMatchObject({ state: 'up', rule: 'hold-no-quorum' })
    expect(decide(DOWN, 'ddd', guarded)).toBe(DOWN)
    expect(decide(UNDECIDED, 'ddd', guarded)).toMatchObject({ state: 'down', rule: 'quorum-down' })
    for (const text of ['uuu', 'ddd', 'ud-', 'd--'])
      expect(findingOf(tallyOf(text), majorityQuorum(3))).toBe({ uuu: 'up', ddd: 'down' }[text] ?? null)
  })

  it('V9 never decided: unknown until a first quorum, which needs no settling', () => {
    expect(decide(UNDECIDED, 'd--')).toMatchObject({ state: 'unknown', rule: 'never-decided' })
    expect(decide(UNDECIDED, 'ud-')).toMatchObject({ state: 'unknown', rule: 'never-decided' })
    const waiting = decide(UNDECIDED, '---', { nowMs: 500 })
    expect(decide(waiting, 'dd-', { nowMs: 501 })).toMatchObject({ state: 'down', rule: 'quorum-down' })
    expect(UP).toMatchObject({ state: 'up', rule: 'quorum-up', regainedAtMs: null })
  })

  it('V10 the degraded bit: a quorum of up votes sets it, a quorum clears it, otherwise it holds', () => {
    const degraded = decide(UP, 'ggu')
    expect(degraded).toMatchObject({ state: 'up', degraded: true })
    expect(decide(degraded, 'gu-')).toMatchObject({ state: 'up', degraded: true })
    expect(decide(UP, 'gu-')).toMatchObject({ state: 'up', degraded: false })
    expect(decide(degraded, 'uu-').degraded).toBe(false)
    expect(decide(degraded, '---').degraded).toBe(true)
    expect(decide(degraded, 'ddd').degraded).toBe(false)
    // A pair of quorums serves the bit as it serves the state: down sets it, up clears it.
    const lopsided = { quorum: { down: 1, up: 3 } }
    expect(decide(UP, 'guu', lopsided).degraded).toBe(true)
    expect(decide(degraded, 'guu', lopsided).degraded).toBe(true)
    expect(decide(degraded, 'uuu', lopsided).degraded).toBe(false)
  })

  it('V11 nothing new: the standing is the same one, not a copy', () => {
    expect(decide(UP, 'uuu')).toBe(UP)
    expect(decide(UP, 'uu-')).toBe(UP)
    expect(decide(DOWN, 'ddd', { nowMs: 5_000, tick: 9 })).toBe(DOWN)
    expect(majorityQuorum(5)).toEqual({ down: 3, up: 3 })
    expect(majorityQuorum(4)).toEqual({ down: 3, up: 3 })
  })

  it('V12 lastUp is the tick at which an up ended, and nothing else changes it', () => {
    expect(UP.lastUp).toBe(0)
    expect(DOWN.lastUp).toBe(0)
    const fallen = decide(UP, 'ddd', { tick: 7 })
    expect(fallen.lastUp).toBe(7)
    expect(decide(fallen, 'ddd', { tick: 8 }).lastUp).toBe(7)
    expect(decide(fallen, 'uuu', { tick: 9 }).lastUp).toBe(7)
  })
})

describe('over any history of votes', () => {
  const steps = (rounds: readonly (readonly [string, number])[], quorum?: Quorum) => {
    let verdict = UNDECIDED
    let nowMs = 0
    return rounds.map(([text, laterMs]) => {
      nowMs += laterMs
      const from = verdict
      verdict = decide(from, text, { nowMs, quorum: quorum ?? {} })
      return { from, to: verdict, text, nowMs }
    })
  }

  it('I2 V13 a state changes only with a quorum of votes for the new one at that moment', () => {
    fc.assert(
      fc.property(anyRounds, anyPick, (rounds, pick) => {
        const quorum = quorumOf(rounds[0]![0].length, pick)
        for (const { from, to, text } of steps(rounds, quorum)) {
          if (from.degraded !== to.degraded && to.state === 'up' && from.state === 'up')
            expect(count(text, to.degraded ? 'g' : 'u')).toBeGreaterThanOrEqual(
              to.degraded ? quorum.down : quorum.up,
            )
          if (from.state === to.state) continue
          if (to.state === 'up') expect(count(text, 'ug')).toBeGreaterThanOrEqual(quorum.up)
          else expect([to.state, count(text, 'd') >= quorum.down]).toEqual(['down', true])
        }
      }),
    )
  })

  it('I3 V14 loss-monotone: taking votes away never changes a verdict', () => {
    fc.assert(
      fc.property(anyRounds, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), (rounds, lost) => {
        for (const { to, text, nowMs } of steps(rounds)) {
          const settled = decide(to, text, { nowMs: nowMs + SETTLE_MS })
          const fewer = Array.from(text, (letter, index) => (lost[index] ? '-' : letter)).join('')
          const after = decide(settled, fewer, { nowMs: nowMs + 2 * SETTLE_MS })
          expect([after.state, after.degraded]).toEqual([settled.state, settled.degraded])
        }
      }),
    )
  })

  it('I4 V15 qDown for down and qUp for up never hold together', () => {
    fc.assert(
      fc.property(anyVotes, anyPick, (text, pick) => {
        for (const quorum of [majorityQuorum(text.length), quorumOf(text.length, pick)]) {
          expect(quorum.down + quorum.up).toBeGreaterThanOrEqual(text.length + 1)
          expect(count(text, 'd') >= quorum.down && count(text, 'ug') >= quorum.up).toBe(false)
        }
      }),
    )
  })

  it('V16 no up ends within the settle time after a quorum came back, unless all of three sites or more agree', () => {
    fc.assert(
      fc.property(anyRounds, (rounds) => {
        let regainedAtMs = -Infinity
        let hadQuorum = true
        for (const { from, to, text, nowMs } of steps(rounds)) {
          const has = count(text, 'ugd') >= majorityQuorum(text.length).down
          if (from.state !== 'unknown' && has && !hadQuorum) regainedAtMs = nowMs
          hadQuorum = has
          const agree = text.length >= 3 && count(text, 'd') === text.length
          if (from.state === 'up' && to.state === 'down' && !agree)
            expect(nowMs - regainedAtMs).toBeGreaterThanOrEqual(SETTLE_MS)
        }
      }),
    )
  })

  it('V17 evaluating again at once changes nothing', () => {
    fc.assert(
      fc.property(anyRounds, (rounds) => {
        for (const { to, text, nowMs } of steps(rounds))
          expect(decide(to, text, { nowMs, tick: 99 })).toEqual(to)
      }),
    )
  })
})
