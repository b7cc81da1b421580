/** Where answers come from: rules, tiers and latches; who stands in; and host names instead of addresses. */
import { describe, expect, it } from 'vitest'
import type { SteeredRecordSet } from '../dns/record-set.ts'
import type { Decision } from './decision.ts'
import type { Candidate } from './eligibility.ts'
import { clientMaps, sites } from './testing/any-steering.ts'
import { addressesOf, balancer, candidate, decide, FIXED, pools } from './testing/candidates.ts'

const DOWN = { reason: 'down' } as const
const a = candidate('p1/a', '192.0.2.1')
const b = candidate('p2/b', '192.0.2.2')
const c = candidate('p3/c', '192.0.2.3')

function selectorOf({ record }: Decision): SteeredRecordSet['selector'] {
  if (record?.kind !== 'steered') throw new Error(`a steered record set was expected, not ${record?.kind}`)
  return record.selector
}

function leaf(...values: string[]) {
  return { kind: 'values', values }
}

describe('rules', () => {
  const byContinent = { when: { continents: ['NA', 'EU'] }, pools: ['p1'] }
  const byOffice = { when: { clientMap: { map: 'offices', entries: ['ams'] } }, pools: ['p2'] }
  const from = (...rules: object[]) => balancer({ kind: 'all', pools: ['p3'], rules })
  const beside = { clientMaps, sites }

  it('in order, before the policy; a client map with what takes clients away from it', () => {
    expect(selectorOf(decide(from(byContinent, byOffice), 'A', pools(a, b, c), beside))).toEqual({
      kind: 'by-client',
      branches: [
        { when: { kind: 'continents', continents: ['EU', 'NA'] }, then: leaf('192.0.2.1') },
        {
          when: {
            kind: 'prefixes',
            map: 'offices',
            include: ['2001:db8:a::/48', '203.0.113.0/24'],
            exclude: ['203.0.113.128/25'],
          },
          then: leaf('192.0.2.2'),
        },
      ],
      otherwise: leaf('192.0.2.3'),
    })
    const lab = { when: { clientMap: { map: 'offices', entries: ['lab'] } }, pools: ['p1'] }
    expect(selectorOf(decide(from(lab), 'A', pools(a, c), beside))).toMatchObject({
      branches: [{ when: { include: ['203.0.113.128/25'], exclude: [] } }],
    })
  })

  it('one with nothing eligible is passed over, and one that changes nothing is not published', () => {
    const down = candidate('p1/a', '192.0.2.1', DOWN)
    const passed = decide(from(byContinent, byOffice), 'A', pools(down, b, c), beside)
    expect(selectorOf(passed)).toMatchObject({ branches: [{ then: leaf('192.0.2.2') }] })
    expect(passed.routes).toMatchObject([
      { route: -1, rule: 'policy', eligible: ['p3/c'] },
      { route: 0, rule: 'passed-over', eligible: [] },
      { route: 1, rule: 'policy', eligible: ['p2/b'] },
    ])
    expect(passed.steps).toContain(
      'clients in NA, EU: nothing eligible there, so the next rules and the policy decide',
    )
    expect(decide(from(byContinent), 'A', pools(down, c), beside).record).toMatchObject({ kind: 'plain' })
    const same = { ...byContinent, pools: ['p3'] }
    expect(decide(from(same), 'A', pools(c), beside).record).toMatchObject({ values: ['192.0.2.3'] })
  })

  it('where the policy itself has nothing, its clients get the all-down mode, not what rules keep for others', () => {
    const dead = candidate('p3/c', '192.0.2.3', { ...DOWN, lastUp: 1 })
    const decided = decide(from(byContinent), 'A', pools(a, dead), beside)
    expect(decided.rule).toBe('when-down')
    expect(selectorOf(decided)).toMatchObject({
      branches: [{ then: leaf('192.0.2.1') }],
      otherwise: leaf('192.0.2.3'),
    })
    const otherwise = (whenDown: object, given = pools(a, dead)) => {
      const one = balancer({ kind: 'all', pools: ['p3'], rules: [byContinent] }, whenDown)
      return (selectorOf(decide(one, 'A', given, beside)) as { otherwise: unknown }).otherwise
    }
    expect(otherwise({ kind: 'refuse' })).toEqual({ kind: 'refuse' })
    expect(otherwise({ kind: 'empty' })).toEqual({ kind: 'empty' })
    expect(otherwise(FIXED)).toEqual(leaf('198.51.100.1'))
    expect(otherwise({ kind: 'cname', target: 'sorry.elsewhere.test' })).toEqual(leaf('192.0.2.3'))
    expect(otherwise({ kind: 'last-healthy' }, pools(a))).toEqual({ kind: 'empty' })
  })

  it('where nothing is eligible at all, each route has stand-ins of its own: clients stay where they were', () => {
    const [p1, p3] = [candidate('p1/a', '192.0.2.1', DOWN), candidate('p3/c', '192.0.2.3', DOWN)]
    expect(selectorOf(decide(from(byContinent), 'A', pools(p1, p3), beside))).toMatchObject({
      branches: [{ then: leaf('192.0.2.1') }],
      otherwise: leaf('192.0.2.3'),
    })
    const fixed = balancer({ kind: 'all', pools: ['p3'], rules: [byContinent] }, FIXED)
    expect(decide(fixed, 'A', pools(p1, p3), beside).record).toMatchObject({ values: ['198.51.100.1'] })
  })
})

