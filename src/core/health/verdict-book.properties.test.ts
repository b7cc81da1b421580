/** The invariants of the health plane, over small worlds of checkers and readers with any history (SPEC.md, I). */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RegisterState } from './register.ts'
import { intentOf } from './testing/intent.ts'
import { DEFINITION } from './testing/reporting-checker.ts'
import { ENDPOINTS, Reader, SmallWorld, type Deed } from './testing/small-world.ts'
import { DEFAULT_TIMES } from './verdict-book.ts'

const [A, B] = ENDPOINTS as [string, string]
const STATES = ['unknown', 'up', 'suspect', 'down'] as const satisfies RegisterState[]
const RUNS = { numRuns: 150 }

const anyChecker = fc.nat(20)
const anyReport = fc.record({
  kind: fc.constant('report' as const),
  checker: anyChecker,
  endpoint: fc.constantFrom(...ENDPOINTS),
  state: fc.constantFrom(...STATES),
})
const anyLoss = fc.record({
  kind: fc.constantFrom('heartbeat' as const, 'restart' as const, 'fence' as const),
  checker: anyChecker,
})
const anyWait = fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4_000 }) })
const longWait = fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) })

/** A history, each deed with the readers that it reaches. */
const anyHistory = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 6, arbitrary: anyReport },
      { weight: 2, arbitrary: anyLoss },
      { weight: 2, arbitrary: anyWait },
      { weight: 1, arbitrary: longWait },
    ),
    fc.tuple(fc.boolean(), fc.boolean()),
  ),
  { maxLength: 80 },
)

function sitesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `s${index}`)
}

function quorumOf(sites: number): number {
  return Math.floor(Math.min(5, sites) / 2) + 1
}

function play(world: SmallWorld, history: readonly (readonly [Deed, readonly boolean[]])[]): void {
  for (const [deed, reaches] of history) world.do(deed, reaches)
}

/** Ends every fence, tells what each site thinks of A, and lets it be heard until everything has settled. */
function conclude(world: SmallWorld, opinions: readonly ('up' | 'down')[]): void {
  for (const [index, checker] of world.checkers.entries()) {
    if (checker.fenced) world.do({ kind: 'fence', checker: index })
    const state = opinions[index % opinions.length] ?? 'up'
    world.do({ kind: 'report', checker: index, endpoint: A, state })
  }
  world.beat(DEFAULT_TIMES.settleMs + DEFAULT_TIMES.leaseMs)
}

