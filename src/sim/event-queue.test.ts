import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'

describe('EventQueue', () => {
  it('runs what is due in order of time, and of planning within the same moment', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(times, async (dueMs) => {
        const queue = new EventQueue()
        const ran: [number, number][] = []
        for (const [index, ms] of dueMs.entries())
          queue.at(ms, () => {
            ran.push([queue.nowMs, index])
          })
        await queue.run(20)
        const expected = dueMs.map((ms, index): [number, number] => [ms, index])
        expect(ran).toEqual(expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]))
      }),
    )
  })

  it('leaves what is due later, and what was cancelled; nothing runs before now', async () => {
    const queue = new EventQueue()
    const ran: string[] = []
    const cancel = queue.at(1, () => ran.push('cancelled'))
    cancel()
    queue.at(5, () => {
      ran.push('at 5')
      queue.at(3, () => ran.push(`planned for 3 at ${queue.nowMs}`))
    })
    queue.after(11, () => ran.push('later'))
    await queue.run(10)
    expect([ran, queue.nowMs]).toEqual([['at 5', 'planned for 3 at 5'], 10])
    await queue.run(11)
    expect(ran.at(-1)).toBe('later')
  })

  it('lets the promises that an event settled run before the next event', async () => {
    const queue = new EventQueue()
    const ran: string[] = []
    queue.at(1, () => {
      queue.promised()
      void Promise.resolve()
        .then(() => undefined)
        .then(() => ran.push('promise'))
    })
    queue.at(1, () => ran.push('next'))
    await queue.run(1)
    expect(ran).toEqual(['promise', 'next'])
  })
})
