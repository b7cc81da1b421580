/** Every schema's defaults, and that what is kept can be read again as it is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { loadBalancerSchema } from './load-balancer.ts'
import { monitorSchema } from './monitor.ts'
import { endpointSchema, poolSchema } from './pool.ts'
import { zoneSchema } from './zone.ts'

const ENDPOINT = { name: 'a', address: '192.0.2.1', port: 80, site: 'ams' }
const ZONE = { name: 'example.test', nameservers: ['ns.elsewhere.test'] }
const HTTP = { kind: 'http', name: 'web' }
const BALANCER = { name: 'www.example.test', zone: 'example.test', policy: { kind: 'all', pools: ['web'] } }

describe('defaults', () => {
  it('of a monitor are those of the design', () => {
    const common = {
      intervalMs: 5_000,
      fastIntervalMs: 1_000,
      timeoutMs: 1_000,
      fall: 2,
      rise: 3,
      quorum: 'majority',
      voters: 5,
    }
    const http = {
      ...common,
      method: 'GET',
      path: '/',
      headers: {},
      expectStatus: ['200-299'],
      followRedirects: false,
    }
    expect(monitorSchema.parse(HTTP)).toEqual({ ...HTTP, ...http, connection: 'new' })
    expect(monitorSchema.parse({ ...HTTP, kind: 'https' })).toEqual({
      ...HTTP,
      kind: 'https',
      ...http,
      connection: 'keep-alive',
      tls: { verify: true },
    })
    expect(monitorSchema.parse({ kind: 'tcp', name: 't' })).toEqual({ kind: 'tcp', name: 't', ...common })
  })

  it('of endpoint, pool, zone and load balancer', () => {
    expect(endpointSchema.parse(ENDPOINT)).toEqual({ ...ENDPOINT, weight: 1, enabled: true })
    expect(poolSchema.parse({ name: 'web' })).toEqual({ name: 'web', monitors: [], endpoints: [] })
    expect(zoneSchema.parse(ZONE)).toEqual({
      ...ZONE,
      ttlSec: 300,
      soa: { refreshSec: 3_600, retrySec: 600, expireSec: 1_209_600, negativeTtlSec: 30 },
      records: [],
    })
    expect(loadBalancerSchema.parse(BALANCER)).toEqual({
      ...BALANCER,
      ttlSec: 30,
      minTtlSec: 5,
      whenDown: { kind: 'last-healthy' },
    })
    const failover = { ...BALANCER, policy: { kind: 'failover', tiers: [{ pool: 'web' }] } }
    expect(loadBalancerSchema.parse(failover).policy).toEqual({
      kind: 'failover',
      tiers: [{ pool: 'web', minHealthy: 1 }],
      latch: false,
    })
  })
})

it('a zone too long for hostmaster.<zone> names its contact', () => {
  const nameOf = (length: number) =>
    [1, 2, 3].map((n) => String(n).repeat(63)).join('.') + '.' + 'z'.repeat(length - 192)
  expect(zoneSchema.safeParse({ ...ZONE, name: nameOf(242) }).success).toBe(true)
  const long = { ...ZONE, name: nameOf(243) }
  expect(zoneSchema.safeParse(long).error?.issues).toMatchObject([{ path: ['name'] }])
  expect(zoneSchema.safeParse({ ...long, soa: { contact: 'admin.example.net' } }).success).toBe(true)
})

describe('what is kept can be read again as it is', () => {
  const schemas: [string, z.ZodType, unknown[]][] = [
    ['endpoint', endpointSchema, [ENDPOINT, { ...ENDPOINT, address: '2001:DB8::0:1', check: {} }]],
    [
      'balancer',
      loadBalancerSchema,
      [BALANCER, { ...BALANCER, name: '*.BÜCHER.test.', zone: 'BÜCHER.test.' }],
    ],
    ['monitor', monitorSchema, [HTTP, { ...HTTP, kind: 'https', tls: { serverName: 'Bücher.test.' } }]],
    ['zone', zoneSchema, [ZONE]],
  ]
  it.each(schemas)('%s', (_, schema, inputs) => {
    for (const input of inputs) {
      const kept = schema.parse(input)
      expect(schema.parse(kept)).toEqual(kept)
      expect(schema.parse(JSON.parse(JSON.stringify(kept)))).toEqual(kept)
    }
  })

  it('a zone, whatever way its record names are written', () => {
    const label = fc.constantFrom(
      'www',
      'WWW',
      '*',
      '@',
      'a.b',
      'ü',
      '_s._tcp',
      'example.test',
      'example',
      'test',
      '.',
      '..',
      "'",
      'a b',
    )
    const recordName = fc
      .tuple(
        fc.array(label, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '.', '.example.test', '.example.test.'),
      )
      .map(([labels, end]) => labels.join('.') + end)
    fc.assert(
      fc.property(
        fc.oneof(recordName, fc.string()),
        fc.constantFrom('example.test', 'test', 'Example.Test.'),
        (name, zone) => {
          const parsed = zoneSchema.safeParse({
            ...ZONE,
            name: zone,
            records: [{ name, type: 'TXT', values: ['x'] }],
          })
          if (!parsed.success) return
          expect(parsed.data.records[0]?.name).toMatch(/^(?:@|\*|(?:\*\.)?[a-z0-9_][a-z0-9_.-]*)$/)
          expect(zoneSchema.parse(parsed.data)).toEqual(parsed.data)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
