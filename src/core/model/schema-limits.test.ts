/** Every field's limits: what is just within and what is beyond, and that all faults come at once. */
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { loadBalancerSchema } from './load-balancer.ts'
import { monitorSchema } from './monitor.ts'
import { endpointSchema, poolSchema } from './pool.ts'
import { siteSchema } from './site.ts'
import { staticRecordSchema, zoneSchema } from './zone.ts'

/** The faults as 'path: message', or nothing. */
function faults(schema: z.ZodType, input: unknown): string[] {
  const { error } = schema.safeParse(input)
  return (error?.issues ?? []).map((issue) => `${issue.path.join('/')}: ${issue.message}`)
}

const ENDPOINT = { name: 'a', address: '192.0.2.1', port: 80, site: 'ams' }
const ZONE = { name: 'example.test', nameservers: ['ns.elsewhere.test'] }
const HTTP = { kind: 'http', name: 'web' }
const BALANCER = { name: 'www.example.test', zone: 'example.test', policy: { kind: 'all', pools: ['web'] } }

/** Values of each record type: within the limits, and beyond them. */
const RECORDS: Record<string, [unknown[], unknown[]]> = {
  A: [['192.0.2.1'], ['2001:db8::1', '1.2.3', 'a.test']],
  AAAA: [['2001:db8::1'], ['192.0.2.1', '::ffff:192.0.2.1']],
  CNAME: [['a.test'], ['', '192.0.2.1', 'a b']],
  NS: [['a.test'], ['192.0.2.1', '*.test']],
  TXT: [
    ['', 'a'.repeat(16_000), '";\\ '],
    ['a'.repeat(16_001), 'ü', 'a\nb', '\u007f', 3],
  ],
  MX: [
    [
      { preference: 0, exchange: 'a.test' },
      { preference: 65_535, exchange: 'a.test' },
    ],
    [
      { preference: 65_536, exchange: 'a.test' },
      { preference: 1, exchange: '192.0.2.1' },
      { preference: 1 },
      'a.test',
    ],
  ],
  SRV: [
    [{ priority: 0, weight: 65_535, port: 0, target: 'a.test' }],
    [
      { priority: 0, weight: 65_536, port: 0, target: 'a.test' },
      { priority: 0, weight: 0, target: 'a.test' },
    ],
  ],
  CAA: [
    [
      { tag: 'issue', value: '' },
      { flags: 255, tag: 'a'.repeat(15), value: 'ca.test; a=b' },
    ],
    [
      { flags: 256, tag: 'issue', value: '' },
      { tag: 'a b', value: '' },
      { tag: 'a'.repeat(16), value: '' },
      { tag: 'issue', value: 'ü' },
    ],
  ],
}

