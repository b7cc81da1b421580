import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from './frame.ts'
import { RegisterLedger, type CheckerView } from './register-ledger.ts'
import type { RegisterState } from './register.ts'
import { ReportingChecker } from './testing/reporting-checker.ts'

const STATES = ['unknown', 'up', 'suspect', 'down'] as const satisfies RegisterState[]
const E1 = 'web/a'
const E2 = 'web/b'

/** What a checker does in one step of its life. */
type Deed =
  | { readonly kind: 'report'; readonly endpoint: string; readonly state: RegisterState }
  | { readonly kind: 'heartbeat' | 'snapshot' | 'restart' | 'fence' }

const anyDeed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      endpoint: fc.constantFrom(E1, E2, 'web/c'),
      state: fc.constantFrom(...STATES),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('heartbeat' as const, 'snapshot' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'fence' as const) }) },
)
const anyLife = fc.array(anyDeed, { minLength: 1, maxLength: 30 })

function live(checker: ReportingChecker, deed: Deed): Frame {
  switch (deed.kind) {
    case 'report':
      return checker.report(deed.endpoint, deed.state)
    case 'heartbeat':
      return checker.heartbeat()
    case 'snapshot':
      return checker.snapshot()
    case 'restart':
      return checker.restart()
    case 'fence':
      checker.fenced = !checker.fenced
      return checker.heartbeat()
  }
}

function framesOf(life: readonly Deed[], name = 'c1'): Frame[] {
  const checker = new ReportingChecker(name, 'ams')
  return life.map((deed) => live(checker, deed))
}

function content(view: CheckerView | undefined): unknown {
  if (view === undefined) return undefined
  const { incarnation, sequence, fenced, registers } = view
  return { incarnation, sequence, fenced, registers: [...registers].sort(([a], [b]) => (a < b ? -1 : 1)) }
}

function isAfter(a: CheckerView, b: CheckerView): boolean {
  return a.incarnation !== b.incarnation ? a.incarnation > b.incarnation : a.sequence > b.sequence
}

/** A ledger that heard every frame in order. */
function faithful(frames: readonly Frame[]): RegisterLedger {
  const ledger = new RegisterLedger()
  for (const frame of frames) ledger.merge(frame, 0)
  return ledger
}

