import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  combineRegisters,
  effectiveFall,
  effectiveRise,
  forgetRegister,
  isUndecided,
  MAX_PENALTY,
  PENALTY_HALF_LIFE_MS,
  PENALTY_PER_TRANSITION,
  penaltyAt,
  stepRegister,
  unknownRegister,
  type Register,
  type RegisterEvent,
  type RegisterRules,
  type RegisterState,
} from './register.ts'

const RULES: RegisterRules = { fall: 2, rise: 3, loss: 0 }
const SUCCESS: RegisterEvent = { kind: 'success', degraded: false }
const DEGRADED: RegisterEvent = { kind: 'success', degraded: true }
const FAILURE: RegisterEvent = { kind: 'failure' }
const LOCAL_ERROR: RegisterEvent = { kind: 'local-error' }

function run(events: readonly RegisterEvent[], rules = RULES, from = unknownRegister()): Register {
  return events.reduce((register, event) => stepRegister(register, event, { rules, nowMs: 0 }), from)
}

const UNKNOWN = unknownRegister()
const UP = run([SUCCESS])
const SUSPECT = run([SUCCESS, FAILURE])
const DOWN = run([FAILURE, FAILURE])

const anyEvent = fc.constantFrom(SUCCESS, DEGRADED, FAILURE, LOCAL_ERROR)
const anyRules = fc.record({
  fall: fc.integer({ min: 1, max: 6 }),
  rise: fc.integer({ min: 1, max: 6 }),
  loss: fc.double({ min: 0, max: 1, noNaN: true }),
})
/** Events, each some time after the one before it. */
const anyHistory = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 60_000 })), { maxLength: 120 })

interface Moment {
  readonly before: Register
  readonly after: Register
  readonly event: RegisterEvent
  readonly nowMs: number
}

function trace(history: readonly (readonly [RegisterEvent, number])[], rules: RegisterRules): Moment[] {
  let register = unknownRegister()
  let nowMs = 0
  return history.map(([event, laterMs]) => {
    nowMs += laterMs
    const before = register
    register = stepRegister(register, event, { rules, nowMs })
    return { before, after: register, event, nowMs }
  })
}

/** The most an adversary can do: fail until it is down, succeed until it is up. */
function adversary(count: number, given: RegisterRules): RegisterEvent[] {
  const history: RegisterEvent[] = []
  let register = unknownRegister()
  for (let index = 0; index < count; index += 1) {
    const event = register.state === 'down' || register.state === 'unknown' ? SUCCESS : FAILURE
    history.push(event)
    register = stepRegister(register, event, { rules: given, nowMs: index * 1_000 })
  }
  return history
}

describe('every cell of the table', () => {
  it('R1 unknown + success is up: the first success is enough', () => {
    expect(UP).toMatchObject({ state: 'up', degraded: false, failures: 0, penalty: 0 })
    expect(run([DEGRADED])).toMatchObject({ state: 'up', degraded: false, slow: 1 })
  })

  it('R2 unknown + failure stays unknown until fall in a row, then is down without a penalty', () => {
    expect(run([FAILURE])).toMatchObject({ state: 'unknown', failures: 1 })
    expect(DOWN).toMatchObject({ state: 'down', failures: 2, penalty: 0 })
  })

  it('R3 unknown + local error changes nothing', () => {
    expect(run([LOCAL_ERROR], RULES, UNKNOWN)).toEqual(UNKNOWN)
  })

  it('R4 up + success stays up; the degraded bit takes its step (R21, R22)', () => {
    expect(run([DEGRADED], RULES, UP)).toMatchObject({ state: 'up', degraded: false, slow: 1, plain: 0 })
    expect(run([DEGRADED, SUCCESS], RULES, UP)).toMatchObject({ state: 'up', slow: 0, plain: 1 })
  })

  it('R5 up + failure is suspect and keeps the degraded bit; down at once only where fall is 1', () => {
    expect(SUSPECT).toMatchObject({ state: 'suspect', failures: 1, successes: 0, penalty: 0 })
    expect(run([DEGRADED, DEGRADED, FAILURE])).toMatchObject({ state: 'suspect', degraded: true })
    expect(run([SUCCESS, FAILURE], { ...RULES, fall: 1 }).state).toBe('down')
  })

  it('R6 up + local error changes nothing', () => {
    expect(run([LOCAL_ERROR], RULES, UP)).toEqual(UP)
  })

  it('R7 suspect + success is up again and the failures are forgotten', () => {
    expect(run([SUCCESS, FAILURE, SUCCESS])).toMatchObject({ state: 'up', failures: 0 })
    expect(run([SUCCESS, FAILURE, SUCCESS, FAILURE]).state).toBe('suspect')
  })

  it('R8 suspect + failure is down at fall in a row, not degraded, with the penalty of one transition', () => {
    expect(run([SUCCESS, FAILURE, FAILURE], { ...RULES, fall: 3 })).toMatchObject({ state: 'suspect' })
    expect(run([DEGRADED, DEGRADED, FAILURE, FAILURE])).toMatchObject({
      state: 'down',
      degraded: false,
      slow: 0,
      failures: 2,
      penalty: PENALTY_PER_TRANSITION,
    })
  })

  it('R9 suspect + local error changes nothing: the failures around it are still in a row', () => {
    expect(run([LOCAL_ERROR], RULES, SUSPECT)).toEqual(SUSPECT)
    expect(run([SUCCESS, FAILURE, LOCAL_ERROR, FAILURE]).state).toBe('down')
  })

  it('R10 down + success stays down until rise in a row, then is up with the penalty of one transition', () => {
    expect(run([SUCCESS, SUCCESS], RULES, DOWN)).toMatchObject({ state: 'down', successes: 2, failures: 0 })
    expect(run([SUCCESS, SUCCESS, DEGRADED], RULES, DOWN)).toMatchObject({
      state: 'up',
      degraded: false,
      penalty: PENALTY_PER_TRANSITION,
    })
    expect(run([DEGRADED, DEGRADED], RULES, DOWN)).toMatchObject({ state: 'down', degraded: false })
    expect(run([SUCCESS, DEGRADED, DEGRADED], RULES, DOWN)).toMatchObject({ state: 'up', degraded: true })
  })

  it('R11 down + failure stays down and the successes are forgotten', () => {
    const back = run([SUCCESS, SUCCESS, FAILURE, SUCCESS, SUCCESS], RULES, DOWN)
    expect(back).toMatchObject({ state: 'down', successes: 2 })
    expect(run([FAILURE], RULES, DOWN)).toMatchObject({ state: 'down', failures: 3, penalty: 0 })
  })

  it('R12 down + local error changes nothing', () => {
    expect(run([LOCAL_ERROR], RULES, DOWN)).toEqual(DOWN)
  })
})

