import { describe, expect, it } from 'vitest'
import { configurationOf } from '../core/model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../core/model/document.ts'
import { endpointSchema, poolSchema } from '../core/model/pool.ts'
import { siteSchema } from '../core/model/site.ts'
import { planChanges, type RequestedChange } from './change-plan.ts'

const endpoint = (name: string, more: object = {}) =>
  endpointSchema.parse({ name, address: '192.0.2.1', port: 80, site: 'ams', ...more })

const configuration = configurationOf(
  resourcesOfDocument(
    documentSchema.parse({
      settings: { geoip: { enabled: true } },
      sites: [{ name: 'ams', coordinates: { latitude: 52, longitude: 5 } }],
      zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test'] }],
      pools: [
        { name: 'web', endpoints: [endpoint('a'), endpoint('b')] },
        { name: 'all', pools: ['web'] },
      ],
      loadBalancers: [
        { name: 'www.example.test', zone: 'example.test', policy: { kind: 'nearest', pools: ['all'] } },
      ],
      overrides: [{ name: 'web/a', state: 'forced-down', reason: 'test' }],
      drains: ['endpoint/web/a', 'endpoint/web/b', 'site/ams', 'pool/all'].map((name) => ({
        name,
        reason: 'test',
      })),
    }),
  ),
)

const plan = (...changes: RequestedChange[]) => planChanges(configuration, changes)
const changesOf = (...changes: RequestedChange[]) => {
  const planned = plan(...changes)
  if (planned.kind !== 'planned') throw new Error(JSON.stringify(planned))
  return planned.changes.map(({ op, kind, key }) => `${op} ${kind} ${key}`)
}
const faultsOf = (...changes: RequestedChange[]) => {
  const planned = plan(...changes)
  return planned.kind === 'invalid'
    ? planned.faults.map(({ pointer, message }) => `${pointer}: ${message}`)
    : []
}

describe('what is deleted', () => {
  it('takes the overrides and drains of it along', () => {
    expect(changesOf({ op: 'delete', kind: 'endpoint', key: 'web/a', pointer: '' })).toEqual([
      'delete endpoint web/a',
      'delete drain endpoint/web/a',
      'delete override web/a',
    ])
  })

  it('so does an endpoint that its pool no longer names', () => {
    const spec = poolSchema.parse({ name: 'web', endpoints: [endpoint('a')] })
    expect(changesOf({ op: 'put', kind: 'pool', key: 'web', spec, pointer: '' })).toEqual([
      'delete endpoint web/b',
      'delete drain endpoint/web/b',
    ])
  })

  it('a pool inside another one is referred to', () => {
    expect(plan({ op: 'delete', kind: 'pool', key: 'web', pointer: '' })).toMatchObject({
      kind: 'referred',
      referrers: [{ kind: 'pool', name: 'all' }],
    })
  })
})

describe('what a change breaks beside itself', () => {
  it('an endpoint of another sort in a pool inside the pool of a load balancer', () => {
    const spec = endpoint('c', { address: 'cdn.elsewhere.test' })
    expect(faultsOf({ op: 'put', kind: 'endpoint', key: 'web/c', spec, pointer: '/spec' })).toEqual([
      expect.stringMatching(
        /^\/spec: load balancer 'www\.example\.test': the endpoint 'web\/c' is a host name and/,
      ),
    ])
  })

  it('a site that loses the coordinates that a load balancer goes by', () => {
    const spec = siteSchema.parse({ name: 'ams' })
    expect(faultsOf({ op: 'put', kind: 'site', key: 'ams', spec, pointer: '' })).toEqual([
      expect.stringMatching(/load balancer 'www\.example\.test': the site 'ams' .* has no coordinates/),
    ])
  })

  it('settings that say there is no database of locations any more', () => {
    expect(faultsOf({ op: 'delete', kind: 'settings', key: 'settings', pointer: '' })).toEqual([
      expect.stringMatching(/needs a database of locations/),
    ])
  })
})