describe('RegisterLedger', () => {
  it('L1 the first frame of a checker is taken when it is the first of its incarnation, or a snapshot', () => {
    const checker = new ReportingChecker('c1', 'ams')
    const [first, second] = [checker.report(E1, 'up'), checker.report(E2, 'down')]
    expect(new RegisterLedger().merge(first, 0)).toEqual({
      kind: 'merged',
      changed: [0],
      livenessChanged: true,
    })
    expect(new RegisterLedger().merge(second, 0)).toEqual({ kind: 'gap' })
    const late = new RegisterLedger()
    expect(late.merge(checker.snapshot(), 0)).toMatchObject({ kind: 'merged', changed: [0, 1] })
    expect(late.checker('c1')).toMatchObject({ site: 'ams', sequence: 3, incarnation: 1 })
  })

  it('L2 the next frame changes what it names; endpoints are those whose vote could have changed', () => {
    const checker = new ReportingChecker('c1')
    const ledger = faithful([checker.report(E1, 'up'), checker.report(E2, 'down')])
    expect(ledger.merge(checker.report(E1, 'up'), 0)).toMatchObject({ kind: 'merged', changed: [] })
    for (const frame of [
      checker.report(E1, 'suspect'),
      checker.report(E1, 'suspect', { degraded: true }),
      checker.report(E1, 'suspect', { degraded: true, definition: 'd2' }),
    ])
      expect(ledger.merge(frame, 0)).toEqual({ kind: 'merged', changed: [0], livenessChanged: false })
    expect(ledger.checker('c1')?.registers.get(E2)?.state).toBe('down')
    checker.fenced = true
    expect(ledger.merge(checker.heartbeat(), 0)).toMatchObject({ changed: [], livenessChanged: true })
  })

  it('L3 a repetition or an older frame is stale and nothing is taken from it', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        const frames = framesOf(life)
        const ledger = faithful(frames)
        const before = content(ledger.checker('c1'))
        for (const frame of frames) expect(ledger.merge(frame, 99)).toEqual({ kind: 'stale' })
        expect(content(ledger.checker('c1'))).toEqual(before)
        expect(ledger.checker('c1')?.heardAtMs).toBe(0)
      }),
    )
  })

  it('L4 after a gap nothing is taken, not even the time; the old registers stand until a snapshot comes', () => {
    const checker = new ReportingChecker('c1')
    const ledger = faithful([checker.report(E1, 'up')])
    checker.report(E1, 'down')
    expect(ledger.merge(checker.report(E2, 'up'), 500)).toEqual({ kind: 'gap' })
    expect(ledger.merge(checker.heartbeat(), 600)).toEqual({ kind: 'gap' })
    expect(ledger.checker('c1')).toMatchObject({ sequence: 1, heardAtMs: 0 })
    expect(ledger.checker('c1')?.registers.get(E1)?.state).toBe('up')
    expect(ledger.merge(checker.snapshot(), 700)).toMatchObject({ kind: 'merged', changed: [0, 1] })
    expect(ledger.checker('c1')?.heardAtMs).toBe(700)
  })

  it('L5 a snapshot replaces everything: what it does not hold is gone', () => {
    const checker = new ReportingChecker('c1')
    const ledger = faithful([checker.report(E1, 'up'), checker.report(E2, 'up')])
    const without: Frame = { ...checker.snapshot(), registers: [] }
    expect(ledger.merge(without, 0)).toMatchObject({ kind: 'merged', changed: [0, 1] })
    expect(ledger.checker('c1')?.registers.size).toBe(0)
  })

  it('L6 a new incarnation starts from nothing, and the old one is never heard again', () => {
    const checker = new ReportingChecker('c1')
    const ledger = faithful([checker.report(E1, 'up')])
    const old = checker.report(E2, 'up')
    expect(ledger.merge(checker.restart(), 0)).toMatchObject({ kind: 'merged', changed: [0] })
    expect(ledger.checker('c1')?.registers.size).toBe(0)
    expect(ledger.merge(old, 0)).toEqual({ kind: 'stale' })
    const first: Frame = { ...old, incarnation: 9, sequence: 1 }
    expect(ledger.merge(first, 0)).toMatchObject({ kind: 'merged', changed: [1] })
    expect(ledger.merge({ ...first, incarnation: 10, sequence: 2 }, 0)).toEqual({ kind: 'gap' })
    expect(ledger.checker('c1')?.incarnation).toBe(9)
    const empty: Frame = { ...first, incarnation: 11, registers: [] }
    expect(ledger.merge(empty, 0)).toMatchObject({ kind: 'merged', changed: [1] })
    expect(ledger.checker('c1')?.registers.size).toBe(0)
  })

  it('L7 checkers are kept apart: the frames of one change nothing of another, in any interleaving', () => {
    const interleaved = fc.tuple(anyLife, anyLife, fc.array(fc.boolean(), { maxLength: 60 }))
    fc.assert(
      fc.property(interleaved, ([one, two, turns]) => {
        const [a, b] = [framesOf(one, 'c1'), framesOf(two, 'c2')]
        const mixed: Frame[] = []
        const left = [...a]
        const right = [...b]
        for (const turn of turns) mixed.push(...(turn ? left : right).splice(0, 1))
        const ledger = faithful([...mixed, ...left, ...right])
        expect(content(ledger.checker('c1'))).toEqual(content(faithful(a).checker('c1')))
        expect(content(ledger.checker('c2'))).toEqual(content(faithful(b).checker('c2')))
        expect([...ledger.checkers()].length).toBe(2)
      }),
    )
  })

  it('I1 L8 any order, any repetition: it never goes back, and ends at a state the checker really had', () => {
    const disorder = anyLife.chain((life) =>
      fc.tuple(fc.constant(life), fc.array(fc.nat(life.length - 1), { maxLength: 80 })),
    )
    fc.assert(
      fc.property(disorder, ([life, order]) => {
        const frames = framesOf(life)
        const moments = new Map<string, unknown>()
        const truth = new RegisterLedger()
        for (const frame of frames) {
          truth.merge(frame, 0)
          moments.set(`${frame.incarnation}.${frame.sequence}`, content(truth.checker('c1')))
        }
        const ledger = new RegisterLedger()
        let last: CheckerView | undefined
        for (const index of order) {
          const outcome = ledger.merge(frames[index]!, 0)
          const view = ledger.checker('c1')
          if (outcome.kind === 'merged') expect(last === undefined || isAfter(view!, last)).toBe(true)
          else expect(view).toBe(last)
          last = view
          if (view !== undefined)
            expect(content(view)).toEqual(moments.get(`${view.incarnation}.${view.sequence}`))
        }
      }),
    )
  })

  it('I1 L9 asked for after a gap, a snapshot makes any two readers equal to the checker, whatever each had missed', () => {
    fc.assert(
      fc.property(anyLife, fc.infiniteStream(fc.boolean()), (life, chance) => {
        const checker = new ReportingChecker('c1', 'ams')
        const readers = [new RegisterLedger(), new RegisterLedger()]
        const hear = (frame: Frame, everyone: boolean) => {
          let gap = false
          for (const reader of readers)
            if (everyone || chance.next().value) gap = reader.merge(frame, 0).kind === 'gap' || gap
          return gap
        }
        for (const deed of life) if (hear(live(checker, deed), false)) hear(checker.snapshot(), false)
        if (hear(checker.heartbeat(), true)) hear(checker.snapshot(), true)
        const [one, two] = readers.map((reader) => content(reader.checker('c1')))
        expect(one).toEqual(two)
        for (const [endpoint, register] of readers[0]!.checker('c1')!.registers)
          expect(register.state).toBe(checker.state(endpoint))
      }),
    )
  })

  it('L10 a restart keeps the last words of the incarnation before, apart from the registers; older ones stand behind them', () => {
    const checker = new ReportingChecker('c1')
    const ledger = new RegisterLedger()
    ledger.merge(checker.report(E1, 'up'), 1_000)
    ledger.merge(checker.report(E2, 'unknown'), 2_000)
    ledger.merge(checker.restart(), 5_000)
    const words = () => {
      const { words: last } = ledger.checker('c1')!.registers
      const said = [E1, E2].map((key) => last?.codes[ledger.index.numberOf(key)!])
      return { said, atMs: last?.atMs }
    }
    expect(words()).toEqual({ said: [2, 0], atMs: 2_000 })
    ledger.merge(checker.report(E2, 'down'), 6_000)
    ledger.merge(checker.restart(), 9_000)
    expect(words()).toEqual({ said: [2, 4], atMs: 2_000 })
    expect(ledger.checker('c1')?.registers.size).toBe(0)
    ledger.merge(checker.report(E1, 'down'), 10_000)
    ledger.merge(checker.report(E2, 'up'), 10_000)
    ledger.merge(checker.restart(), 11_000)
    expect(words()).toEqual({ said: [4, 2], atMs: 10_000 })
  })

  it('L11 numbers of endpoints that nobody mentions are given out again, and definitions out of use are forgotten', () => {
    const checker = new ReportingChecker('c1')
    const ledger = new RegisterLedger()
    for (let index = 0; index < 12_000; index += 1)
      ledger.merge(checker.report(E1, 'up', { definition: `d${index}` }), 0)
    ledger.merge(checker.report(E2, 'down', { definition: 'last' }), 0)
    ledger.merge({ ...checker.snapshot(), registers: checker.report(E1, 'up').registers }, 0)
    const kept = ledger.definitionNumber('d1')
    expect(ledger.compact(() => false, 1)).toBe(true)
    expect(ledger.index.numberOf(E2)).toBeUndefined()
    expect(ledger.index.intern('web/new')).toBe(1)
    expect(ledger.definitionNumber('d1')).toBeLessThan(kept)
    expect(ledger.checker('c1')?.registers.get(E1)).toMatchObject({ state: 'up', definition: 'd1' })
    expect(ledger.compact(() => false, 1)).toBe(false)
  })

  it('L12 what probes said is kept for those who show it, and only for them', () => {
    const output = [
      { monitor: 'm', outcome: 'success' as const, detail: 'ok', phases: { totalMs: 1 }, atMs: 0 },
    ]
    const frame = new ReportingChecker('c1').report(E1, 'up')
    const told = { ...frame, registers: frame.registers.map((register) => ({ ...register, output })) }
    for (const [keepsOutput, kept] of [
      [true, output],
      [false, []],
    ] as const) {
      const ledger = new RegisterLedger({ keepsOutput })
      ledger.merge(told, 0)
      expect(ledger.checker('c1')?.registers.get(E1)).toEqual({ ...told.registers[0], output: kept })
    }
  })
})
