import { expect, it } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { UpdateTarget } from './update-target.ts'

it('has one try of a name to come, however often it changes while the server is away, and tries less and less often', async () => {
  const clock = new ManualClock()
  let tries = 0
  const target = new UpdateTarget({
    ...{ zone: 'example.test', owner: 'fairlead', place: '192.0.2.53:53', clock },
    server: { address: '192.0.2.53', port: 53 },
    key: () => ({ name: 'key.test', algorithm: 'hmac-sha256', secret: 'c2VjcmV0' }),
    wanted: () => [],
    ask: (_, type) => {
      if (type === 'TXT') tries += 1
      return Promise.resolve({ kind: 'no-answer', detail: 'it is away' })
    },
    send: () => Promise.resolve({ kind: 'done' }),
    onGone: () => undefined,
    onAlarm: () => undefined,
  })
  for (let change = 0; change < 20; change += 1) {
    target.touch(['www.example.test'])
    await clock.advance(0)
  }
  expect(tries).toBe(20)
  await clock.advance(100)
  expect(tries).toBe(21)
  await clock.advance(60_000)
  expect(tries).toBeLessThanOrEqual(30)
  // Each half of a minute from here on.
  tries = 0
  await clock.advance(120_000)
  expect(tries).toBe(4)
  expect(target.report()).toMatchObject({ state: 'behind', detail: 'it is away' })
  target.stop()
})
