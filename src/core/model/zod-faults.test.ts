import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { changeSetRequestSchema } from '../views/change-set.ts'
import { documentSchema } from './document.ts'
import { faultsOfZodError } from './zod-faults.ts'

function faultsOf(schema: z.ZodType, input: unknown) {
  const parsed = schema.safeParse(input)
  return parsed.success ? [] : faultsOfZodError(parsed.error, schema)
}

const pool = { name: 'web', endpoints: [{ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' }] }
const balancer = { name: 'www.example.test', zone: 'example.test', policy: { kind: 'all', pools: ['web'] } }

describe('faults of an input', () => {
  it('are reported all at once, each with its pointer', () => {
    const faults = faultsOf(documentSchema, {
      sites: [{ name: 'AMS' }, { name: 7 }],
      pools: [{ ...pool, endpoints: [{ ...pool.endpoints[0], address: '999.1.1.1' }, { name: 'b' }] }],
    })
    expect(faults.map((fault) => fault.pointer)).toEqual([
      '/sites/0/name',
      '/sites/1/name',
      '/pools/0/endpoints/0/address',
      '/pools/0/endpoints/1/address',
      '/pools/0/endpoints/1/port',
      '/pools/0/endpoints/1/site',
    ])
    expect(faults[1]?.message).toBe('text is expected, not a number')
    expect(faults[2]?.message).toContain("'999.1.1.1' is not an IP address")
    expect(faults[3]?.message).toBe('missing: text is expected')
  })

  it('name the known field that an unknown one resembles, one fault a field', () => {
    const faults = faultsOf(documentSchema, {
      pool: [],
      loadBalancers: [{ ...balancer, ttl: 5, wenDown: 1 }],
    })
    expect(faults).toEqual([
      {
        pointer: '/loadBalancers/0/ttl',
        message: expect.stringContaining('known here: minTtlSec, name, policy') as string,
      },
      { pointer: '/loadBalancers/0/wenDown', message: "unknown field 'wenDown', did you mean 'whenDown'?" },
      { pointer: '/pool', message: "unknown field 'pool', did you mean 'pools'?" },
    ])
  })

  it('escape keys in the pointer and print nothing unprintable', () => {
    const [fault] = faultsOf(documentSchema, { 'a/b~\u001b[31m': 1 })
    expect(fault?.pointer).toBe('/a~1b~0\u001b[31m')
    expect(fault?.message).not.toContain('\u001b')
  })

  it('of a discriminated union name the kinds', () => {
    const faults = faultsOf(documentSchema, { monitors: [{ kind: 'htp', name: 'x' }] })
    expect(faults).toEqual([
      { pointer: '/monitors/0/kind', message: "one of 'http', 'https', 'tcp' is expected" },
    ])
  })

  it('of a union are those of the branch that was meant', () => {
    const change = (one: unknown) => faultsOf(changeSetRequestSchema, { changes: [one] })
    expect(change({ op: 'put', kind: 'site', spec: { name: 'ams', cuntry: 'NL' } })).toEqual([
      { pointer: '/changes/0/spec/cuntry', message: "unknown field 'cuntry', did you mean 'country'?" },
    ])
    expect(change({ op: 'delete', kind: 'site' })).toEqual([
      { pointer: '/changes/0/name', message: 'missing: text is expected' },
    ])
    expect(change({ op: 'put', kind: 'sites', spec: {} })[0]?.pointer).toBe('/changes/0/kind')
    expect(change('x')).toEqual([{ pointer: '/changes/0', message: 'a set of fields is expected' }])
  })

  it('of a value that may have two types name both, or the nearer one', () => {
    const minHealthy = (value: unknown) =>
      faultsOf(documentSchema, {
        loadBalancers: [
          { ...balancer, policy: { kind: 'failover', tiers: [{ pool: 'web', minHealthy: value }] } },
        ],
      })
    expect(minHealthy(true)[0]?.message).toMatch(/or text is expected$/)
    expect(minHealthy('150%')[0]?.message).toContain("a share such as '50%'")
  })
})
