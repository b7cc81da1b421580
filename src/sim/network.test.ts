import { describe, expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'
import { Network } from './network.ts'
import { Random } from './random.ts'

function setUp() {
  const queue = new EventQueue()
  const network = new Network(queue, new Random(3))
  const arrived: string[] = []
  const send = (from: string, to: string, text: string) => {
    network.send({ from, to, connection: `${from} ${to}` }, () => arrived.push(text))
  }
  const reaches = (from: string, to: string) => network.roundTrip(from, to) !== null
  return { queue, network, arrived, send, reaches }
}

describe('Network', () => {
  it('a cut in one direction stops round trips both ways, and messages in that direction', async () => {
    const { queue, network, arrived, send, reaches } = setUp()
    network.cut('a', 'b')
    send('a', 'b', 'there')
    send('b', 'a', 'back')
    await queue.run(1_000)
    expect([reaches('a', 'b'), reaches('b', 'a'), reaches('a', 'c'), arrived]).toEqual([
      ...[false, false, true],
      ['back'],
    ])
    network.mend('a', 'b')
    expect(reaches('a', 'b')).toBe(true)
  })

  it('a place that is isolated reaches itself alone; a plane may be cut by itself', () => {
    const { network, reaches } = setUp()
    network.isolate('a', ['frame'])
    expect(reaches('a', 'b')).toBe(true)
    network.isolate('a')
    expect([reaches('a', 'b'), reaches('b', 'a'), reaches('a', 'a'), reaches('b', 'c')]).toEqual([
      ...[false, false, true, true],
    ])
    network.rejoin('a')
    expect([reaches('a', 'b'), network.roundTrip('b', 'a', 'frame')]).toEqual([true, expect.any(Number)])
  })

  it('loses the share of round trips that a place is set to', () => {
    const { network, reaches } = setUp()
    network.lose('a', 0.3)
    const lost = Array.from({ length: 10_000 }, () => reaches('b', 'a')).filter((came) => !came).length
    expect(lost / 10_000).toBeCloseTo(0.3, 1)
    expect(reaches('b', 'c')).toBe(true)
  })

  it('messages of one connection keep their order although some are repeated; unless they need not', async () => {
    const { queue, network, arrived, send } = setUp()
    network.lose('a', 0.5)
    const texts = Array.from({ length: 200 }, (_, index) => String(index))
    for (const text of texts) send('a', 'b', text)
    await queue.run(60_000)
    expect(arrived.length).toBeGreaterThan(150)
    expect(arrived).toEqual(texts.filter((text) => arrived.includes(text)))
    network.keepsOrder = false
    arrived.length = 0
    for (const text of texts) send('a', 'b', text)
    await queue.run(120_000)
    expect(arrived).not.toEqual(texts.filter((text) => arrived.includes(text)))
  })
})