/** [what, schema, a good input, the field, values within the limits, values beyond them] */
type Limit = [string, z.ZodType, object, string, unknown[], unknown[]]
const LIMITS: Limit[] = [
  [
    'site',
    siteSchema,
    { name: 'ams' },
    'name',
    ['a', 'a'.repeat(63), 'a.b_c-d'],
    ['', 'a'.repeat(64), 'A', '-a', 'a-', 'a/b', 'ü', 3],
  ],
  ['site', siteSchema, { name: 'ams' }, 'country', ['NL'], ['nl', 'NLD', '']],
  [
    'site',
    siteSchema,
    { name: 'ams' },
    'coordinates',
    [{ latitude: -90, longitude: 180 }],
    [
      { latitude: 91, longitude: 0 },
      { latitude: 0, longitude: -181 },
      { latitude: NaN, longitude: 0 },
      { latitude: 1 },
    ],
  ],
  ['endpoint', endpointSchema, ENDPOINT, 'port', [1, 65_535], [0, 65_536, 1.5, '80', null]],
  ['endpoint', endpointSchema, ENDPOINT, 'weight', [0, 65_535], [-1, 65_536, 0.5, Infinity]],
  [
    'endpoint',
    endpointSchema,
    ENDPOINT,
    'address',
    ['2001:db8::1', 'a.test'],
    ['999.1.1.1', 'a', '', 'fe80::1%eth0'],
  ],
  [
    'endpoint',
    endpointSchema,
    ENDPOINT,
    'check',
    [{}, { port: 81 }, { address: '::1' }],
    [{ port: 0 }, { host: 'x' }],
  ],
  [
    'pool',
    poolSchema,
    { name: 'web' },
    'monitors',
    [[], Array(16).fill('m')],
    [Array(17).fill('m'), ['M'], 'm'],
  ],
  ['monitor', monitorSchema, HTTP, 'intervalMs', [1_000, 3_600_000], [99, 3_600_001, 999]],
  ['monitor', monitorSchema, HTTP, 'fastIntervalMs', [100, 5_000], [99, 5_001]],
  ['monitor', monitorSchema, HTTP, 'timeoutMs', [10, 5_000], [9, 5_001, '1s']],
  ['monitor', monitorSchema, HTTP, 'fall', [1, 20], [0, 21]],
  ['monitor', monitorSchema, HTTP, 'rise', [1, 20], [0, 21]],
  ['monitor', monitorSchema, HTTP, 'method', ['HEAD', 'POST', 'OPTIONS'], ['get', 'PUT', '']],
  [
    'monitor',
    monitorSchema,
    HTTP,
    'path',
    ['/', '/a?b=%20#c'],
    ['', 'a', '/a b', '/\r\nX: y', '/ü', `/${'a'.repeat(4_096)}`],
  ],
  [
    'monitor',
    monitorSchema,
    HTTP,
    'headers',
    [{ 'X-A': 'b' }],
    [{ 'a b': 'c' }, { a: 'b\r\nc: d' }, { '': 'x' }, { a: 'ü' }],
  ],
  ['monitor', monitorSchema, HTTP, 'host', ['a.test:80'], ['a\nb']],
  [
    'monitor',
    monitorSchema,
    HTTP,
    'expectStatus',
    [['100', '599', '200-299', '200-200']],
    [[], ['99'], ['600'], ['299-200'], ['2xx'], [200]],
  ],
  [
    'monitor',
    monitorSchema,
    HTTP,
    'bodyMatch',
    [
      { kind: 'contains', text: 'ok' },
      { kind: 'regex', pattern: '^(a|b)+$' },
    ],
    [
      { kind: 'contains', text: '' },
      { kind: 'regex', pattern: '(' },
      { kind: 'regex', pattern: '(?=a)' },
      { kind: 'regex', pattern: '(a)\\1' },
      { kind: 'glob' },
    ],
  ],
  ['monitor', monitorSchema, HTTP, 'sourceAddress', ['192.0.2.9'], ['eth0']],
  [
    'https monitor',
    monitorSchema,
    { ...HTTP, kind: 'https' },
    'tls',
    [{ serverName: 'a.test' }, { certificateFile: 'c', keyFile: 'k' }],
    [{ certificateFile: 'c' }, { keyFile: 'k' }, { caFile: '' }, { serverName: '192.0.2.1' }],
  ],
  ['http monitor', monitorSchema, HTTP, 'tls', [], [{}]],
  ['tcp monitor', monitorSchema, { kind: 'tcp', name: 't' }, 'expect', ['220'], ['', 'a'.repeat(4_097)]],
  ['balancer', loadBalancerSchema, BALANCER, 'ttlSec', [0, 604_800], [-1, 604_801]],
  [
    'balancer',
    loadBalancerSchema,
    BALANCER,
    'name',
    ['*.example.test', 'Bücher.test'],
    ['a.*.test', '*', '', '192.0.2.1', 'a'.repeat(1_025)],
  ],
  ['balancer', loadBalancerSchema, BALANCER, 'zone', ['test'], ['*.test', '.', '']],
  [
    'balancer',
    loadBalancerSchema,
    BALANCER,
    'policy',
    [
      { kind: 'all', pools: ['a'], maxAnswers: 64 },
      { kind: 'weighted', pools: ['a', 'b'] },
      {
        kind: 'failover',
        tiers: [
          { pool: 'a', minHealthy: '0%' },
          { pool: 'b', minHealthy: '100%' },
        ],
      },
    ],
    [
      { kind: 'all', pools: [] },
      { kind: 'all', pools: ['a'], maxAnswers: 0 },
      { kind: 'all', pools: ['a'], maxAnswers: 65 },
      { kind: 'weighted', pools: ['a'], maxAnswers: 1 },
      { kind: 'failover', tiers: [] },
      { kind: 'failover', tiers: [{ pool: 'a', minHealthy: 0 }] },
      { kind: 'failover', tiers: [{ pool: 'a', minHealthy: '101%' }] },
      { kind: 'failover', tiers: [{ pool: 'a', minHealthy: '05%' }] },
      { kind: 'nearest' },
    ],
  ],
  [
    'balancer',
    loadBalancerSchema,
    BALANCER,
    'whenDown',
    [{ kind: 'all' }, { kind: 'refuse' }, { kind: 'fixed', addresses: ['192.0.2.1'] }],
    [
      { kind: 'fixed', addresses: [] },
      { kind: 'fixed', addresses: ['x'] },
      { kind: 'all', addresses: [] },
      {},
    ],
  ],
  [
    'zone',
    zoneSchema,
    ZONE,
    'nameservers',
    [Array(16).fill('ns.test')],
    [[], Array(17).fill('ns.test'), ['192.0.2.1']],
  ],
  [
    'zone',
    zoneSchema,
    ZONE,
    'soa',
    [{}, { contact: 'hm.test', negativeTtlSec: 0 }],
    [{ refreshSec: 0 }, { contact: 'a@b.test' }, { negativeTtlSec: 86_401 }, { serial: 1 }],
  ],
  ...Object.entries(RECORDS).map(([type, [good, bad]]): Limit => [
    `${type} record`,
    staticRecordSchema,
    { name: 'a', type },
    'values',
    good.map((value) => [value]),
    [...bad.map((value) => [value]), [], 'x'],
  ]),
]

