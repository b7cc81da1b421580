import { describe, expect, it } from 'vitest'
import { LOOK_MS, nextOutliers, NO_OUTLIERS, type CheckerAgreement } from './outlier.ts'
import { intentOf } from './testing/intent.ts'
import { ReportingChecker } from './testing/reporting-checker.ts'
import { VerdictBook } from './verdict-book.ts'

const look = (...agreements: [string, number, number][]): CheckerAgreement[] =>
  agreements.map(([checker, known, contradicted]) => ({ checker, known, contradicted }))

describe('outliers', () => {
  it('O1 three endpoints at least, and more than a fifth of what it knows', () => {
    const found = nextOutliers(
      NO_OUTLIERS,
      look(['a', 100, 20], ['b', 100, 21], ['c', 2, 2], ['d', 3, 3], ['e', 0, 0]),
    )
    expect([...found.suspects]).toEqual(['b', 'd'])
  })

  it('O2 at two looks in a row; agreeing once ends it', () => {
    const first = nextOutliers(NO_OUTLIERS, look(['a', 10, 9]))
    expect(first.confirmed).toEqual([])
    const second = nextOutliers(first, look(['a', 10, 8], ['b', 10, 9]))
    expect(second.confirmed).toEqual(look(['a', 10, 8]))
    const third = nextOutliers(second, look(['a', 10, 0], ['b', 10, 9]))
    expect(third.confirmed).toEqual(look(['b', 10, 9]))
  })

  it('O3 a checker alone in its opinion is named within two looks, and decides as before', () => {
    const sites = ['s1', 's2', 's3']
    const keys = Array.from({ length: 12 }, (_, index) => `web/e${index}`)
    const book = new VerdictBook()
    book.define(intentOf(Object.fromEntries(keys.map((key) => [key, 'd1'])), { sites }), 0)
    const checkers = sites.map((site) => new ReportingChecker(`${site}-1`, site))
    for (const [index, checker] of checkers.entries())
      for (const key of keys)
        book.hear(checker.report(key, index === 0 && key !== 'web/e0' ? 'down' : 'up'), 0)
    let nowMs = 0
    const beat = () => {
      nowMs += 1_000
      for (const checker of checkers) book.hear(checker.heartbeat(), nowMs)
      book.tick(nowMs)
    }
    beat()
    expect(book.alarms()).toEqual([])
    while (nowMs < 2 * LOOK_MS) beat()
    expect(book.alarms()).toEqual([
      {
        kind: 'outlier',
        about: 's1-1',
        message:
          'checker s1-1 contradicts the verdict on 11 of the 12 endpoints that it knows: look at its network',
      },
    ])
    expect(book.verdict('web/e1')?.votes.map(({ vote }) => vote)).toEqual(['down', 'up', 'up'])
    for (const key of keys) book.hear(checkers[0]!.report(key, 'up'), nowMs)
    for (let round = 0; round < 16; round += 1) beat()
    expect(book.alarms()).toEqual([])
  })

  it('O4 a split that nobody has a quorum in names nobody', () => {
    const keys = ['web/a', 'web/b', 'web/c']
    const book = new VerdictBook()
    book.define(intentOf(Object.fromEntries(keys.map((key) => [key, 'd1'])), { sites: ['s1', 's2'] }), 0)
    const [one, two] = [new ReportingChecker('s1-1', 's1'), new ReportingChecker('s2-1', 's2')]
    for (const key of keys) {
      book.hear(one.report(key, 'up'), 0)
      book.hear(two.report(key, 'down'), 0)
    }
    for (const nowMs of [1, 2, 3].map((n) => n * LOOK_MS)) {
      for (const checker of [one, two]) book.hear(checker.heartbeat(), nowMs)
      book.tick(nowMs)
    }
    expect(book.alarms()).toEqual([])
  })
})
