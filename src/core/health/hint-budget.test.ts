import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fullBudget, spendHint, type HintBudget, type ProbeLoad } from './hint-budget.ts'

function spendAll(budget: HintBudget, load: ProbeLoad, nowMs: number): { spent: number; left: HintBudget } {
  let left = budget
  for (let spent = 0; ; spent += 1) {
    const next = spendHint(left, load, nowMs)
    if (next === null) return { spent, left }
    left = next
  }
}

describe('spendHint', () => {
  it('H1 when everything dies at once every check may be confirmed once', () => {
    const load = { checks: 1_000, probesPerSec: 200 }
    expect(spendAll(fullBudget(load, 0), load, 0).spent).toBe(1_000)
  })

  it('H2 after that hints cost a fifth of the own rate, and what is not used is kept up to one for each check', () => {
    const load = { checks: 1_000, probesPerSec: 200 }
    const { left } = spendAll(fullBudget(load, 0), load, 0)
    expect(spendAll(left, load, 1_000).spent).toBe(40)
    expect(spendAll(left, load, 3_600_000).spent).toBe(1_000)
    expect(spendHint(left, { checks: 0, probesPerSec: 0 }, 3_600_000)).toBeNull()
  })

  it('H3 over any times of asking no more is given than that', () => {
    const anyLoad = fc.record({
      checks: fc.nat(50),
      probesPerSec: fc.double({ min: 0, max: 50, noNaN: true }),
    })
    fc.assert(
      fc.property(anyLoad, fc.array(fc.nat(2_000), { maxLength: 200 }), (load, waits) => {
        let nowMs = 0
        let spent = 0
        let budget = fullBudget(load, 0)
        for (const waitMs of waits) {
          nowMs += waitMs
          const next = spendHint(budget, load, nowMs)
          if (next === null) continue
          budget = next
          spent += 1
        }
        expect(spent).toBeLessThanOrEqual(load.checks + (nowMs / 1_000) * load.probesPerSec * 0.2 + 1e-6)
      }),
    )
  })
})