describe('rules', () => {
  it('R13 fall stretches by one for each 8 % of loss, at most by four, and never shrinks with more loss', () => {
    const at = (loss: number) => effectiveFall({ ...RULES, loss })
    expect([0, 0.079, 0.08, 0.16, 0.24, 0.32, 0.9, 1].map(at)).toEqual([2, 2, 3, 4, 5, 6, 6, 6])
    fc.assert(
      fc.property(anyRules, fc.double({ min: 0, max: 1, noNaN: true }), (rules, more) => {
        const stretched = effectiveFall({ ...rules, loss: Math.min(1, rules.loss + more) })
        expect(stretched).toBeGreaterThanOrEqual(effectiveFall(rules))
        expect(stretched - rules.fall).toBeGreaterThanOrEqual(0)
        expect(stretched - rules.fall).toBeLessThanOrEqual(4)
      }),
    )
  })

  it('R14 the penalty halves in ten minutes and is bounded; rise doubles with it, 16 times at most, never less for more', () => {
    const penalised = { ...UP, penalty: 4_000, penaltyAtMs: 1_000 }
    expect(penaltyAt(penalised, 1_000)).toBe(4_000)
    expect(penaltyAt(penalised, 1_000 + PENALTY_HALF_LIFE_MS)).toBe(2_000)
    const rises = [0, 1_999, 2_000, 4_000, 6_000, 8_000, MAX_PENALTY]
    expect(rises.map((penalty) => effectiveRise({ ...UP, penalty }, RULES, 0))).toEqual([
      3, 3, 6, 12, 24, 48, 48,
    ])
    const frantic = adversary(2_000, { fall: 1, rise: 1, loss: 0 }).map((event) => [event, 1_000] as const)
    const worst = trace(frantic, { fall: 1, rise: 1, loss: 0 }).map(({ after }) => after.penalty)
    expect(Math.max(...worst)).toBe(MAX_PENALTY)
    fc.assert(
      fc.property(anyHistory, anyRules, fc.nat(10 * PENALTY_HALF_LIFE_MS), (history, rules, laterMs) => {
        for (const { after, nowMs } of trace(history, rules)) {
          expect(after.penalty).toBeLessThanOrEqual(MAX_PENALTY)
          expect(penaltyAt(after, nowMs + laterMs)).toBeLessThanOrEqual(penaltyAt(after, nowMs))
          expect(effectiveRise(after, rules, nowMs + laterMs)).toBeLessThanOrEqual(
            effectiveRise(after, rules, nowMs),
          )
          expect(effectiveRise(after, rules, nowMs + laterMs)).toBeGreaterThanOrEqual(rules.rise)
        }
      }),
    )
  })

  it('R15 undecided is unknown, suspect, and down on its way up: these are probed fast', () => {
    expect([UNKNOWN, UP, SUSPECT, DOWN].map(isUndecided)).toEqual([true, false, true, false])
    expect(isUndecided(run([SUCCESS], RULES, DOWN))).toBe(true)
  })

  it('R16 several monitors: as bad as the worst, degraded if one is, and of none nothing is known', () => {
    const worst = (...registers: Register[]) => combineRegisters(registers).state
    expect(worst(UP, SUSPECT)).toBe('suspect')
    expect(worst(UP, UNKNOWN, SUSPECT)).toBe('unknown')
    expect(worst(UP, UNKNOWN, DOWN)).toBe('down')
    expect(worst(UP, UP)).toBe('up')
    expect(worst()).toBe('unknown')
    expect(combineRegisters([UP, run([DEGRADED, DEGRADED])])).toEqual({ state: 'up', degraded: true })
  })
})