describe('tiers under any method, and latches', () => {
  const tiers = [{ pool: 'p1' }, { pool: 'p2' }, { pool: 'p3' }]
  const two = [candidate('p2/b', '192.0.2.2', { weight: 3 }), candidate('p2/d', '192.0.2.4')]

  it('the method chooses within the tier that answers', () => {
    const given = pools(candidate('p1/a', '192.0.2.1', DOWN), ...two, c)
    expect(selectorOf(decide(balancer({ kind: 'weighted', tiers }), 'A', given))).toEqual({
      kind: 'weighted',
      answers: 1,
      choices: [
        { value: '192.0.2.2', weight: 3 },
        { value: '192.0.2.4', weight: 1 },
      ],
    })
    const sticky = balancer({ kind: 'sticky', tiers, ipv4PrefixBits: 16 })
    expect(selectorOf(decide(sticky, 'A', given))).toMatchObject({
      kind: 'sticky',
      ipv4PrefixBits: 16,
      ipv6PrefixBits: 56,
      choices: [{ weight: 3 }, { weight: 1 }],
    })
  })

  it('what the budget holds keeps no tier in place while another one can do without such', () => {
    const held = candidate('p1/a', '192.0.2.1', { reason: 'held' })
    const failover = balancer({ kind: 'failover', tiers })
    const down = candidate('p2/b', '192.0.2.2', DOWN)
    expect(addressesOf(decide(failover, 'A', pools(held, down, c)).record)).toEqual(['192.0.2.3'])
    const last = candidate('p3/c', '192.0.2.3', DOWN)
    expect(addressesOf(decide(failover, 'A', pools(held, down, last)).record)).toEqual(['192.0.2.1'])
    const beside = candidate('p1/e', '192.0.2.5')
    expect(addressesOf(decide(failover, 'A', pools(held, beside, c)).record)).toEqual([
      '192.0.2.1',
      '192.0.2.5',
    ])
  })

  it('nearest gives each its site, and all where all are answered with', () => {
    const far = candidate('p1/f', '192.0.2.9', { site: 'sgp' })
    const nearest = (answers: number) => balancer({ kind: 'nearest', pools: ['p1'], answers })
    expect(selectorOf(decide(nearest(1), 'A', pools(a, far), { sites }))).toEqual({
      kind: 'nearest',
      answers: 1,
      choices: [
        { value: '192.0.2.1', latitude: 0, longitude: 0 },
        { value: '192.0.2.9', latitude: 20, longitude: 80 },
      ],
    })
    expect(decide(nearest(2), 'A', pools(a, far), { sites }).record).toMatchObject({ kind: 'plain' })
    expect(addressesOf(decide(nearest(1), 'A', pools(a, far)).record)).toHaveLength(2)
  })

  it('a latched tier answers although an earlier one is back, and an earlier one before a tier that has too few', () => {
    const latch = balancer({ kind: 'failover', tiers, latch: true })
    const at = (tier: number, ...given: Candidate[]) => {
      const decided = decide(latch, 'A', pools(...given), { latchedTier: () => tier })
      return [addressesOf(decided.record), decided.routes[0]?.tier]
    }
    expect(at(0, a, b, c)).toEqual([['192.0.2.1'], 0])
    expect(at(1, a, b, c)).toEqual([['192.0.2.2'], 1])
    expect(at(1, a, c)).toEqual([['192.0.2.3'], 2])
    expect(at(1, a)).toEqual([['192.0.2.1'], 0])
    const unlatched = decide(balancer({ kind: 'failover', tiers }), 'A', pools(a, b), {
      latchedTier: () => 1,
    })
    expect(addressesOf(unlatched.record)).toEqual(['192.0.2.1'])
    const { steps } = decide(latch, 'A', pools(a, b, c), { latchedTier: () => 1 })
    expect(steps[0]).toBe('failover: latched on tier 2 until a failback')
  })

  it('tells whether a tier answers by a failover, or because those before it are not known yet', () => {
    const settled = (reason: 'down' | 'unknown') => {
      const first = candidate('p1/a', '192.0.2.1', { reason })
      return decide(balancer({ kind: 'failover', tiers }), 'A', pools(first, b)).routes[0]
    }
    expect(settled('down')).toMatchObject({ tier: 1, isSettled: true })
    expect(settled('unknown')).toMatchObject({ tier: 1, isSettled: false })
  })
})

