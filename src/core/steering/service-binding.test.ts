import { describe, expect, it } from 'vitest'
import { loadBalancerSchema, type LoadBalancer } from '../model/load-balancer.ts'
import { addressesOf, candidate, decide, pools } from './testing/candidates.ts'

const DOWN = { reason: 'down' } as const
const a = candidate('p1/a', '192.0.2.1')

describe('service bindings (RFC 9460)', () => {
  const bound = (policy: object, more: object = {}): LoadBalancer =>
    loadBalancerSchema.parse({
      name: 'www.example.test',
      zone: 'example.test',
      policy,
      serviceBinding: { alpn: ['h2', 'h3'], port: 8443 },
      ...more,
    })
  const six = candidate('p1/six', '2001:db8::1')
  const all = { kind: 'all', pools: ['p1'] }

  it('hints are what the addresses are, where they are the same for all', () => {
    const more = candidate('p1/more', '192.0.2.9')
    expect(decide(bound(all), 'HTTPS', pools(a, more, six)).record).toEqual({
      kind: 'plain',
      name: 'www.example.test',
      type: 'HTTPS',
      ttlSec: 30,
      values: ['1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.9 ipv6hint=2001:db8::1'],
    })
    const weighted = decide(bound({ kind: 'weighted', pools: ['p1'] }), 'HTTPS', pools(a, more, six))
    expect(addressesOf(weighted.record)).toEqual(['1 . alpn=h2,h3 port=8443 ipv6hint=2001:db8::1'])
    const bare = bound(all, { serviceBinding: { type: 'SVCB', priority: 7 } })
    expect(addressesOf(decide(bare, 'SVCB', pools(a)).record)).toEqual(['7 . ipv4hint=192.0.2.1'])
    expect(() => decide(bare, 'HTTPS', pools(a))).toThrow('nothing was decided')
  })

  it('none where no address is answered, an error where they are refused, the shortest TTL of theirs', () => {
    const off = pools(candidate('p1/a', '192.0.2.1', { reason: 'disabled' }))
    expect(decide(bound(all), 'HTTPS', off)).toMatchObject({ record: null, rule: 'no-endpoints' })
    const refuse = bound(all, { whenDown: { kind: 'refuse' } })
    const down = pools(candidate('p1/a', '192.0.2.1', DOWN))
    expect(decide(refuse, 'HTTPS', down).record).toMatchObject({ kind: 'refused', type: 'HTTPS' })
    expect(decide(bound(all), 'HTTPS', down).record).toMatchObject({ ttlSec: 15 })
  })
})
