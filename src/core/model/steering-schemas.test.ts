import { describe, expect, it } from 'vitest'
import { clientMapSchema } from './client-map.ts'
import { drainSchema, drainedBy } from './drain.ts'
import { overrideSchema } from './override.ts'
import { policySchema, poolsOf, routeOf } from './policy.ts'
import { endpointSchema } from './pool.ts'
import { DEFAULT_SETTINGS, settingsSchema } from './settings.ts'
import { faultsOfZodError } from './zod-faults.ts'
import type { z } from 'zod'

function faults(schema: z.ZodType, value: unknown): string[] {
  const parsed = schema.safeParse(value)
  return parsed.success
    ? []
    : faultsOfZodError(parsed.error, schema).map(({ pointer, message }) => `${pointer}: ${message}`)
}

describe('policy', () => {
  it('a default must exist, for clients that no rule names', () => {
    const rules = [{ when: { countries: ['NL'] }, pools: ['eu'] }]
    expect(faults(policySchema, { kind: 'weighted', rules })).toEqual([
      expect.stringContaining(
        "give 'pools' or 'tiers': where to choose for every client that no rule is about",
      ),
    ])
    expect(faults(policySchema, { kind: 'all', rules })).toEqual([expect.stringContaining('/pools: missing')])
    expect(faults(policySchema, { kind: 'sticky', pools: ['a'], tiers: [{ pool: 'b' }] })).toEqual([
      expect.stringContaining("give 'pools' or 'tiers', not both"),
    ])
  })

  it('a rule is about one sort of client, and says where to choose', () => {
    const rules = [
      { when: {}, pools: ['a'] },
      { when: { countries: ['NL'], asns: [64500] }, pools: ['a'] },
      { when: { asns: [0] }, pools: ['a'] },
      { when: { countries: ['nl'] } },
    ]
    expect(
      faults(policySchema, { kind: 'all', pools: ['a'], rules }).map((one) => one.split(':')[0]),
    ).toEqual([
      '/rules/0/when',
      '/rules/1/when',
      '/rules/2/when/asns/0',
      '/rules/3/when/countries/0',
      '/rules/3',
    ])
  })

  it('names its pools once each, the default first', () => {
    const policy = policySchema.parse({
      kind: 'weighted',
      tiers: [{ pool: 'a' }, { pool: 'b' }],
      rules: [{ when: { asns: [64500] }, pools: ['c', 'a'] }],
    })
    expect(poolsOf(policy)).toEqual(['a', 'b', 'c'])
    expect(routeOf(policy)).toMatchObject({
      kind: 'tiers',
      tiers: [{ pool: 'a', minHealthy: 1 }, { pool: 'b' }],
    })
  })

  it('one prefix length for each family, in its bounds', () => {
    const sticky = policySchema.parse({ kind: 'sticky', pools: ['a'] })
    expect(sticky).toMatchObject({ ipv4PrefixBits: 24, ipv6PrefixBits: 56, answers: 1 })
    expect(
      faults(policySchema, { kind: 'sticky', pools: ['a'], ipv4PrefixBits: 33, ipv6PrefixBits: 129 }),
    ).toHaveLength(2)
  })
})

describe('client map', () => {
  it('keeps prefixes canonically, each in one entry, and names every fault', () => {
    const entries = [
      { name: 'a', prefixes: ['2001:DB8::/32', '192.0.2.0/24'] },
      { name: 'b', prefixes: ['192.0.2.0/24', '192.0.2.1/24'] },
      { name: 'a', prefixes: ['0.0.0.0/0'] },
    ]
    expect(faults(clientMapSchema, { name: 'm', entries })).toEqual([
      expect.stringMatching(/^\/entries\/1\/prefixes\/1: .*write 192\.0\.2\.0\/24/),
      expect.stringMatching(/^\/entries\/1\/prefixes\/0: .* stands in the entry 'a' already/),
      expect.stringMatching(/^\/entries\/2\/name: a second entry 'a'/),
    ])
    expect(clientMapSchema.parse({ name: 'm', entries: entries.slice(0, 1) }).entries[0]?.prefixes).toEqual([
      '2001:db8::/32',
      '192.0.2.0/24',
    ])
  })
})

describe('overrides and drains', () => {
  it('need a reason, and a name of what they are about', () => {
    expect(faults(overrideSchema, { name: 'web', state: 'forced-up' })).toEqual([
      expect.stringContaining("/name: an endpoint is named 'pool/endpoint'"),
      expect.stringContaining('/reason: missing'),
    ])
    expect(faults(drainSchema, { name: 'zone/x', reason: '' })).toHaveLength(2)
    expect(drainedBy({ name: 'endpoint/web/a' })).toEqual({ kind: 'endpoint', key: 'web/a' })
    expect(drainedBy({ name: 'site/ams' })).toEqual({ kind: 'site', key: 'ams' })
  })

  it('a drain does not expire before it has drained', () => {
    const drain = { name: 'site/ams', startAtMs: 1_000, drainSec: 10, reason: 'test' }
    expect(faults(drainSchema, { ...drain, expiresAtMs: 11_000 })).toEqual([
      expect.stringContaining('/expiresAtMs: it would expire before it has drained'),
    ])
    expect(faults(drainSchema, { ...drain, expiresAtMs: 11_001 })).toEqual([])
  })
})

describe('settings', () => {
  it('have a default for everything', () => {
    expect(DEFAULT_SETTINGS).toEqual({
      name: 'settings',
      geoip: { enabled: false },
      clientSubnet: { trust: 'all' },
      withdrawalBudget: { balancerShare: '75%', totalShare: '75%', windowSec: 60, minEndpoints: 4 },
    })
  })

  it('a share is 1 % to 100 %', () => {
    for (const balancerShare of ['0%', '101%', '50', 'half'])
      expect(faults(settingsSchema, { withdrawalBudget: { balancerShare } })).toHaveLength(1)
  })
})

describe('endpoint address', () => {
  const address = (text: string) =>
    endpointSchema.safeParse({ name: 'a', address: text, port: 80, site: 'ams' }).data?.address ?? null

  it('is an address or a host name, in canonical form', () => {
    expect(address('2001:DB8::1')).toBe('2001:db8::1')
    expect(address('Bücher.example')).toBe('xn--bcher-kva.example')
    expect(address('cdn.example.test.')).toBe('cdn.example.test')
  })

  it('what looks like an address is read as one', () => {
    for (const text of ['192.0.2.256', '192.0.2', '2001:db8::g', '192.0.2.0/24', 'localhost'])
      expect(address(text)).toBeNull()
  })
})
