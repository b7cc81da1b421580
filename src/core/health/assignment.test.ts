import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignmentOf, CHECKERS_PER_ENDPOINT, sparesOf, type Assignment } from './assignment.ts'
import { electorateOf, type Judging } from './electorate.ts'
import type { Topology } from './topology.ts'
import { votersOf } from './voters.ts'

/** Sites s1, s2 and so on with so many checkers each, 's1-1' and so on. */
function topologyWith(...counts: number[]): Topology {
  return new Map(
    counts.map((count, site) => [
      `s${site + 1}`,
      Array.from({ length: count }, (_, index) => ({
        name: `s${site + 1}-${index + 1}`,
        address: '192.0.2.1',
        port: 7_000,
      })),
    ]),
  )
}

function everybody(
  endpoint: string,
  topology: Topology,
  {
    gone = [],
    judging = {},
  }: { readonly gone?: readonly string[]; readonly judging?: Partial<Judging> } = {},
): Map<string, Assignment> {
  const electorate = electorateOf([{ quorum: 'majority', voters: 5, ...judging }])
  const isGone = (name: string) => gone.includes(name)
  const peers = { topology, isSiteGone: isGone, isCheckerGone: isGone }
  const found = new Map<string, Assignment>()
  for (const [site, checkers] of topology)
    for (const { name } of checkers) {
      const assignment = assignmentOf(endpoint, electorate, { name, site, peers })
      if (assignment !== null) found.set(name, assignment)
    }
  return found
}

const siteOf = (checker: string) => checker.split('-')[0]!
const sitesOf = (assignments: ReadonlyMap<string, Assignment>, kind: Assignment['kind']) =>
  [
    ...new Set(Array.from(assignments).flatMap(([name, one]) => (one.kind === kind ? siteOf(name) : []))),
  ].sort()

const anyCounts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 9 })
const anyKey = fc.string({ minLength: 1, maxLength: 20 })

describe('assignmentOf', () => {
  it('A1 without a topology, whoever runs probes everything and votes', () => {
    const peers = { topology: new Map(), isSiteGone: () => false, isCheckerGone: () => false }
    const electorate = electorateOf([{ quorum: 'majority', voters: 5 }])
    expect(assignmentOf('p/e', electorate, { name: 'c', site: 's', peers })).toEqual({
      kind: 'voter',
      offset: 0,
    })
  })

  it('A2 whoever votes for a reader probes at the full rate, whoever is gone', () => {
    fc.assert(
      fc.property(anyCounts, anyKey, fc.array(fc.boolean()), (counts, endpoint, flags) => {
        const topology = topologyWith(...counts)
        const sites = [...topology.keys()]
        const gone = sites.filter((_, index) => flags[index])
        const present = sites.filter((site) => !gone.includes(site))
        const voters = votersOf(endpoint, sites, { isGone: (site) => gone.includes(site) })
        const probing = sitesOf(everybody(endpoint, topology, { gone }), 'voter')
        for (const site of voters) if (present.includes(site)) expect(probing).toContain(site)
        if (gone.length === 0) expect(probing).toEqual([...voters].sort())
      }),
    )
  })

  it('A3 the next sites in order are spares: as many as may fall silent, one at least', () => {
    expect([1, 3, 5, 7].map(sparesOf)).toEqual([1, 1, 2, 3])
    fc.assert(
      fc.property(anyCounts, anyKey, (counts, endpoint) => {
        const topology = topologyWith(...counts)
        const all = everybody(endpoint, topology)
        const spares = sitesOf(all, 'spare')
        expect(spares).toHaveLength(Math.max(0, Math.min(2, counts.length - 5)))
        // The first of them is the one that votes when a voter is gone.
        const [gone] = sitesOf(all, 'voter')
        const after = sitesOf(everybody(endpoint, topology, { gone: [gone!] }), 'voter')
        for (const site of after) expect([...sitesOf(all, 'voter'), ...spares]).toContain(site)
      }),
    )
  })

  it('A4 in each site three of its checkers probe an endpoint, all where there are no more, and they share evenly', () => {
    const topology = topologyWith(1, 3, 6)
    const shares = new Map<string, number>()
    for (let index = 0; index < 2_000; index += 1) {
      const names = [...everybody(`p/e${index}`, topology).keys()]
      const inSite = (site: string) => names.filter((name) => siteOf(name) === site).length
      expect([inSite('s1'), inSite('s2'), inSite('s3')]).toEqual([1, 3, CHECKERS_PER_ENDPOINT])
      for (const name of names) shares.set(name, (shares.get(name) ?? 0) + 1)
    }
    for (let index = 1; index <= 6; index += 1) {
      expect(shares.get(`s3-${index}`)).toBeGreaterThan(900)
      expect(shares.get(`s3-${index}`)).toBeLessThan(1_100)
    }
  })

  it('A5 the share of a checker that is gone goes to the others of its site', () => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 1, max: 5 }), (endpoint, dead) => {
        const topology = topologyWith(5, 1)
        const before = [...everybody(endpoint, topology).keys()]
        const name = `s1-${dead}`
        const after = [...everybody(endpoint, topology, { gone: [name] }).keys()]
        // A checker never thinks itself gone: what it would do alone is not counted.
        const others = after.filter((one) => one !== name && siteOf(one) === 's1')
        expect(others).toHaveLength(3)
        for (const one of before) if (one !== name) expect(after).toContain(one)
      }),
    )
  })

  it('A6 a monitor says who may vote and how many; who is not in the configuration has no part', () => {
    const topology = topologyWith(1, 1, 1, 1, 1, 1, 1)
    const judging = { vantage: { sites: ['s2', 's4', 's6', 's7'] }, voters: 3 }
    const all = everybody('p/e', topology, { judging })
    expect(sitesOf(all, 'voter')).toHaveLength(3)
    expect([...sitesOf(all, 'voter'), ...sitesOf(all, 'spare')].sort()).toEqual(judging.vantage.sites)
    const electorate = electorateOf([{ quorum: 'majority', voters: 5 }])
    const peers = { topology, isSiteGone: () => false, isCheckerGone: () => false }
    for (const [name, site] of [
      ['s1-9', 's1'],
      ['x-1', 'x'],
    ] as const)
      expect(assignmentOf('p/e', electorate, { name, site, peers })).toBeNull()
  })

  it('A7 the probes of all voters are evenly apart over the interval', () => {
    fc.assert(
      fc.property(
        anyKey,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        (key, sites, each) => {
          const all = everybody(key, topologyWith(...Array.from({ length: sites }, () => each)))
          const offsets = Array.from(all.values(), ({ offset }) => offset).sort((a, b) => a - b)
          for (const [index, offset] of offsets.entries()) expect(offset).toBeCloseTo(index / (sites * each))
        },
      ),
    )
  })
})