describe('limits', () => {
  it.each(LIMITS)('%s', (...[, schema, base, field, good, bad]) => {
    for (const value of good) expect(faults(schema, { ...base, [field]: value })).toEqual([])
    for (const value of bad)
      expect(faults(schema, { ...base, [field]: value }), JSON.stringify(value)).not.toEqual([])
    expect(faults(schema, { ...base, [`${field}x`]: 1 }).join()).toMatch(/Unrecognized key/)
  })

  it('all faults of an input come at once, those between fields and those of record names too', () => {
    const zone = {
      ...ZONE,
      bogus: 1,
      nameservers: ['a b', 3],
      records: [
        { name: 'x y', type: 'A', values: ['999.1.1.1'] },
        null,
        { type: 'A' },
        { name: 'a', type: 'LOC' },
      ],
    }
    const found = faults(zoneSchema, zone).join('\n')
    for (const path of [
      'nameservers/0',
      'nameservers/1',
      'records/0/name',
      'records/0/values/0',
      'records/1',
      'records/2/name',
      'records/2/values',
      'records/3/type',
    ])
      expect(found).toMatch(new RegExp(`^${path}: `, 'm'))
    expect(found).toMatch(/bogus/)
    const monitor = faults(monitorSchema, { ...HTTP, timeoutMs: 9_000, path: 'x', bogus: 1 }).join('\n')
    expect(monitor).toMatch(/^timeoutMs: at most intervalMs/m)
    expect(monitor).toMatch(/^path: /m)
    for (const nonsense of [null, 3, 'x', [], { name: 3 }, { records: 'x' }])
      for (const schema of [zoneSchema, monitorSchema, poolSchema, loadBalancerSchema, siteSchema])
        expect(faults(schema, nonsense)).not.toEqual([])
  })

  it('a text that is too long is not looked at any further, however long it is', () => {
    const long = 'é.'.repeat(2_000_000)
    expect(faults(loadBalancerSchema, { ...BALANCER, name: long })).toHaveLength(1)
    expect(faults(endpointSchema, { ...ENDPOINT, address: long })).toHaveLength(1)
    const pattern = '(a|b)*'.repeat(500_000)
    expect(faults(monitorSchema, { ...HTTP, bodyMatch: { kind: 'regex', pattern } })).toHaveLength(1)
  })
})
