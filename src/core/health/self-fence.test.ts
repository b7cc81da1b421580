import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PathOutcome, PathRound } from './path-loss.ts'
import { openFence, stepSelfFence, type SelfFence } from './self-fence.ts'

/** r: reached, m: missed, u: untried. */
const OUTCOMES: Readonly<Record<string, PathOutcome>> = { r: 'reached', m: 'missed', u: 'untried' }

function targets(text: string): ReadonlyMap<string, PathOutcome> {
  return new Map(Array.from(text, (letter, index) => [`t${index}`, OUTCOMES[letter] ?? 'untried']))
}

function round(sites: string, canaries = ''): PathRound {
  return { sites: targets(sites), canaries: targets(canaries) }
}

function after(rounds: readonly PathRound[], from: SelfFence = openFence()): SelfFence {
  return rounds.reduce(stepSelfFence, from)
}

function times(count: number, one: PathRound): PathRound[] {
  return Array.from({ length: count }, () => one)
}

const anyTargets = (size: number) =>
  fc.string({ unit: fc.constantFrom('r', 'm', 'u'), minLength: size, maxLength: size })
/** Rounds of one topology. */
const anyRounds = fc
  .tuple(fc.nat(6), fc.nat(4))
  .chain(([sites, canaries]) =>
    fc.array(fc.tuple(anyTargets(sites), anyTargets(canaries)), { minLength: 1, maxLength: 60 }),
  )
  .map((rounds) => rounds.map(([sites, canaries]) => round(sites, canaries)))

describe('transitions', () => {
  it('F1 open + good round: open, without a reason', () => {
    expect(after(times(5, round('rrrr', 'rrr')))).toMatchObject({
      kind: 'open',
      score: 0,
      loss: 0,
      reason: null,
    })
  })

  it('F2 open + bad round: fenced at once, with the reason in words', () => {
    expect(after([round('rmmm')])).toMatchObject({
      kind: 'fenced',
      score: 2,
      reason: 'reaches 1 of 4 other sites, at least 2 expected',
    })
    expect(after([round('rr', 'mmr')])).toMatchObject({ kind: 'fenced', reason: 'reaches 1 of 3 canaries' })
  })

  it('F3 open + heavy loss: fenced at L >= 50 %, also when no round is bad', () => {
    expect(after([round('rmm')], fenceAt(0.4)).kind).toBe('open')
    expect(after([round('rmm')], fenceAt(0.6))).toMatchObject({
      kind: 'fenced',
      score: 0,
      reason: 'loses 66 % of its connections; below 20 % ends it',
    })
  })

  it('F4 fenced + bad round: fenced, two more points, eight at most', () => {
    expect(after(times(3, round('mmmm'))).score).toBe(6)
    expect(after(times(30, round('mmmm'))).score).toBe(8)
  })

  it('F5 fenced + good round: one point less; open at no points and L < 20 %', () => {
    const cut = after(times(30, round('mmmm')))
    const seven = after(times(7, round('rrrr')), cut)
    expect(seven).toMatchObject({ kind: 'fenced', score: 1 })
    // 0.99 x 0.85^9 is still above 20 %: the loss outlasts the points.
    expect(after(times(9, round('rrrr')), cut)).toMatchObject({ kind: 'fenced', score: 0 })
    expect(after(times(10, round('rrrr')), cut)).toMatchObject({ kind: 'open', reason: null })
    expect(after([round('rr'), round('rr')], after([round('mm')]))).toMatchObject({ kind: 'open', score: 0 })
    expect(after([round('rr')], after([round('mm')])).reason).toBe('was cut off; 1 more good rounds end it')
  })
})

function targetsAt(loss: number): ReadonlyMap<string, number> {
  return new Map(['t0', 't1', 't2'].map((target) => [target, loss]))
}

function fenceAt(loss: number): SelfFence {
  return { ...openFence(), pathLoss: { sites: targetsAt(loss), canaries: new Map() } }
}

