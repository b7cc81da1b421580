/** Candidates, balancers and answers in few words, for the tests of steering. */
import type { RecordSet } from '../../dns/record-set.ts'
import { loadBalancerSchema, type LoadBalancer } from '../../model/load-balancer.ts'
import { endpointSchema } from '../../model/pool.ts'
import type { Candidate, EligibilityReason } from '../eligibility.ts'

const ELIGIBLE: readonly EligibilityReason[] = ['unmonitored', 'up', 'degraded']
export const FIXED = { kind: 'fixed', addresses: ['198.51.100.1', '2001:db8:ffff::1'] }

export function candidate(
  key: string,
  address: string,
  rest: Partial<Candidate & { weight: number }> = {},
): Candidate {
  const [pool = '', name = ''] = key.split('/')
  const { weight = 1, reason = 'up', lastUp = 0 } = rest
  const endpoint = endpointSchema.parse({ name, address, port: 80, site: 'ams', weight })
  return { key, pool, endpoint, reason, lastUp, eligible: ELIGIBLE.includes(reason) }
}

export function pools(...candidates: Candidate[]): Map<string, Candidate[]> {
  const all = new Map<string, Candidate[]>(['p1', 'p2', 'p3'].map((name) => [name, []]))
  for (const one of candidates) all.get(one.pool)?.push(one)
  return all
}

export function balancer(policy: unknown, whenDown: unknown = { kind: 'last-healthy' }): LoadBalancer {
  return loadBalancerSchema.parse({ name: 'www.example.test', zone: 'example.test', policy, whenDown })
}

export function addressesOf(record: RecordSet | null): string[] {
  if (record === null || record.kind === 'refused') return []
  return record.kind === 'plain' ? [...record.values] : record.choices.map((choice) => choice.address)
}
