/** How often a node may ask for a certificate: over real TLS. */
import { pino } from 'pino'
import { afterAll, afterEach, expect, it } from 'vitest'
import type { NodeTrust } from '../../ports/trust.ts'
import { systemClock } from '../clock/system-clock.ts'
import { askControl } from './ask-control.ts'
import { LocalFeed } from './local-feed.ts'
import { NodeServer } from './node-server.ts'
import { NO_TRUST } from './testing/no-trust.ts'
import { TransportRig } from './testing/transport-rig.ts'

const rig = new TransportRig()
afterEach(() => rig.cleanUp())
afterAll(() => {
  rig.dispose()
})

it('who failed too often, or renews without end, is told to wait, and the store is not asked', async () => {
  const asked: string[] = []
  const trust: NodeTrust = {
    ...NO_TRUST,
    join: () => (asked.push('join'), Promise.resolve({ kind: 'refused', who: '', reason: 'no such token' })),
    renew: () => (
      asked.push('renew'),
      Promise.resolve({ kind: 'issued', chain: '', authority: '', offer: NO_TRUST.offer() })
    ),
  }
  const counted = new Map<string, number>()
  const attempts = {
    waitSec: (who: string) => ((counted.get(who) ?? 0) < 2 ? 0 : 7),
    failed: (who: string) => (counted.set(who, (counted.get(who) ?? 0) + 1), 0),
  }
  const told: string[] = []
  const server = new NodeServer({
    ...{ listen: { host: '127.0.0.1', port: 0 }, tls: rig.identity('fairlead://control/c1') },
    ...{ feed: new LocalFeed(), clock: systemClock, logger: pino({ level: 'silent' }), instance: 'one' },
    store: { revision: () => Promise.resolve(null), revisionsAfter: () => Promise.resolve([]) },
    refresh: () => Promise.resolve(),
    ...{ trust, attempts, onReport: () => undefined, onRefused: ({ reason }) => told.push(reason) },
  })
  await server.listen()
  rig.stops.push(() => server.close())
  const { options: secure } = rig.identity('fairlead://checker/ams/ck1')
  const ask = (path: string, body: object) =>
    askControl({ to: { host: '127.0.0.1', port: server.port }, secure, method: 'POST', path, body }).then(
      () => 'given',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    )
  const answers: string[] = []
  for (let time = 0; time < 3; time += 1)
    answers.push(
      await ask('/v1/join', { token: 'x', publicKey: 'y' }),
      await ask('/v1/renewals', { publicKey: 'y' }),
    )
  const wait = 'too many attempts: wait 7 s'
  expect(answers).toEqual(['no such token', 'given', 'no such token', 'given', wait, wait])
  expect(asked).toEqual(['join', 'renew', 'join', 'renew'])
  expect(Array.from(counted.keys())).toEqual(['127.0.0.1', 'checker/ams/ck1'])
  expect(told.slice(2)).toEqual(['/v1/join: too many attempts', '/v1/renewals: too many attempts'])
})
