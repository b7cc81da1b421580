import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { monitorSchema } from '../model/monitor.ts'
import { electorateConflict, electorateOf, quorumAt, type Judging } from './electorate.ts'

function judging(fields: Partial<Judging> = {}): Judging {
  return { quorum: 'majority', voters: 5, ...fields }
}

const anyQuorum = fc.oneof(
  fc.constant('majority' as const),
  fc.record({ down: fc.integer({ min: 1, max: 7 }), up: fc.integer({ min: 1, max: 7 }) }),
)
const anyVantage = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 })
/** As the schema lets them pass. */
const anyJudging: fc.Arbitrary<Judging> = fc
  .record(
    {
      quorum: anyQuorum,
      vantage: anyVantage.map((sites) => ({ sites })),
      voters: fc.constantFrom(1, 3, 5, 7),
    },
    { requiredKeys: ['quorum', 'voters'] },
  )
  .filter((fields) => monitorSchema.safeParse({ kind: 'tcp', name: 'm', ...fields }).success)

describe('electorateOf', () => {
  it('E1 by default five of all sites, and a majority of them', () => {
    const electorate = electorateOf([judging()])
    expect(electorate).toMatchObject({ sites: null, voters: 5 })
    for (const [places, q] of [
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 3],
      [5, 3],
    ] as const)
      expect(quorumAt(electorate, places)).toEqual({ down: q, up: q })
  })

  it('E2 an explicit quorum is asked for as it stands; of fewer sites all must agree', () => {
    const electorate = electorateOf([judging({ quorum: { down: 4, up: 2 } })])
    expect(quorumAt(electorate, 5)).toEqual({ down: 4, up: 2 })
    expect(quorumAt(electorate, 3)).toEqual({ down: 3, up: 2 })
    expect(quorumAt(electorate, 1)).toEqual({ down: 1, up: 1 })
  })

  it('E3 of several monitors the strictest: sites in common, the most voters, the largest quorum', () => {
    const electorate = electorateOf([
      judging({ voters: 3, vantage: { sites: ['c', 'b', 'a'] } }),
      judging({ voters: 5, quorum: { down: 5, up: 1 } }),
      judging({ vantage: { sites: ['d', 'c', 'a'] } }),
    ])
    expect(electorate).toMatchObject({ sites: ['a', 'c'], voters: 5 })
    expect(quorumAt(electorate, 5)).toEqual({ down: 5, up: 3 })
  })

  it('E4 what cannot work together is said in words', () => {
    const conflict = (...monitors: Partial<Judging>[]) => electorateConflict(monitors.map(judging))
    expect(conflict()).toBeNull()
    expect(conflict({}, { quorum: { down: 5, up: 1 } })).toBeNull()
    expect(conflict({ vantage: { sites: ['a'] } }, { vantage: { sites: ['b'] } })).toBe(
      'its monitors have no site in common that may vote (vantage.sites)',
    )
    expect(conflict({ quorum: { down: 4, up: 2 } }, { vantage: { sites: ['a', 'b', 'c'] } })).toBe(
      'its monitors together leave 3 sites that vote, and one of them asks for 4 (quorum)',
    )
  })

  it('I4 E5 whatever passes, down and up never hold together, however few sites there are', () => {
    fc.assert(
      fc.property(fc.array(anyJudging, { minLength: 1, maxLength: 3 }), fc.nat(7), (monitors, sites) => {
        fc.pre(electorateConflict(monitors) === null)
        const electorate = electorateOf(monitors)
        const places = Math.min(electorate.voters, electorate.sites?.length ?? 7, sites)
        const { down, up } = quorumAt(electorate, places)
        expect(down + up).toBeGreaterThanOrEqual(places + 1)
        if (places > 0) expect(Math.max(down, up)).toBeLessThanOrEqual(places)
      }),
    )
  })
})