describe('measures', () => {
  it('F6 bad by sites: three or more in all, and fewer than floor((S-1)/2) others reached', () => {
    const kinds = ['m', 'mm', 'rm', 'mmm', 'rmm', 'rmmm', 'rrmm', 'rmmmm', 'rrmmm', 'rrmmmm', 'rrrmmm'].map(
      (sites) => [sites, after([round(sites)]).kind],
    )
    expect(Object.fromEntries(kinds)).toEqual({
      ...{ m: 'open', mm: 'fenced', rm: 'open', mmm: 'fenced', rmm: 'open', rmmm: 'fenced', rrmm: 'open' },
      ...{ rmmmm: 'fenced', rrmmm: 'open', rrmmmm: 'fenced', rrrmmm: 'open' },
    })
  })

  it('F7 bad by canaries: fewer than half of those that were tried', () => {
    for (const [canaries, kind] of Object.entries({ m: 'fenced', rm: 'open', rmm: 'fenced', rrm: 'open' }))
      for (const sites of ['', 'm', 'rr', 'rrrr']) expect(after([round(sites, canaries)]).kind).toBe(kind)
  })

  it('F8 what could not be tried is not held against our network, and leaves its loss where it was', () => {
    const fence = after(times(60, round('uuuu', 'uuu')))
    expect(fence).toMatchObject({ kind: 'open', loss: 0, score: 0 })
    const lossy = after([round('rrmm')])
    expect(after([round('uuuu')], lossy).pathLoss).toEqual(lossy.pathLoss)
  })

  it('F9 L is the lower median over the other sites, over the canaries when there are fewer than three sites', () => {
    expect(after([round('rrmm', 'mmm')]).loss).toBe(0)
    expect(after([round('rmmm', 'rrr')]).loss).toBeCloseTo(0.15)
    expect(after([round('m', 'rmm')]).loss).toBeCloseTo(0.15)
    expect(after([round('m', 'rm')]).loss).toBe(0)
    expect(after([round('m')]).loss).toBe(0)
  })

  it('F10 a target that is no longer there is forgotten; a new one starts at no loss', () => {
    const lossy = after(times(9, round('rrmm')))
    expect(after([round('rr')], lossy).pathLoss.sites).toEqual(new Map([...targetsAt(0)].slice(0, 2)))
    expect(after([round('rrrrr')], lossy).pathLoss.sites.get('t4')).toBe(0)
    expect(after(times(10, round('')), after(times(9, round('', 'mmm'))))).toMatchObject({ kind: 'open' })
  })
})

describe('over any rounds', () => {
  it('F11 with one site and no canaries, or two and none, nothing is ever fenced', () => {
    fc.assert(
      fc.property(fc.array(anyTargets(1)), (rounds) => {
        for (const sites of ['', null]) {
          const fence = after(rounds.map((text) => round(sites ?? text)))
          expect(fence).toMatchObject({ kind: 'open', loss: 0 })
        }
      }),
    )
  })

  it('F12 half of the other sites dead for good, rounded down, and everything else reached: never fenced, L stays 0', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 200 }), (others, length) => {
        const dead = Math.floor(others / 2)
        const one = round('m'.repeat(dead) + 'r'.repeat(others - dead), 'rrm')
        expect(after(times(length, one))).toMatchObject({ kind: 'open', loss: 0, score: 0 })
      }),
    )
  })

  it('F13 bounds: score 0 to 8, loss 0 to 1, a reason exactly while fenced, open again within 30 good rounds', () => {
    fc.assert(
      fc.property(anyRounds, (rounds) => {
        let fence = openFence()
        for (const one of rounds) {
          fence = stepSelfFence(fence, one)
          expect(fence.score).toBeGreaterThanOrEqual(0)
          expect(fence.score).toBeLessThanOrEqual(8)
          expect(fence.loss).toBeGreaterThanOrEqual(0)
          expect(fence.loss).toBeLessThanOrEqual(1)
          expect(fence.reason === null).toBe(fence.kind === 'open')
        }
        const [first] = rounds
        const good = round('r'.repeat(first?.sites.size ?? 0), 'r'.repeat(first?.canaries.size ?? 0))
        expect(after(times(30, good), fence).kind).toBe('open')
      }),
    )
  })
})