describe('invariants', () => {
  it('I2 B20 a verdict changes only while a quorum of live sites votes the new value to that reader', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.boolean(), anyHistory, (count, doubled, history) => {
        const sites = sitesOf(count)
        const world = new SmallWorld(doubled ? [...sites, ...sites] : sites, [new Reader(), new Reader()])
        world.onTransition = (reader, { endpoint, from, to }) => {
          if (from.state === to.state) return
          const vote = to.state === 'down' ? 'down' : 'up'
          const votes = reader.votes(endpoint, vote, world.nowMs)
          expect(votes).toBeGreaterThanOrEqual(quorumOf(reader.sites()))
          expect(reader.votes(endpoint, vote === 'up' ? 'down' : 'up', world.nowMs)).toBeLessThan(votes)
        }
        play(world, history)
      }),
      RUNS,
    )
  })

  it('I3 B21 losing frames, fencing, cutting and restarting never change a verdict by themselves', () => {
    const losses = fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 4, arbitrary: anyLoss },
          { weight: 2, arbitrary: anyWait },
          { weight: 1, arbitrary: longWait },
        ),
        fc.tuple(fc.boolean()),
      ),
      { maxLength: 100 },
    )
    const opinions = fc.array(fc.constantFrom('up' as const, 'down' as const), { minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), opinions, losses, (count, thoughts, trouble) => {
        const world = new SmallWorld(sitesOf(count), [new Reader()])
        conclude(world, thoughts)
        const [reader] = world.readers
        const before = ENDPOINTS.map((endpoint) => reader!.book.verdict(endpoint)?.state)
        reader!.transitions.length = 0
        // With more sites than voters a substitute may vote, and settle what was undecided: that is a quorum, not a loss.
        if (count > 5 && before[0] === 'unknown') return
        play(world, trouble)
        if (count <= 5) expect(reader!.transitions).toEqual([])
        else for (const { to } of reader!.transitions) expect(to.rule).not.toMatch(/^hold/)
      }),
      RUNS,
    )
  })

  it('I3 B29 also where checkers of one site disagree: losing some of them for less than a minute turns nothing', () => {
    const said = fc.array(fc.constantFrom('up' as const, 'down' as const), { minLength: 1, maxLength: 9 })
    const losses = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: anyLoss },
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constant('wait' as const),
            ms: fc.integer({ min: 1, max: 4_000 }),
          }),
        },
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), said, losses, (count, thoughts, trouble) => {
        const sites = sitesOf(count)
        const world = new SmallWorld([...sites, ...sites, ...sites], [new Reader(sites)])
        conclude(world, thoughts)
        const [reader] = world.readers
        const startMs = world.nowMs
        reader!.transitions.length = 0
        for (const deed of trouble) {
          const lasts = deed.kind === 'wait' ? deed.ms : 0
          if (world.nowMs + lasts - startMs < DEFAULT_TIMES.goneMs) world.do(deed)
        }
        expect(reader!.transitions).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('I5 B22 self-stabilising: the same votes give every reader the same verdict within settle and lease', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.boolean(), anyHistory, (count, down, history) => {
        const world = new SmallWorld(sitesOf(count), [new Reader(), new Reader()])
        play(world, history)
        conclude(world, [down ? 'down' : 'up'])
        for (const { book } of world.readers) expect(book.verdict(A)?.state).toBe(down ? 'down' : 'up')
      }),
      RUNS,
    )
  })

  it('I6 B23 as many as K - q wrong sites cannot flip what the others agree on, whatever they say', () => {
    const lies = fc.array(fc.oneof({ weight: 5, arbitrary: anyReport }, { weight: 2, arbitrary: anyLoss }), {
      maxLength: 80,
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.boolean(), lies, (count, down, deeds) => {
        const world = new SmallWorld(sitesOf(count), [new Reader()])
        conclude(world, [down ? 'down' : 'up'])
        const [reader] = world.readers
        expect(reader!.book.verdict(A)?.state).toBe(down ? 'down' : 'up')
        reader!.transitions.length = 0
        const wrong = Math.min(5, count) - quorumOf(count)
        for (const deed of deeds) {
          if (wrong > 0) world.do({ ...deed, checker: deed.checker % wrong })
          world.beat(
            1_000,
            Array.from({ length: count - wrong }, (_, index) => wrong + index),
          )
        }
        expect(reader!.transitions.filter(({ endpoint }) => endpoint === A)).toEqual([])
      }),
      RUNS,
    )
  })

  it('I10 B24 shifting every clock by a constant leaves the trace unchanged', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        anyHistory,
        fc.integer({ min: -1e9, max: 1e12 }),
        (count, history, shiftMs) => {
          const traces = [0, shiftMs].map((startMs) => {
            const world = new SmallWorld(sitesOf(count), [new Reader(), new Reader()], startMs)
            const trace: unknown[] = []
            world.onTransition = (_, { endpoint, from, to }) => {
              trace.push([world.nowMs - startMs, endpoint, from.state, to.state, to.rule, to.lastUp])
            }
            play(world, history)
            return trace
          })
          expect(traces[1]).toEqual(traces[0])
        },
      ),
      RUNS,
    )
  })

  it('I12 B25 no vote before the first own result: a restarted checker has none until it says something', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), anyHistory, (count, history) => {
        const world = new SmallWorld(sitesOf(count), [new Reader(), new Reader()])
        play(world, history)
        conclude(world, ['up'])
        for (const checker of world.checkers.keys()) world.do({ kind: 'restart', checker })
        for (const { book } of world.readers) {
          expect(book.verdict(A)?.votes.map((vote) => vote.vote)).toEqual(sitesOf(count).map(() => null))
          expect(book.verdict(A)).toMatchObject({ state: 'up', rule: 'hold-no-quorum' })
        }
        // A first failure is no result yet: the register is still unknown.
        world.do({ kind: 'report', checker: 0, endpoint: A, state: 'unknown' })
        expect(world.readers[0]!.book.verdict(A)?.votes[0]?.vote).toBeNull()
      }),
      RUNS,
    )
  })

  it('I13 B26 no vote under another definition: whatever is said under an old one changes nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), anyHistory, anyHistory, (count, before, after) => {
        const world = new SmallWorld(sitesOf(count), [new Reader(), new Reader()])
        play(world, before)
        for (const reader of world.readers) {
          const state = reader.book.verdict(A)?.state
          const renamed = intentOf({ [A]: 'another', [B]: DEFINITION })
          expect(reader.book.define(renamed, world.nowMs)).toEqual([])
          expect(reader.book.verdict(A)?.state).toBe(state)
          reader.transitions.length = 0
        }
        play(world, after)
        for (const reader of world.readers)
          expect(reader.transitions.filter(({ endpoint }) => endpoint === A)).toEqual([])
      }),
      RUNS,
    )
  })

  it('B27 the same frames at the same times give every reader the same verdicts, evidence and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), anyHistory, (count, history) => {
        const world = new SmallWorld(sitesOf(count), [new Reader(), new Reader()])
        play(
          world,
          history.map(([deed, [reaches]]) => [deed, [reaches, reaches]] as const),
        )
        const [one, two] = world.readers
        for (const endpoint of ENDPOINTS)
          expect(one!.book.verdict(endpoint)).toEqual(two!.book.verdict(endpoint))
      }),
      RUNS,
    )
  })

  it('B33 the count that decides and the votes that are shown come out alike', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.boolean(), anyHistory, (count, doubled, history) => {
        const sites = sitesOf(count)
        const world = new SmallWorld(doubled ? [...sites, ...sites, ...sites] : sites, [
          new Reader(),
          new Reader(),
        ])
        play(world, history)
        for (const { book } of world.readers)
          for (const endpoint of ENDPOINTS) {
            const { quorum, votes, rule, hasQuorum } = book.verdict(endpoint)!
            const saying = (vote: 'up' | 'down') => votes.filter((one) => one.vote === vote).length
            expect(hasQuorum).toBe(saying('up') + saying('down') >= Math.min(quorum.up, quorum.down))
            if (hasQuorum) expect(rule === 'quorum-up').toBe(saying('up') >= quorum.up)
            if (rule === 'quorum-down') expect(saying('down')).toBeGreaterThanOrEqual(quorum.down)
          }
      }),
      RUNS,
    )
  })

  it('B28 a restart of the reader in mid-history changes no verdict by itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), anyHistory, (count, history) => {
        const world = new SmallWorld(sitesOf(count), [new Reader()])
        play(world, history)
        const [old] = world.readers
        const fresh = new Reader(sitesOf(count))
        fresh.book.restore(old!.book.save())
        const later = new SmallWorld(sitesOf(count), [fresh], world.nowMs)
        for (const endpoint of ENDPOINTS)
          expect(fresh.book.verdict(endpoint)?.state).toBe(old!.book.verdict(endpoint)?.state)
        later.do({ kind: 'wait', ms: 86_400_000 })
        expect(fresh.transitions).toEqual([])
      }),
      RUNS,
    )
  })
})