describe('who stands in when nothing is eligible', () => {
  const when = (whenDown: object, ...given: Candidate[]) =>
    addressesOf(decide(balancer({ kind: 'all', pools: ['p1'] }, whenDown), 'A', pools(...given)).record)
  const drained = candidate('p1/drained', '192.0.2.5', { reason: 'drained' })
  const unknown = candidate('p1/new', '192.0.2.6', { reason: 'unknown' })
  const forced = candidate('p1/forced', '192.0.2.7', { reason: 'forced-down', lastUp: 9 })
  const down = candidate('p1/down', '192.0.2.8', { ...DOWN, lastUp: 3 })

  it('last-healthy: drained ones that are up, then unknown ones, then those up last, forced ones after all', () => {
    const mode = { kind: 'last-healthy' }
    expect(when(mode, drained, unknown, forced, down)).toEqual(['192.0.2.5'])
    expect(when(mode, unknown, forced, down)).toEqual(['192.0.2.6'])
    expect(when(mode, forced, down)).toEqual(['192.0.2.8'])
    expect(when(mode, forced)).toEqual(['192.0.2.7'])
  })

  it('all: everything but what is forced down, as long as there is anything else', () => {
    expect(when({ kind: 'all' }, drained, unknown, forced, down)).toEqual([
      '192.0.2.5',
      '192.0.2.6',
      '192.0.2.8',
    ])
    expect(when({ kind: 'all' }, forced)).toEqual(['192.0.2.7'])
  })

  it('the method chooses among them, so that clients stay where they are', () => {
    const sticky = balancer({ kind: 'sticky', pools: ['p1'] }, { kind: 'all' })
    expect(selectorOf(decide(sticky, 'A', pools(unknown, down)))).toMatchObject({
      kind: 'sticky',
      answers: 1,
    })
  })

  it('empty: nothing at all; cname: an alias of the whole name, whatever is asked for', () => {
    const six = candidate('p1/six', '2001:db8::1', DOWN)
    const empty = balancer({ kind: 'all', pools: ['p1'] }, { kind: 'empty' })
    expect(decide(empty, 'A', pools(down))).toMatchObject({ record: null, rule: 'when-down' })
    const cname = balancer({ kind: 'all', pools: ['p1'] }, { kind: 'cname', target: 'sorry.elsewhere.test' })
    expect(decide(cname, 'CNAME', pools(down, six)).record).toMatchObject({
      kind: 'plain',
      type: 'CNAME',
      ttlSec: 15,
      values: ['sorry.elsewhere.test'],
    })
    expect(decide(cname, 'A', pools(down, six))).toMatchObject({ record: null, rule: 'when-down' })
    expect(decide(cname, 'CNAME', pools()).record).toMatchObject({ values: ['sorry.elsewhere.test'] })
    const half = pools(down, candidate('p1/six', '2001:db8::1'))
    expect(addressesOf(decide(cname, 'A', half).record)).toEqual(['192.0.2.8'])
    expect(() => decide(cname, 'CNAME', half)).toThrow('nothing was decided')
  })
})

describe('host names', () => {
  const [x, y] = [candidate('p1/x', 'x.cdn.test'), candidate('p1/y', 'y.cdn.test')]

  it('are answered as one CNAME: the same for all where there is one, else one of them for each query', () => {
    const one = balancer({ kind: 'all', pools: ['p1'] })
    expect(decide(one, 'CNAME', pools(x)).record).toMatchObject({ kind: 'plain', values: ['x.cdn.test'] })
    expect(selectorOf(decide(one, 'CNAME', pools(x, y)))).toEqual({
      kind: 'weighted',
      answers: 1,
      choices: [
        { value: 'x.cdn.test', weight: 1 },
        { value: 'y.cdn.test', weight: 1 },
      ],
    })
    expect(() => decide(one, 'A', pools(x, y))).toThrow('nothing was decided')
    const many = balancer({ kind: 'sticky', pools: ['p1'], answers: 2 })
    expect(selectorOf(decide(many, 'CNAME', pools(x, y)))).toMatchObject({ kind: 'sticky', answers: 1 })
  })

  it('when all are down: one that stands in, an alias of another name, fixed addresses, or an error', () => {
    const down = pools(candidate('p1/x', 'x.cdn.test', DOWN))
    const by = (whenDown: object) => balancer({ kind: 'all', pools: ['p1'] }, whenDown)
    expect(addressesOf(decide(by({ kind: 'last-healthy' }), 'CNAME', down).record)).toEqual(['x.cdn.test'])
    expect(addressesOf(decide(by({ kind: 'cname', target: 's.test' }), 'CNAME', down).record)).toEqual([
      's.test',
    ])
    expect(decide(by({ kind: 'refuse' }), 'CNAME', down).record).toMatchObject({
      kind: 'refused',
      type: 'CNAME',
    })
    expect(decide(by(FIXED), 'CNAME', down).record).toBeNull()
    expect(addressesOf(decide(by(FIXED), 'A', down).record)).toEqual(['198.51.100.1'])
    expect(addressesOf(decide(by(FIXED), 'AAAA', down).record)).toEqual(['2001:db8:ffff::1'])
    expect(decide(by(FIXED), 'A', pools(x)).record).toBeNull()
  })
})
