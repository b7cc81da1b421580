/** The rounds of the read-back, whatever becomes of those who are told. */
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { DnsServer } from '../ports/dns-server.ts'
import { ReadBack } from './read-back.ts'
import { ManualClock } from './testing/manual-clock.ts'

it('goes on with its rounds when a report throws', async () => {
  const clock = new ManualClock()
  let purges = 0
  const server: DnsServer = {
    purge: () => {
      purges += 1
      return Promise.resolve()
    },
    ask: () => Promise.resolve({ kind: 'no-answer', detail: 'nobody asks' }),
  }
  const readBack = new ReadBack({ server, clock, logger: pino({ level: 'silent' }) })
  const fail = () => {
    throw new Error('the reporter is broken')
  }
  const published = readBack.publish({
    ...{ zone: 'example.test', purge: ['example.test'], owners: new Map([['example.test', []]]) },
    ...{ onSeen: fail, onTakenOver: fail, onLate: fail },
  })
  await clock.advance(10_000)
  await published
  expect(purges).toBe(5)
})
