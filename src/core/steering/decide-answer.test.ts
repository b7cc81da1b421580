import { describe, expect, it } from 'vitest'
import type { LoadBalancer } from '../model/load-balancer.ts'
import type { Candidate } from './eligibility.ts'
import { addressesOf, balancer, candidate, decide, FIXED, pools } from './testing/candidates.ts'

const ALL = { kind: 'all', pools: ['p1'] }
const WEIGHTED = { kind: 'weighted', pools: ['p1'] }

function answer(
  from: LoadBalancer,
  given: Map<string, Candidate[]>,
  type: 'A' | 'AAAA' = 'A',
): readonly string[] {
  return addressesOf(decide(from, type, given).record)
}

describe('failover', () => {
  const tiers = (...needs: (number | string)[]) =>
    balancer({
      kind: 'failover',
      tiers: needs.map((minHealthy, index) => ({ pool: `p${index + 1}`, minHealthy })),
    })
  const tier = (pool: string, [up, down]: readonly [number, number], base = 0) =>
    Array.from({ length: up + down }, (_, index) =>
      candidate(`${pool}/e${index}`, `192.0.2.${base + index}`, { reason: index < up ? 'up' : 'down' }),
    )

  it('the first tier with enough answers', () => {
    expect(answer(tiers(1, 1), pools(...tier('p1', [1, 1]), ...tier('p2', [2, 0], 10)))).toEqual([
      '192.0.2.0',
    ])
    expect(answer(tiers(2, 1), pools(...tier('p1', [1, 1]), ...tier('p2', [1, 1], 10)))).toEqual([
      '192.0.2.10',
    ])
    expect(answer(tiers('50%', 1), pools(...tier('p1', [1, 1]), ...tier('p2', [1, 0], 10)))).toEqual([
      '192.0.2.0',
    ])
    expect(answer(tiers('51%', 1), pools(...tier('p1', [1, 1]), ...tier('p2', [1, 0], 10)))).toEqual([
      '192.0.2.10',
    ])
  })

  it('a share is rounded up, exactly: 55 % of 20 is 11', () => {
    const standby = tier('p2', [1, 0], 100)
    expect(answer(tiers('55%', 1), pools(...tier('p1', [11, 9]), ...standby))).toHaveLength(11)
    expect(answer(tiers('55%', 1), pools(...tier('p1', [10, 10]), ...standby))).toEqual(['192.0.2.100'])
    expect(answer(tiers('0%', 1), pools(...tier('p1', [0, 2]), ...standby))).toEqual(['192.0.2.100'])
    for (let share = 1; share <= 100; share += 1)
      for (const members of [1, 3, 7, 20, 25]) {
        const needed = Number((BigInt(share) * BigInt(members) + 99n) / 100n)
        const enough = answer(
          tiers(`${share}%`, 1),
          pools(...tier('p1', [needed, members - needed]), ...standby),
        )
        expect(enough).toHaveLength(needed)
        expect(enough).toContain('192.0.2.0')
      }
  })

  it('a share is one of the endpoints that are enabled and known: adding or disabling one fails nothing over', () => {
    const standby = candidate('p2/standby', '192.0.2.100')
    const withTwo = (reason: 'unknown' | 'disabled' | 'down') => {
      const two = [20, 21].map((host) => candidate(`p1/more${host}`, `192.0.2.${host}`, { reason }))
      return answer(tiers('60%', 1), pools(...tier('p1', [2, 0]), ...two, standby))
    }
    expect(withTwo('unknown')).toEqual(['192.0.2.0', '192.0.2.1'])
    expect(withTwo('disabled')).toEqual(['192.0.2.0', '192.0.2.1'])
    expect(withTwo('down')).toEqual(['192.0.2.100'])
    const none = candidate('p1/new', '192.0.2.20', { reason: 'unknown' })
    expect(answer(tiers('0%', 1), pools(none, standby))).toEqual(['192.0.2.100'])
  })

  it('when no tier has enough the fullest answers, the first of equals', () => {
    expect(answer(tiers(3, 3), pools(...tier('p1', [1, 1]), ...tier('p2', [2, 1], 10)))).toEqual([
      '192.0.2.10',
      '192.0.2.11',
    ])
    expect(answer(tiers(3, 3), pools(...tier('p1', [1, 1]), ...tier('p2', [1, 1], 10)))).toEqual([
      '192.0.2.0',
    ])
  })

  it('says what it passed over, and why', () => {
    const { steps } = decide(tiers(2, 1), 'A', pools(...tier('p1', [1, 1]), ...tier('p2', [1, 0], 10)))
    expect(steps).toEqual([
      'failover tier 1, pool p1: 1 of 2 eligible, 2 needed: passed over',
      'failover tier 2, pool p2: 1 of 1 eligible, 1 needed: answers',
      'TTL 15: half of 30, not below 5, since p1/e1 is down',
    ])
  })
})

