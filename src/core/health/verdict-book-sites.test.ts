import { describe, expect, it } from 'vitest'
import { intentOf } from './testing/intent.ts'
import { ReportingChecker } from './testing/reporting-checker.ts'
import { Reader, SmallWorld } from './testing/small-world.ts'
import { VerdictBook } from './verdict-book.ts'
import { votersOf } from './voters.ts'

const A = 'web/a'
const B = 'web/b'

/** Every site says up of A. */
function allUp(world: SmallWorld): void {
  for (const checker of world.checkers.keys()) world.do({ kind: 'report', checker, endpoint: A, state: 'up' })
}

describe('the sites of a VerdictBook', () => {
  it('B3 of more than five sites the first five in order vote; a site that is gone gives its place to the next', () => {
    const sites = ['s1', 's2', 's3', 's4', 's5', 's6', 's7']
    const world = new SmallWorld(sites, [new Reader()])
    const { book } = world.readers[0]!
    allUp(world)
    const voters = votersOf(A, sites)
    expect(book.verdict(A)?.votes.map((vote) => vote.site)).toEqual(voters)
    expect(book.verdict(A)?.quorum).toEqual({ down: 3, up: 3 })
    const gone = voters[0]!
    const present = sites.flatMap((site, index) => (site === gone ? [] : [index]))
    world.beat(59_000, present)
    expect(book.verdict(A)?.votes.map((vote) => vote.site)).toContain(gone)
    world.beat(3_000, present)
    const now = votersOf(
      A,
      sites.filter((site) => site !== gone),
    )
    expect(book.verdict(A)?.votes.map((vote) => vote.site)).toEqual(now)
    expect(now.filter((site) => voters.includes(site))).toHaveLength(4)
  })

  it('B4 a site that falls silent never makes the quorum smaller: the one that is left does not decide alone', () => {
    for (const count of [2, 3, 4, 5, 6]) {
      const sites = Array.from({ length: count }, (_, index) => `s${index}`)
      const world = new SmallWorld(sites, [new Reader()])
      const { book } = world.readers[0]!
      allUp(world)
      world.beat(10 * 60_000, [0])
      world.do({ kind: 'report', checker: 0, endpoint: A, state: 'down' })
      world.beat(60_000, [0])
      const q = Math.floor(Math.min(5, count) / 2) + 1
      expect(book.verdict(A)).toMatchObject({
        state: 'up',
        rule: 'hold-no-quorum',
        quorum: { down: q, up: q },
      })
      expect(world.readers[0]!.transitions).toHaveLength(1)
    }
  })

  it('B5 sites that are expected count before they are heard: the first one after a start does not decide alone', () => {
    const world = new SmallWorld(['s1', 's2', 's3'], [new Reader(['s1', 's2', 's3'])])
    const { book } = world.readers[0]!
    world.do({ kind: 'report', checker: 0, endpoint: A, state: 'down' })
    expect(book.verdict(A)).toMatchObject({ state: 'unknown', rule: 'never-decided' })
    expect(book.hasQuorumOfSites(0)).toBe(false)
    world.do({ kind: 'report', checker: 2, endpoint: A, state: 'down' })
    expect(book.verdict(A)?.state).toBe('down')
  })

  it('B14 a site that the configuration takes out for good leaves every quorum; one that is heard without it has no vote', () => {
    const sites = ['s1', 's2', 's3']
    const world = new SmallWorld(sites, [new Reader(sites)])
    const { book } = world.readers[0]!
    allUp(world)
    world.beat(120_000, [0])
    expect(book.verdict(A)).toMatchObject({ rule: 'hold-no-quorum', quorum: { down: 2, up: 2 } })
    const definitions = { [A]: 'd1', [B]: 'd1' }
    book.define(intentOf(definitions, { sites: ['s1'] }), world.nowMs)
    expect(book.verdict(A)).toMatchObject({ rule: 'quorum-up', quorum: { down: 1, up: 1 } })
    world.do({ kind: 'report', checker: 1, endpoint: A, state: 'down' })
    expect(book.verdict(A)?.votes.map(({ site }) => site)).toEqual(['s1'])
    book.define(intentOf(definitions, { sites: [...sites, 's4'] }), world.nowMs)
    expect(book.verdict(A)).toMatchObject({ state: 'up', quorum: { down: 3, up: 3 } })
  })

  it('B15 of more than K sites one that was never heard keeps its place for a minute, like one that fell silent', () => {
    const sites = ['s1', 's2', 's3', 's4', 's5', 's6']
    const voters = votersOf(A, sites)
    const late = voters[0]!
    const spare = sites.find((site) => !voters.includes(site))!
    const world = new SmallWorld(sites, [new Reader(sites)])
    const { book } = world.readers[0]!
    const heard = sites.flatMap((site, index) => (site === late ? [] : [index]))
    for (const checker of heard) world.do({ kind: 'report', checker, endpoint: A, state: 'up' })
    const voting = () => book.verdict(A)?.votes.map(({ site }) => site)
    world.beat(60_000, heard)
    expect(voting()).toEqual(voters)
    world.beat(2_000, heard)
    expect(voting()).toEqual([...voters.slice(1), spare])
    // It is back: its place is its own again.
    world.do({ kind: 'report', checker: sites.indexOf(late), endpoint: A, state: 'up' })
    expect(voting()).toEqual(voters)
  })

  it('B19 a checker that was taken out of the topology is forgotten by the first revision after it is gone', () => {
    const book = new VerdictBook()
    const heard = () => Array.from(book.ledger.checkers(), ({ checker }) => checker)
    book.define(intentOf({ [A]: 'd1' }, { sites: ['s1', 's2'] }), 0)
    for (const site of ['s1', 's2']) book.hear(new ReportingChecker(`${site}-1`, site).report(A, 'up'), 0)
    const without = intentOf({ [A]: 'd1' }, { sites: ['s1'] })
    book.define(without, 60_000)
    expect(heard()).toEqual(['s1-1', 's2-1'])
    book.define(without, 60_001)
    expect(heard()).toEqual(['s1-1'])
    expect(book.verdict(A)?.state).toBe('up')
    // Without a topology whoever was heard is one of them.
    book.define(intentOf({ [A]: 'd1' }), 1_000_000)
    expect(heard()).toEqual(['s1-1'])
  })
})
