import { describe, expect, it } from 'vitest'
import { intentOf } from './testing/intent.ts'
import { ReportingChecker } from './testing/reporting-checker.ts'
import { Reader, SmallWorld } from './testing/small-world.ts'
import { VerdictBook } from './verdict-book.ts'
import { votersOf } from './voters.ts'

const A = 'web/a'
const B = 'web/b'

function bookOf(endpoints: readonly string[] = [A, B]): VerdictBook {
  const book = new VerdictBook()
  book.define(intentOf(Object.fromEntries(endpoints.map((endpoint) => [endpoint, 'd1']))), 0)
  return book
}

/** Every site says `state` of A. */
function agree(world: SmallWorld, state: 'up' | 'down'): void {
  for (const checker of world.checkers.keys()) world.do({ kind: 'report', checker, endpoint: A, state })
}

describe('VerdictBook', () => {
  it('B1 a frame changes the verdicts of what it names, at once, and says which', () => {
    const book = bookOf()
    const checker = new ReportingChecker('c1')
    const { transitions } = book.hear(checker.report(A, 'up'), 0)
    expect(transitions).toMatchObject([
      { endpoint: A, from: { state: 'unknown' }, to: { state: 'up', rule: 'quorum-up' } },
    ])
    expect(book.hear(checker.report(A, 'suspect'), 1).transitions).toEqual([])
    expect(book.hear(checker.report(A, 'down'), 2).transitions).toMatchObject([{ to: { state: 'down' } }])
    expect(book.hear(checker.report('gone/x', 'down'), 3).transitions).toEqual([])
    expect(book.verdict(B)?.state).toBe('unknown')
    expect(book.verdict('gone/x')).toBeUndefined()
    const degraded = book.hear(checker.report(A, 'up', { degraded: true }), 4).transitions
    expect(degraded).toMatchObject([{ to: { state: 'up', degraded: true } }])
  })

  it('B2 a lease that ran out is no vote: the verdict holds, and falls only after settling', () => {
    const world = new SmallWorld(['ams'], [new Reader()])
    const [reader] = world.readers
    agree(world, 'up')
    world.do({ kind: 'wait', ms: 3_500 })
    expect(reader!.book.verdict(A)).toMatchObject({ state: 'up', rule: 'quorum-up' })
    world.do({ kind: 'wait', ms: 1 })
    expect(reader!.book.verdict(A)).toMatchObject({ state: 'up', rule: 'hold-no-quorum' })
    world.do({ kind: 'wait', ms: 10 * 60_000 })
    expect(reader!.book.verdict(A)?.state).toBe('up')
    agree(world, 'down')
    expect(reader!.book.verdict(A)).toMatchObject({ state: 'up', rule: 'hold-settling' })
    world.beat(9_000)
    expect(reader!.book.verdict(A)?.state).toBe('up')
    world.beat(2_000)
    expect(reader!.book.verdict(A)).toMatchObject({ state: 'down', rule: 'quorum-down' })
  })

  it('V21 after a lost quorum all of the sites are needed to end an up at once, silent and gone ones too', () => {
    const sites = ['s1', 's2', 's3', 's4', 's5']
    const afterSilence = (voting: number) => {
      const world = new SmallWorld(sites, [new Reader()])
      agree(world, 'up')
      world.do({ kind: 'wait', ms: 4_000 })
      expect(world.readers[0]!.book.verdict(A)?.rule).toBe('hold-no-quorum')
      for (let checker = 0; checker < voting; checker += 1)
        world.do({ kind: 'report', checker, endpoint: A, state: 'down' })
      return world.readers[0]!.book.verdict(A)
    }
    for (const voting of [3, 4])
      expect(afterSilence(voting)).toMatchObject({ state: 'up', rule: 'hold-settling' })
    expect(afterSilence(5)).toMatchObject({ state: 'down', rule: 'quorum-down' })
  })

  it('B16 each endpoint has the electorate of its monitors: vantage, voters and quorum', () => {
    const sites = ['s1', 's2', 's3', 's4', 's5']
    const book = new VerdictBook()
    const few = intentOf({ [A]: 'd1' }, { judging: { voters: 3, quorum: { down: 3, up: 1 } } })
    const near = intentOf({ [B]: 'd1' }, { judging: { vantage: { sites: ['s2', 's4'] } }, sites })
    book.define({ endpoints: new Map([...few.endpoints, ...near.endpoints]), topology: near.topology }, 0)
    const checkers = sites.map((site) => new ReportingChecker(`${site}-1`, site))
    for (const checker of checkers)
      for (const endpoint of [A, B]) book.hear(checker.report(endpoint, 'down'), 0)
    expect(book.verdict(A)).toMatchObject({ state: 'down', quorum: { down: 3, up: 1 } })
    expect(book.verdict(A)?.votes.map(({ site }) => site)).toEqual(votersOf(A, sites, { voters: 3 }))
    expect(book.verdict(B)).toMatchObject({ state: 'down', quorum: { down: 2, up: 2 } })
    expect(book.verdict(B)?.votes.map(({ site }) => site)).toEqual(['s2', 's4'])
    const voter = checkers.find(({ site }) => site === votersOf(A, sites, { voters: 3 })[1])!
    expect(book.hear(voter.report(A, 'up'), 1).transitions).toMatchObject([{ to: { state: 'up' } }])
    expect(book.hasQuorumOfSites(1)).toBe(true)
  })

  it('B17 what monitors ask of the count may change without a new vote', () => {
    const sites = ['s1', 's2', 's3']
    const book = new VerdictBook()
    book.define(intentOf({ [A]: 'd1' }, { sites, judging: { quorum: { down: 3, up: 3 } } }), 0)
    const [one, two] = sites.map((site) => new ReportingChecker(`${site}-1`, site))
    for (const checker of [one!, two!]) book.hear(checker.report(A, 'up'), 0)
    expect(book.verdict(A)?.state).toBe('unknown')
    expect(book.define(intentOf({ [A]: 'd1' }, { sites }), 1)).toMatchObject([
      { endpoint: A, from: { state: 'unknown' }, to: { state: 'up', rule: 'quorum-up' } },
    ])
  })

  it('B18 the evidence is that of the last evaluation: votes with every ballot, quorum, rule', () => {
    const world = new SmallWorld(['s1', 's1', 's2'], [new Reader()])
    const { book } = world.readers[0]!
    agree(world, 'up')
    world.do({ kind: 'report', checker: 1, endpoint: A, state: 'down' })
    world.do({ kind: 'restart', checker: 0 })
    expect(book.verdict(A)).toMatchObject({
      state: 'up',
      rule: 'hold-no-quorum',
      quorum: { down: 2, up: 2 },
      votes: [
        {
          site: 's1',
          vote: null,
          ballots: [
            { checker: 's1-0', live: true, lastWord: 'up' },
            { checker: 's1-1', live: true, state: 'down' },
          ],
        },
        { site: 's2', vote: 'up', ballots: [{ checker: 's2-2', live: true, state: 'up' }] },
      ],
    })
    expect(book.verdict(A)?.votes[0]?.ballots[0]).not.toHaveProperty('state')
    expect(book.standing(A)).not.toHaveProperty('votes')
    expect(book.verdict('gone/x')).toBeUndefined()
    expect(book.standing('gone/x')).toBeUndefined()
  })

  it('B6 a new definition: the old verdict stands, votes under the old one no longer count', () => {
    const book = bookOf([A])
    const checker = new ReportingChecker('c1')
    book.hear(checker.report(A, 'up'), 0)
    expect(book.define(intentOf({ [A]: 'd2' }), 1)).toEqual([])
    expect(book.verdict(A)).toMatchObject({ state: 'up', rule: 'hold-no-quorum' })
    expect(book.hear(checker.report(A, 'down'), 2).transitions).toEqual([])
    book.hear(checker.report(A, 'down', { definition: 'd2' }), 3)
    expect(book.verdict(A)).toMatchObject({ state: 'up', rule: 'hold-settling' })
    book.hear(checker.report(A, 'up', { definition: 'd2' }), 4)
    expect(book.verdict(A)).toMatchObject({ state: 'up', rule: 'quorum-up' })
  })

  it('B7 a checker may know a definition before the reader does: its votes count as soon as the reader has it too', () => {
    const book = new VerdictBook()
    const checker = new ReportingChecker('c1')
    book.hear(checker.report(A, 'up'), 0)
    expect(book.verdict(A)).toBeUndefined()
    expect(book.define(intentOf({ [A]: 'd1' }), 1)).toMatchObject([{ endpoint: A, to: { state: 'up' } }])
    expect(book.definition(A)).toBe('d1')
  })

  it('B8 an endpoint that left the configuration leaves the book, and comes back as a new one', () => {
    const book = new VerdictBook()
    book.restore([{ endpoint: A, state: 'up', degraded: false, lastUp: 3 }])
    book.define(intentOf({ [A]: 'd1' }), 0)
    expect(book.verdict(A)?.state).toBe('up')
    book.define(intentOf({ [B]: 'd1' }), 1)
    expect(Array.from(book.standings(), ([endpoint]) => endpoint)).toEqual([B])
    expect([...book.save()]).toEqual([])
    book.define(intentOf({ [A]: 'd1' }), 2)
    expect(book.verdict(A)).toMatchObject({ state: 'unknown', lastUp: 0 })
  })

  it('B9 a restored verdict holds until a quorum says otherwise, and an up then settles first', () => {
    const reader = new Reader()
    reader.book.restore([
      { endpoint: A, state: 'up', degraded: true, lastUp: 4 },
      { endpoint: B, state: 'down', degraded: false, lastUp: 9 },
    ])
    const world = new SmallWorld(['ams'], [reader])
    world.do({ kind: 'wait', ms: 3_600_000 })
    expect(reader.book.verdict(A)).toMatchObject({ state: 'up', degraded: true, rule: 'hold-no-quorum' })
    expect(reader.book.verdict(B)).toMatchObject({ state: 'down', rule: 'hold-no-quorum' })
    agree(world, 'down')
    world.do({ kind: 'report', checker: 0, endpoint: B, state: 'up' })
    expect(reader.book.verdict(A)).toMatchObject({ state: 'up', rule: 'hold-settling' })
    expect(reader.book.verdict(B)).toMatchObject({ state: 'up', rule: 'quorum-up', lastUp: 9 })
    world.beat(11_000)
    expect(reader.book.verdict(A)).toMatchObject({ state: 'down', lastUp: 10 })
  })

  it('B10 what is saved is what is known, also before the first configuration; unknown is not saved', () => {
    const saved = [{ endpoint: A, state: 'up' as const, degraded: false, lastUp: 4 }]
    const early = new VerdictBook()
    early.restore(saved)
    expect([...early.save()]).toEqual(saved)
    early.define(intentOf({ [A]: 'd1', [B]: 'd1' }), 0)
    expect([...early.save()]).toEqual(saved)
    early.define(intentOf({}), 1)
    expect([...early.save()]).toEqual([])
  })

  it('B11 ready once a quorum of the known sites is live, fenced and silent ones not counted', () => {
    const reader = new Reader()
    const world = new SmallWorld(['s1', 's2', 's3', 's4', 's5', 's6', 's7'], [reader])
    const ready = () => reader.book.hasQuorumOfSites(world.nowMs)
    expect(ready()).toBe(false)
    world.beat(1_000)
    expect(ready()).toBe(true)
    world.beat(5_000, [0, 1, 2])
    expect(ready()).toBe(true)
    world.do({ kind: 'fence', checker: 2 })
    expect(ready()).toBe(false)
    world.do({ kind: 'fence', checker: 2 })
    expect(ready()).toBe(true)
    world.beat(5_000, [0, 1])
    expect(ready()).toBe(false)
  })

  it('B12 a fenced checker has no vote, and its verdicts hold', () => {
    const world = new SmallWorld(['ams'], [new Reader()])
    const { book } = world.readers[0]!
    agree(world, 'up')
    world.do({ kind: 'fence', checker: 0 })
    world.do({ kind: 'report', checker: 0, endpoint: A, state: 'down' })
    expect(book.verdict(A)).toMatchObject({ state: 'up', rule: 'hold-no-quorum' })
    expect(book.verdict(A)?.votes[0]?.ballots).toMatchObject([{ live: false, fenced: true }])
  })

  it('B13 endpoints that fall together were up equally recently; later ones more recently', () => {
    const book = bookOf()
    const checker = new ReportingChecker('c1')
    book.hear(checker.report(A, 'up'), 0)
    book.hear(checker.report(B, 'up'), 1)
    book.hear(checker.report(B, 'down'), 2)
    book.hear(checker.report(A, 'down'), 3)
    expect([book.verdict(B)?.lastUp, book.verdict(A)?.lastUp]).toEqual([1, 2])
    book.hear(checker.report(A, 'up'), 4)
    book.hear(checker.report(B, 'up'), 5)
    const together = checker.report(A, 'down').registers.concat(checker.report(B, 'down').registers)
    book.hear({ ...checker.snapshot(), registers: together }, 6)
    expect([book.verdict(B)?.lastUp, book.verdict(A)?.lastUp]).toEqual([3, 3])
  })
})
