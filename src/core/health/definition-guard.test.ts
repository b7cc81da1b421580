import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DefinitionGuard, FIRST_PASS_MS } from './definition-guard.ts'

const LABEL = { label: 'new', name: 'web' }

function watching(count: number): DefinitionGuard {
  const guard = new DefinitionGuard()
  for (let number = 0; number < count; number += 1) guard.watch(number, LABEL, 0)
  return guard
}

/** What each member is told, in order; true where a down of it has to wait. */
function tellAll(guard: DefinitionGuard, text: string, from = 0): boolean[] {
  return Array.from(text, (letter, index) => guard.tell(from + index, letter === 'u' ? 'up' : 'down'))
}

describe('DefinitionGuard', () => {
  it('G1 watching: a down waits until enough of the cohort were found up, and then ends at once', () => {
    const guard = watching(10)
    expect(tellAll(guard, 'dd')).toEqual([true, true])
    expect(tellAll(guard, 'uuuuuuu', 2)).not.toContain(true)
    expect([guard.takeReleased(), guard.isIdle]).toEqual([[], false])
    guard.tell(9, 'up')
    expect([guard.takeReleased(), guard.isIdle]).toEqual([[0, 1], true])
    expect(guard.takeReleased()).toEqual([])
    expect(guard.tell(0, 'down')).toBe(false)
  })

  it('G2 more than a fifth found down: holding, with an alarm; a fifth is not more', () => {
    const fifth = watching(10)
    tellAll(fifth, 'dd')
    expect(fifth.alarms()).toEqual([])
    const more = watching(10)
    tellAll(more, 'ddd')
    expect(more.alarms()).toEqual([{ name: 'web', downs: 3, size: 10 }])
    expect(tellAll(more, 'uuuuuuu', 3)).not.toContain(true)
    expect([more.tell(0, 'down'), more.isIdle]).toEqual([true, false])
    expect(watching(1).tell(0, 'down')).toBe(true)
  })

  it('G3 holding ends, and the alarm with it, when no more than a fifth are down any more', () => {
    const guard = watching(10)
    tellAll(guard, 'ddduuuuuuu')
    expect(guard.tell(1, 'up')).toBe(false)
    expect([guard.alarms(), guard.isIdle, guard.takeReleased()]).toEqual([[], true, [0, 2]])
  })

  it('G4 whoever was found up under the new definition is kept no longer', () => {
    const guard = watching(10)
    tellAll(guard, 'dddu')
    expect(guard.tell(3, 'down')).toBe(false)
    expect(guard.alarms()).toEqual([{ name: 'web', downs: 3, size: 10 }])
  })

  it('G5 a pass that is not over after a minute ends: what nobody could decide is not counted as down', () => {
    const guard = watching(10)
    tellAll(guard, 'dduu')
    guard.tick(FIRST_PASS_MS)
    expect(guard.isIdle).toBe(false)
    guard.tick(FIRST_PASS_MS + 1)
    expect([guard.isIdle, guard.takeReleased()]).toEqual([true, [0, 1]])
    const holding = watching(10)
    tellAll(holding, 'ddd')
    holding.tick(1_000 * FIRST_PASS_MS)
    expect(holding.alarms()).toHaveLength(1)
  })

  it('G6 an endpoint that leaves, or comes under yet another definition, is of its old cohort no longer', () => {
    const guard = watching(10)
    tellAll(guard, 'ddd')
    guard.watch(0, { label: 'newer', name: 'web' }, 5)
    expect([guard.labelOf(0), guard.labelOf(1), guard.labelOf(99)]).toEqual(['newer', 'new', undefined])
    expect(guard.alarms()).toEqual([{ name: 'web', downs: 2, size: 9 }])
    guard.forget(1)
    expect([guard.alarms(), guard.takeReleased()]).toEqual([[], [2]])
    expect(guard.tell(0, 'down')).toBe(true)
    guard.forget(0)
    expect(guard.isIdle).toBe(true)
  })

  it('G7 any findings: a down waits only while its cohort is undecided, and of a cohort that ended nobody waits', () => {
    const anyDeed = fc.record({
      kind: fc.constantFrom('up' as const, 'down' as const, 'forget' as const),
      number: fc.nat(14),
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.array(anyDeed, { maxLength: 60 }), (count, deeds) => {
        const guard = watching(count)
        const waiting = new Set<number>()
        for (const { kind, number } of deeds) {
          if (kind === 'forget') guard.forget(number)
          else if (guard.tell(number, kind)) waiting.add(number)
          else waiting.delete(number)
          if (kind === 'forget') waiting.delete(number)
          for (const one of guard.takeReleased()) waiting.delete(one)
          if (guard.isIdle) expect(waiting.size).toBe(0)
          for (const one of waiting) expect(guard.labelOf(one)).toBe('new')
          for (const { downs, size } of guard.alarms()) expect(downs * 5).toBeGreaterThan(size)
        }
        guard.tick(FIRST_PASS_MS + 1)
        if (guard.alarms().length === 0) expect(guard.isIdle).toBe(true)
      }),
    )
  })
})
