import { expect, it } from 'vitest'
import { configurationOf } from '../model/configuration.ts'
import { monitorSchema } from '../model/monitor.ts'
import { endpointSchema } from '../model/pool.ts'
import { siteSchema } from '../model/site.ts'
import { healthIntentOf } from './health-intent.ts'

it('T2 the intent: every monitored endpoint with its definition and the electorate of its pool, and the voting sites', () => {
  const endpoint = endpointSchema.parse({ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' })
  const checkers = [{ name: 'a1', address: '192.0.2.7', port: 7_000 }]
  const monitor = monitorSchema.parse({ kind: 'tcp', name: 'm', voters: 3 })
  const intent = healthIntentOf(
    configurationOf([
      { kind: 'site', key: 'ams', spec: siteSchema.parse({ name: 'ams', checkers }) },
      { kind: 'monitor', key: 'm', spec: monitor },
      { kind: 'pool', key: 'watched', spec: { name: 'watched', monitors: ['m'] } },
      { kind: 'pool', key: 'free', spec: { name: 'free', monitors: [] } },
      { kind: 'endpoint', key: 'watched/a', spec: endpoint },
      { kind: 'endpoint', key: 'watched/b', spec: { ...endpoint, name: 'b' } },
      { kind: 'endpoint', key: 'free/a', spec: endpoint },
    ]),
  )
  expect([...intent.endpoints.keys()]).toEqual(['watched/a', 'watched/b'])
  const [a, b] = [...intent.endpoints.values()]
  expect(a?.electorate).toMatchObject({ voters: 3, sites: null })
  expect(b?.electorate).toBe(a?.electorate)
  expect([...intent.topology]).toEqual([['ams', checkers]])
})
