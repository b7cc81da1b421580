import { describe, expect, it } from 'vitest'
import { configurationOf } from '../model/configuration.ts'
import { monitorSchema, type Monitor } from '../model/monitor.ts'
import { endpointSchema, type Endpoint } from '../model/pool.ts'
import { definitionOf, definitionsOf } from './definition.ts'

const monitor = monitorSchema.parse({ kind: 'http', name: 'web', headers: { a: '1', b: '2' } })
const endpoint = endpointSchema.parse({ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' })

describe('definitionOf', () => {
  it('D1 differs with everything that decides what a probe does', () => {
    const changed: [Endpoint, Monitor[]][] = [
      [{ ...endpoint, address: '192.0.2.2' }, [monitor]],
      [{ ...endpoint, port: 81 }, [monitor]],
      [{ ...endpoint, check: { port: 8080 } }, [monitor]],
      [{ ...endpoint, check: { address: '192.0.2.9' } }, [monitor]],
      [endpoint, []],
      [endpoint, [monitor, monitor]],
      ...[
        { path: '/x' },
        { fall: 3 },
        { timeoutMs: 999 },
        { host: 'x' },
        { degraded: { latencyMs: 500 } },
        { headers: { a: '2', b: '1' } },
        { expectStatus: ['200'] },
        { bodyMatch: { kind: 'contains', text: 'ok' } },
      ].map((part): [Endpoint, Monitor[]] => [endpoint, [monitorSchema.parse({ ...monitor, ...part })]]),
      [endpoint, [monitorSchema.parse({ ...monitor, kind: 'https' })]],
    ]
    const digests = [[endpoint, [monitor]] as const, ...changed].map(([target, monitors]) =>
      definitionOf(target, monitors),
    )
    expect(new Set(digests).size).toBe(digests.length)
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{16}$/)
  })

  it('D2 is the same for what changes no probe, for any order of fields, and after a way through JSON', () => {
    const digest = definitionOf(endpoint, [monitor])
    expect(definitionOf({ ...endpoint, weight: 7, enabled: false, site: 'fra' }, [monitor])).toBe(digest)
    const counting = { voters: 3, vantage: { sites: ['ams', 'fra', 'lon'] }, quorum: { down: 3, up: 1 } }
    expect(definitionOf(endpoint, [monitorSchema.parse({ ...monitor, ...counting })])).toBe(digest)
    const reversed = Object.fromEntries(Object.entries(monitor).reverse()) as Monitor
    expect(definitionOf(endpoint, [{ ...reversed, headers: { b: '2', a: '1' } } as Monitor])).toBe(digest)
    const undefinedField = { ...monitor, host: undefined } as unknown as Monitor
    expect(definitionOf(endpoint, [undefinedField])).toBe(digest)
    expect(definitionOf(endpoint, [JSON.parse(JSON.stringify(undefinedField)) as Monitor])).toBe(digest)
  })

  it('D3 100,000 endpoints have 100,000 digests', () => {
    const digests = new Set<string>()
    for (let index = 0; index < 100_000; index += 1)
      digests.add(
        definitionOf({ ...endpoint, address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` }, []),
      )
    expect(digests.size).toBe(100_000)
  })

  it('D4 only monitored endpoints have one, that of their own pool', () => {
    const configuration = configurationOf([
      { kind: 'monitor', key: 'web', spec: monitor },
      { kind: 'pool', key: 'watched', spec: { name: 'watched', monitors: ['web'] } },
      { kind: 'pool', key: 'free', spec: { name: 'free', monitors: [] } },
      { kind: 'endpoint', key: 'watched/a', spec: endpoint },
      { kind: 'endpoint', key: 'free/a', spec: endpoint },
    ])
    expect([...definitionsOf(configuration)]).toEqual([['watched/a', definitionOf(endpoint, [monitor])]])
  })
})