describe('over any history', () => {
  it('R17 down only after fall failures in a row, up again only after rise successes in a row', () => {
    fc.assert(
      fc.property(anyHistory, anyRules, (history, rules) => {
        const moments = trace(history, rules)
        for (const [index, { before, after, nowMs }] of moments.entries()) {
          if (before.state === after.state) continue
          const run = streakAt(moments, index)
          if (after.state === 'down') {
            expect(run.kind).toBe('failure')
            expect(run.length).toBeGreaterThanOrEqual(effectiveFall(rules))
          }
          if (before.state === 'down') {
            expect(after.state).toBe('up')
            expect(run.kind).toBe('success')
            expect(run.length).toBeGreaterThanOrEqual(effectiveRise(before, rules, nowMs))
          }
        }
      }),
    )
  })

  it('R18 a local error changes nothing, wherever it comes', () => {
    fc.assert(
      fc.property(anyHistory, anyRules, (history, rules) => {
        const final = trace(history, rules).at(-1)?.after ?? UNKNOWN
        let laterMs = 0
        const without = history.flatMap(([event, ms]) => {
          laterMs += ms
          if (event.kind === 'local-error') return []
          const step = [event, laterMs] as const
          laterMs = 0
          return [step]
        })
        expect(trace(without, rules).at(-1)?.after ?? UNKNOWN).toEqual(final)
      }),
    )
  })

  it('I9 R19 transitions in a window are bounded: within one half-life each costs more probes than the last ones did', () => {
    const events = fc.array(fc.constantFrom(SUCCESS, FAILURE), { minLength: 1, maxLength: 400 })
    const rules = fc.record({ fall: fc.integer({ min: 1, max: 3 }), rise: fc.integer({ min: 1, max: 4 }) })
    fc.assert(
      fc.property(events, rules, fc.boolean(), (random, thresholds, worst) => {
        const given = { ...thresholds, loss: 0 }
        const history = (worst ? adversary(random.length, given) : random).map(
          (event) => [event, 1_000] as const,
        )
        const changes = trace(history, given).filter(
          ({ before, after }) => isDown(before) !== isDown(after) && before.state !== 'unknown',
        )
        // After n transitions within one half-life the penalty is at least 500 n, so the rise has doubled n / 4 times.
        const needed = changes.map(({ after }, n) =>
          isDown(after) ? given.fall : given.rise * 2 ** Math.min(4, Math.floor(n / 4)),
        )
        expect(history.length).toBeGreaterThanOrEqual(needed.reduce((sum, probes) => sum + probes, 0))
      }),
    )
    const frantic = trace(
      adversary(600, { fall: 1, rise: 1, loss: 0 }).map((event) => [event, 1_000] as const),
      { fall: 1, rise: 1, loss: 0 },
    )
    expect(frantic.filter(({ before, after }) => before.state !== after.state).length).toBeLessThan(90)
  })

  it('R25 when the fence ends nothing is left of any register but how often the endpoint flapped', () => {
    fc.assert(
      fc.property(anyHistory, anyRules, (history, rules) => {
        const last = trace(history, rules).at(-1)?.after ?? UNKNOWN
        const { penalty, penaltyAtMs, bitPenalty, bitPenaltyAtMs, ...rest } = forgetRegister(last)
        const { failures, successes, slow, plain, state, degraded } = unknownRegister()
        expect(rest).toEqual({ failures, successes, slow, plain, state, degraded })
        expect([penalty, penaltyAtMs]).toEqual([last.penalty, last.penaltyAtMs])
        expect([bitPenalty, bitPenaltyAtMs]).toEqual([last.bitPenalty, last.bitPenaltyAtMs])
      }),
    )
  })

  it('I12 R20 a register that has seen no success and fewer than fall failures says nothing', () => {
    fc.assert(
      fc.property(anyRules, fc.array(fc.constant(LOCAL_ERROR)), fc.nat(20), (rules, errors, failures) => {
        const few = Math.min(failures, effectiveFall(rules) - 1)
        const events = [...errors, ...Array.from({ length: few }, () => FAILURE), ...errors]
        expect(run(events, rules).state).toBe('unknown')
      }),
    )
  })
})

function isDown(register: Register): boolean {
  const state: RegisterState = register.state
  return state === 'down'
}

/** How many events of the kind of the one at `index` came in a row up to it, local errors left out. */
function streakAt(moments: readonly Moment[], index: number): { kind: string; length: number } {
  const kind = moments[index]!.event.kind
  let length = 0
  for (let at = index; at >= 0; at -= 1) {
    const event = moments[at]!.event
    if (event.kind === 'local-error') continue
    if (event.kind !== kind) break
    length += 1
  }
  return { kind, length }
}
