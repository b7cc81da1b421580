import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  effectiveFall,
  effectiveRise,
  PENALTY_PER_TRANSITION,
  stepRegister,
  unknownRegister,
  type Register,
  type RegisterEvent,
  type RegisterRules,
} from './register.ts'

const RULES: RegisterRules = { fall: 2, rise: 3, loss: 0 }
const SUCCESS: RegisterEvent = { kind: 'success', degraded: false }
const DEGRADED: RegisterEvent = { kind: 'success', degraded: true }
const FAILURE: RegisterEvent = { kind: 'failure' }

function run(events: readonly RegisterEvent[], rules = RULES, from = unknownRegister()): Register {
  return events.reduce((register, event) => stepRegister(register, event, { rules, nowMs: 0 }), from)
}

const anyEvent = fc.constantFrom<RegisterEvent>(SUCCESS, DEGRADED, FAILURE, { kind: 'local-error' })
const anyRules = fc.record({
  fall: fc.integer({ min: 1, max: 6 }),
  rise: fc.integer({ min: 1, max: 6 }),
  loss: fc.double({ min: 0, max: 1, noNaN: true }),
})
const anyHistory = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 60_000 })), { maxLength: 120 })

describe('the degraded bit', () => {
  const DEGRADED_UP = run([DEGRADED, DEGRADED])

  it('R21 fall degraded successes in a row set it, more where the checker itself loses; a failure between is no break', () => {
    expect(DEGRADED_UP).toMatchObject({ state: 'up', degraded: true, bitPenalty: PENALTY_PER_TRANSITION })
    expect(run([DEGRADED, SUCCESS, DEGRADED]).degraded).toBe(false)
    expect(run([DEGRADED, FAILURE, DEGRADED]).degraded).toBe(true)
    const lossy = { ...RULES, loss: 0.17 }
    expect([2, 3, 4].map((count) => run(Array(count).fill(DEGRADED), lossy).degraded)).toEqual([
      false,
      false,
      true,
    ])
  })

  it('R22 rise plain successes in a row clear it; a failure or a degraded one begins anew', () => {
    expect(run([SUCCESS, SUCCESS], RULES, DEGRADED_UP).degraded).toBe(true)
    expect(run([SUCCESS, SUCCESS, SUCCESS], RULES, DEGRADED_UP).degraded).toBe(false)
    for (const between of [DEGRADED, FAILURE])
      expect(run([SUCCESS, SUCCESS, between, SUCCESS], RULES, DEGRADED_UP).degraded).toBe(true)
  })

  it('R23 it is damped by a penalty of its own, and flapping between slow and fast delays no recovery from down', () => {
    const flap = [DEGRADED, DEGRADED, SUCCESS, SUCCESS, SUCCESS]
    const flapped = run([...flap, ...flap])
    expect(flapped).toMatchObject({ degraded: true, bitPenalty: 3 * PENALTY_PER_TRANSITION, penalty: 0 })
    expect(run([SUCCESS, SUCCESS], RULES, flapped).degraded).toBe(true)
    expect(run([SUCCESS, SUCCESS, SUCCESS], RULES, flapped).degraded).toBe(false)
    expect(run([FAILURE, FAILURE, SUCCESS, SUCCESS, SUCCESS], RULES, flapped).state).toBe('up')
  })

  it('R24 over any history: it changes only after its own streak, and never while down', () => {
    fc.assert(
      fc.property(anyHistory, anyRules, (history, rules) => {
        let after = unknownRegister()
        let nowMs = 0
        for (const [event, laterMs] of history) {
          const before = after
          nowMs += laterMs
          after = stepRegister(before, event, { rules, nowMs })
          if (after.state === 'down' || after.state === 'unknown') expect(after.degraded).toBe(false)
          if (!before.degraded && after.degraded)
            expect(after.slow).toBeGreaterThanOrEqual(effectiveFall(rules))
          const flapping = { penalty: before.bitPenalty, penaltyAtMs: before.bitPenaltyAtMs }
          if (before.degraded && !after.degraded && after.state !== 'down')
            expect(after.plain).toBeGreaterThanOrEqual(effectiveRise(flapping, rules, nowMs))
        }
      }),
    )
  })
})
