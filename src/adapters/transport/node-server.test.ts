import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { pino } from 'pino'
import { afterAll, afterEach, expect, it } from 'vitest'
import type { Refusal } from '../../ports/refusals.ts'
import { systemClock } from '../clock/system-clock.ts'
import { LocalFeed } from './local-feed.ts'
import { NodeServer } from './node-server.ts'
import { NO_TRUST } from './testing/no-trust.ts'
import { siteWithCheckers } from './testing/site-with-checkers.ts'
import { TransportRig } from './testing/transport-rig.ts'

const rig = new TransportRig()
afterEach(() => rig.cleanUp())
afterAll(() => {
  rig.dispose()
})

it('a checker at a wrong site is refused each time, and told of once for as long as it is there', async () => {
  const feed = new LocalFeed()
  const refusals: Refusal[] = []
  const server = new NodeServer({
    ...{ listen: { host: '127.0.0.1', port: 0 }, tls: rig.identity('fairlead://control/c1') },
    ...{ feed, clock: systemClock, logger: pino({ level: 'silent' }), instance: 'one', trust: NO_TRUST },
    store: { revision: () => Promise.resolve(null), revisionsAfter: () => Promise.resolve([]) },
    refresh: () => Promise.resolve(),
    ...{ onReport: () => undefined, onRefused: (what) => refusals.push(what) },
  })
  await server.listen()
  rig.stops.push(() => server.close())
  const at = (name: string) => {
    const revision = (feed.current()?.revision ?? 0) + 1
    feed.publish({ revision, configuration: siteWithCheckers([{ name, address: '127.0.0.1', port: 1 }]) })
  }
  const { options } = rig.identity('fairlead://checker/fra/ams-1')
  const asked = async () => {
    const path = { host: '127.0.0.1', port: server.port, path: '/v1/reports', method: 'POST' }
    const request = httpsRequest({
      ...options,
      ...path,
      checkServerIdentity: () => undefined,
      agent: false,
    })
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    await once(response, 'end')
    return response.statusCode
  }
  const knock = async () => {
    for (let count = 0; count < 3; count += 1) expect(await asked()).toBe(403)
  }
  at('ams-1')
  await knock()
  const told = expect.stringContaining('POST /v1/reports: the configuration has checker ams-1') as string
  const one = expect.objectContaining({ who: 'fairlead://checker/fra/ams-1', reason: told }) as Refusal
  expect(refusals).toEqual([one])
  at('other')
  expect(await asked()).toBe(204)
  at('ams-1')
  await knock()
  expect(refusals).toEqual([one, one])
})