describe('weighted', () => {
  it('endpoints with one address share it, and a single address is plain', () => {
    const given = pools(
      candidate('p1/a', '192.0.2.1', { weight: 2 }),
      candidate('p1/b', '192.0.2.1', { weight: 3 }),
      candidate('p1/c', '192.0.2.2', { weight: 1 }),
    )
    expect(decide(balancer(WEIGHTED), 'A', given).record).toMatchObject({
      kind: 'steered',
      selector: {
        kind: 'weighted',
        answers: 1,
        choices: [
          { value: '192.0.2.1', weight: 5 },
          { value: '192.0.2.2', weight: 1 },
        ],
      },
    })
    const one = pools(candidate('p1/a', '192.0.2.1'), candidate('p1/b', '192.0.2.2', { reason: 'down' }))
    expect(decide(balancer(WEIGHTED), 'A', one).record).toMatchObject({
      kind: 'plain',
      values: ['192.0.2.1'],
    })
  })

  it('an endpoint of weight 0 gets nothing while another is eligible, and stands in before one that is down', () => {
    const standby = candidate('p1/standby', '192.0.2.9', { weight: 0 })
    expect(answer(balancer(WEIGHTED), pools(standby, candidate('p1/a', '192.0.2.1')))).toEqual(['192.0.2.1'])
    const dead = candidate('p1/a', '192.0.2.1', { reason: 'down', lastUp: 5 })
    expect(decide(balancer(WEIGHTED), 'A', pools(standby, dead))).toMatchObject({
      rule: 'policy',
      record: { values: ['192.0.2.9'] },
    })
  })
})

describe('all', () => {
  const twenty = (rest: Parameters<typeof candidate>[2] = {}) =>
    Array.from({ length: 20 }, (_, index) => candidate(`p1/e${index}`, `192.0.2.${index}`, rest))

  it('of more than maxAnswers each query gets others, all equally often; and all of them where they fit', () => {
    const { record } = decide(balancer({ ...ALL, maxAnswers: 2 }), 'A', pools(...twenty()))
    expect(record).toMatchObject({ kind: 'steered', selector: { kind: 'weighted', answers: 2 } })
    expect(addressesOf(record)).toHaveLength(20)
    if (record?.kind !== 'steered' || record.selector.kind !== 'weighted') throw new Error('not weighted')
    expect(new Set(record.selector.choices.map(({ weight }) => weight))).toEqual(new Set([1]))
    const fits = decide(balancer({ ...ALL, maxAnswers: 20 }), 'A', pools(...twenty()))
    expect(fits.record).toMatchObject({ kind: 'plain' })
  })

  it('one that ramps up is among them as often as its share says', () => {
    const ramping = candidate('p1/new', '192.0.2.99', { evidence: { rampShare: 0.3 } })
    const { record } = decide(balancer({ ...ALL, maxAnswers: 2 }), 'A', pools(...twenty(), ramping))
    if (record?.kind !== 'steered' || record.selector.kind !== 'weighted') throw new Error('not weighted')
    const weights = record.selector.choices.map(({ value, weight }) => [value, weight])
    expect(weights).toContainEqual(['192.0.2.99', 3])
    expect(weights).toContainEqual(['192.0.2.1', 10])
  })
})

describe('an answer fits into a DNS message, whatever the pool (RFC 1035 4.2.2: 65,535 octets)', () => {
  const many = (count: number, rest: Parameters<typeof candidate>[2]) =>
    pools(
      ...Array.from({ length: count }, (_, index) =>
        candidate(`p1/e${index}`, `2001:db8::${index.toString(16)}`, rest),
      ),
    )

  it.each([
    ['all', ALL, {}],
    ['failover', { kind: 'failover', tiers: [{ pool: 'p1' }] }, {}],
    ['all down', ALL, { reason: 'down' }],
    ['all unknown', ALL, { reason: 'unknown' }],
  ] as const)('%s: 1,000 of 5,000, the same each time', (...[, policy, rest]) => {
    const given = many(5_000, rest)
    const addresses = answer(balancer(policy), given, 'AAAA')
    expect(addresses).toHaveLength(1_000)
    expect(answer(balancer(policy), given, 'AAAA')).toEqual(addresses)
  })

  it('weighted: each query gets as many as are asked for, weights of 0 in equal shares, down or not', () => {
    for (const rest of [{ weight: 0 }, { reason: 'unknown' }, { reason: 'down' }] as const)
      expect(decide(balancer({ ...WEIGHTED, answers: 3 }), 'AAAA', many(20, rest)).record).toMatchObject({
        kind: 'steered',
        selector: { kind: 'weighted', answers: 3 },
      })
  })

  it('maxAnswers holds when all are down, too', () => {
    const policy = { ...ALL, maxAnswers: 3 }
    const { record } = decide(balancer(policy), 'AAAA', many(20, { reason: 'down' }))
    expect(record).toMatchObject({ kind: 'steered', selector: { answers: 3 } })
    const all = decide(balancer(policy, { kind: 'all' }), 'AAAA', many(20, { reason: 'down' })).record
    expect(all).toMatchObject({ kind: 'steered', selector: { answers: 3 } })
  })

  it('two full pools of endpoints that are down are decided on', () => {
    const endpoint = candidate('p1/e', '192.0.2.1', { reason: 'down', lastUp: 1 })
    const given = new Map([['p1', new Array<Candidate>(200_000).fill(endpoint)]])
    expect(answer(balancer(ALL), given)).toEqual(['192.0.2.1'])
  })
})

