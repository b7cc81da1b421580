import { describe, expect, it } from 'vitest'
import { loadBalancerSchema } from '../model/load-balancer.ts'
import type { Candidate } from './eligibility.ts'
import { candidate, decide, pools } from './testing/candidates.ts'

const DOWN = { reason: 'down' } as const
const a = candidate('p1/a', '192.0.2.1')

describe('TTL', () => {
  const ttl = (more: object, ...given: Candidate[]) =>
    decide(
      loadBalancerSchema.parse({
        name: 'www.example.test',
        zone: 'example.test',
        policy: { kind: 'all', pools: ['p1'] },
        ...more,
      }),
      'A',
      pools(...given),
    ).record?.ttlSec
  const planned = candidate('p1/p', '192.0.2.9', { evidence: { drain: { phase: 'planned', share: 1 } } })

  it('calm, halved while one is not plainly up, shortest around a drain; never below the floor, nor above', () => {
    const off = candidate('p1/off', '192.0.2.8', { reason: 'disabled' })
    expect(ttl({}, a, off)).toBe(30)
    for (const reason of [
      'down',
      'degraded',
      'unknown',
      'held',
      'forced-up',
      'forced-down',
      'drained',
    ] as const)
      expect(ttl({}, a, candidate('p1/x', '192.0.2.8', { reason }))).toBe(15)
    expect(ttl({}, a, planned)).toBe(5)
    expect(ttl({}, a, candidate('p1/x', '192.0.2.8', { reason: 'draining' }))).toBe(5)
    const sick = candidate('p1/x', '192.0.2.8', DOWN)
    expect(ttl({ ttlSec: 7 }, a, sick)).toBe(5)
    expect(ttl({ ttlSec: 3 }, a, sick, planned)).toBe(3)
    expect(ttl({ ttlSec: 31, minTtlSec: 0 }, a, sick)).toBe(16)
    expect(ttl({ ttlSec: 0 }, a, sick)).toBe(0)
  })
})
