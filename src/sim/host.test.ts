import { describe, expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'
import { Host, Life } from './host.ts'
import { Random } from './random.ts'

function setUp() {
  const queue = new EventQueue()
  const host = new Host(queue, new Random(1), 0)
  const ran: string[] = []
  return { queue, host, ran, note: (text: string) => () => ran.push(text) }
}

describe('Life', () => {
  it('sees its own time pass, a little faster or slower than the others', async () => {
    const { queue, host, ran } = setUp()
    const life = new Life(host)
    const fromMs = life.monotonicMs()
    life.after(10_000, () => ran.push((life.monotonicMs() - fromMs).toFixed(3)))
    await queue.run(10_001)
    expect(ran).toEqual(['10000.000'])
    expect(Math.abs(life.monotonicMs() - fromMs - 10_001)).toBeGreaterThan(0.01)
  })

  it('of one that was killed nothing happens any more', async () => {
    const { queue, host, ran, note } = setUp()
    const life = new Life(host)
    life.after(1, note('before'))
    life.after(5, note('after'))
    await queue.run(2)
    life.kill()
    life.meet(note('message'))
    await queue.run(10)
    expect(ran).toEqual(['before'])
  })

  it('one that was stopped does all that it missed when it goes on, in order', async () => {
    const { queue, host, ran, note } = setUp()
    const life = new Life(host)
    life.stop()
    life.after(2, note('timer'))
    life.after(4, note('cancelled'))()
    await queue.run(3)
    life.meet(note('message'))
    await queue.run(10)
    expect(ran).toEqual([])
    life.continue()
    await queue.run(11)
    expect(ran).toEqual(['timer', 'message'])
  })

  it('a wall clock that is stepped leaves the monotonic one alone', () => {
    const { host } = setUp()
    const life = new Life(host)
    const [wallMs, monotonicMs] = [life.wallMs(), life.monotonicMs()]
    host.stepWall(-3_600_000)
    expect([life.wallMs() - wallMs, life.monotonicMs()]).toEqual([-3_600_000, monotonicMs])
  })
})