describe('when nothing is eligible', () => {
  const DOWN = { reason: 'down' } as const

  it('last-healthy: unknown ones, then those up most recently, then all that are enabled', () => {
    const old = candidate('p1/a', '192.0.2.1', { ...DOWN, lastUp: 3 })
    const recent = candidate('p1/b', '192.0.2.2', { ...DOWN, lastUp: 8 })
    const alsoRecent = candidate('p1/c', '192.0.2.3', { ...DOWN, lastUp: 8 })
    const never = candidate('p1/d', '192.0.2.4', DOWN)
    const unknown = candidate('p1/e', '192.0.2.5', { reason: 'unknown', lastUp: 1 })
    const off = candidate('p1/f', '192.0.2.6', { reason: 'disabled', lastUp: 99 })
    const when = (...given: Candidate[]) => answer(balancer(ALL), pools(...given))
    expect(when(old, recent, never, unknown, off)).toEqual(['192.0.2.5'])
    expect(when(old, recent, alsoRecent, never, off)).toEqual(['192.0.2.2', '192.0.2.3'])
    expect(when(never, candidate('p1/g', '192.0.2.7', DOWN), off)).toEqual(['192.0.2.4', '192.0.2.7'])
  })

  it('all: every enabled endpoint', () => {
    const given = pools(
      candidate('p1/a', '192.0.2.1', { ...DOWN, lastUp: 3 }),
      candidate('p1/b', '192.0.2.2', { reason: 'unknown' }),
      candidate('p1/c', '192.0.2.3', { reason: 'disabled' }),
    )
    expect(answer(balancer(WEIGHTED, { kind: 'all' }), given)).toEqual(['192.0.2.1', '192.0.2.2'])
  })

  it.each([{ kind: 'last-healthy' }, { kind: 'all' }, { kind: 'refuse' }])(
    'a disabled endpoint is never answered with: all disabled is as none at all, %o',
    (whenDown) => {
      const off = candidate('p1/a', '192.0.2.1', { reason: 'disabled', lastUp: 9 })
      const six = candidate('p1/b', '2001:db8::1')
      for (const given of [pools(off), pools(off, six)])
        expect(decide(balancer(ALL, whenDown), 'A', given)).toMatchObject({
          record: null,
          rule: 'no-endpoints',
          candidates: [off],
        })
    },
  )

  it('fixed: the addresses of the family, and no record where none is of it', () => {
    const down = pools(candidate('p1/a', '192.0.2.1', DOWN), candidate('p1/b', '2001:db8::1', DOWN))
    expect(answer(balancer(ALL, FIXED), down)).toEqual(['198.51.100.1'])
    expect(answer(balancer(ALL, FIXED), down, 'AAAA')).toEqual(['2001:db8:ffff::1'])
    const only4 = { kind: 'fixed', addresses: ['198.51.100.1'] }
    expect(decide(balancer(ALL, only4), 'AAAA', down)).toMatchObject({
      record: null,
      rule: 'when-down',
    })
  })

  it('fixed addresses of a family that no endpoint has are not answered beside endpoints of the other', () => {
    const healthy = pools(candidate('p1/a', '192.0.2.1'))
    expect(decide(balancer(ALL, FIXED), 'AAAA', healthy)).toMatchObject({
      record: null,
      rule: 'no-endpoints',
    })
    expect(answer(balancer(ALL, FIXED), pools(), 'AAAA')).toEqual(['2001:db8:ffff::1'])
    const off = candidate('p1/a', '192.0.2.1', { reason: 'disabled' })
    expect(answer(balancer(ALL, FIXED), pools(off), 'A')).toEqual(['198.51.100.1'])
    const six = pools(candidate('p1/b', '2001:db8::1', DOWN))
    const only4 = { kind: 'fixed', addresses: ['198.51.100.1'] }
    expect(answer(balancer(ALL, only4), six, 'A')).toEqual(['198.51.100.1'])
    expect(decide(balancer(ALL, { kind: 'refuse' }), 'A', pools()).record).toBeNull()
  })

  it('refuse: an error for the family that has endpoints, nothing for the other', () => {
    const down = pools(candidate('p1/a', '192.0.2.1', DOWN))
    expect(decide(balancer(ALL, { kind: 'refuse' }), 'A', down).record).toMatchObject({
      kind: 'refused',
    })
    expect(decide(balancer(ALL, { kind: 'refuse' }), 'AAAA', down).record).toBeNull()
  })
})
