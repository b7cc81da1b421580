import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DueQueue } from './due-queue.ts'

describe('due queue', () => {
  it('Q1 gives out what is due in order of time, each key once', () => {
    const queue = new DueQueue()
    for (const [key, atMs] of [
      ['b', 20],
      ['a', 10],
      ['c', 30],
      ['a', 25],
    ] as const)
      queue.set(key, atMs)
    queue.delete('c')
    expect(queue.nextAtMs()).toBe(20)
    expect(queue.takeDue(19)).toEqual([])
    expect(queue.takeDue(25)).toEqual(['b', 'a'])
    expect(queue.nextAtMs()).toBeNull()
  })

  it('Q1 is a map of times, whatever is set, deleted and taken', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    const step = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), key, atMs: fc.nat(50) }),
      fc.record({ kind: fc.constant('delete' as const), key }),
      fc.record({ kind: fc.constant('take' as const), atMs: fc.nat(50) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new DueQueue()
        const model = new Map<string, number>()
        for (const one of steps) {
          if (one.kind === 'set') {
            queue.set(one.key, one.atMs)
            model.set(one.key, one.atMs)
          } else if (one.kind === 'delete') {
            queue.delete(one.key)
            model.delete(one.key)
          } else {
            const due = [...model].filter(([, atMs]) => atMs <= one.atMs)
            const taken = queue.takeDue(one.atMs)
            expect(taken.toSorted()).toEqual(due.map(([name]) => name).sort())
            const times = taken.map((name) => model.get(name) ?? -1)
            expect(times).toEqual(times.toSorted((a, b) => a - b))
            for (const [name] of due) model.delete(name)
          }
          expect(queue.nextAtMs()).toBe(model.size === 0 ? null : Math.min(...model.values()))
          expect(queue.size).toBe(model.size)
        }
      }),
    )
  })
})
