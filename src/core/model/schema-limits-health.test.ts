/** The limits of the fields that say who checks and who votes: what is just within and what is beyond. */
import { expect, it } from 'vitest'
import type { z } from 'zod'
import { monitorSchema } from './monitor.ts'
import { siteSchema } from './site.ts'

const HTTP = { kind: 'http', name: 'web' }

it.each<[string, z.ZodType, object, string, unknown[], unknown[]]>([
  [
    'site',
    siteSchema,
    { name: 'ams' },
    'checkers',
    [[], [{ name: 'c1', address: '192.0.2.1', port: 7_000 }]],
    [[{ name: 'c1', address: 'host', port: 7_000 }], [{ name: 'c1', address: '192.0.2.1' }], 'c1'],
  ],
  [
    'site',
    siteSchema,
    { name: 'ams' },
    'canaries',
    [[], [{ address: '2001:db8::1', port: 443 }]],
    [[{ address: '2001:db8::1', port: 0 }], [{ name: 'x', address: '192.0.2.1', port: 1 }]],
  ],
  ['monitor', monitorSchema, HTTP, 'voters', [1, 3, 15], [0, 2, 17, 'all']],
  [
    'monitor',
    monitorSchema,
    HTTP,
    'quorum',
    ['majority', { down: 3, up: 3 }, { down: 5, up: 1 }, { down: 1, up: 5 }],
    ['all', { down: 2, up: 3 }, { down: 6, up: 1 }, { down: 0, up: 5 }, { down: 3 }],
  ],
  [
    'monitor with a vantage',
    monitorSchema,
    { ...HTTP, vantage: { sites: ['a', 'b', 'c'] } },
    'quorum',
    [
      { down: 2, up: 2 },
      { down: 3, up: 1 },
    ],
    [
      { down: 1, up: 2 },
      { down: 4, up: 1 },
    ],
  ],
  [
    'monitor',
    monitorSchema,
    HTTP,
    'degraded',
    [
      { latencyMs: 999 },
      { status: ['429', '500-503'] },
      { header: { name: 'X-State' } },
      { latencyMs: 1, status: ['203'], header: { name: 'warning', value: 'slow' } },
    ],
    [
      {},
      { latencyMs: 1_000 },
      { latencyMs: 0 },
      { status: [] },
      { status: ['600'] },
      { header: {} },
      { header: { name: 'a b' } },
      { headers: {} },
    ],
  ],
  [
    'tcp monitor',
    monitorSchema,
    { kind: 'tcp', name: 't' },
    'degraded',
    [{ latencyMs: 100 }],
    [{}, { latencyMs: 2_000 }, { latencyMs: 100, status: ['200'] }],
  ],
  ['monitor', monitorSchema, HTTP, 'vantage', [{ sites: ['a'] }], [{ sites: [] }, { sites: ['A'] }, {}]],
])('%s', (...[, schema, base, field, good, bad]) => {
  for (const value of good)
    expect(schema.safeParse({ ...base, [field]: value }).error?.issues ?? []).toEqual([])
  for (const value of bad)
    expect(schema.safeParse({ ...base, [field]: value }).success, JSON.stringify(value)).toBe(false)
})

it('says what an impossible quorum is short of', () => {
  const messageOf = (fields: object) =>
    monitorSchema
      .safeParse({ ...HTTP, ...fields })
      .error?.issues.map(({ path, message }) => [...path, message])
  expect(messageOf({ quorum: { down: 2, up: 2 } })).toEqual([
    [
      'quorum',
      "down + up must be at least 6 where 5 sites vote, or both could hold at once; for fewer sites set 'voters'",
    ],
  ])
  expect(messageOf({ voters: 3, quorum: { down: 4, up: 1 } })).toEqual([
    ['quorum', 'at most 3 sites vote (voters, vantage.sites): no more can be asked for'],
  ])
})
