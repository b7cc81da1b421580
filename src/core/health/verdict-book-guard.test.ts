/** A new definition on trial, as the verdicts show it. */
import { describe, expect, it } from 'vitest'
import { intentOf } from './testing/intent.ts'
import { ReportingChecker } from './testing/reporting-checker.ts'
import { VerdictBook, type Transition } from './verdict-book.ts'

const KEYS = Array.from({ length: 10 }, (_, index) => `web/e${index}`)

const intent = (definition: string, keys = KEYS) =>
  intentOf(Object.fromEntries(keys.map((key) => [key, definition])), { checks: definition })

function upUnder(definition: string, book = new VerdictBook()) {
  const checker = new ReportingChecker('c1')
  let nowMs = 0
  const say = (state: 'up' | 'down', keys: readonly string[], under: string): Transition[] =>
    keys.flatMap((key) => [
      ...book.hear(checker.report(key, state, { definition: under }), nowMs).transitions,
    ])
  /** Heard every second. */
  const beat = (seconds: number): Transition[] =>
    Array.from({ length: seconds }).flatMap(() => {
      nowMs += 1_000
      return [...book.hear(checker.heartbeat(), nowMs).transitions, ...book.tick(nowMs)]
    })
  const define = (next: ReturnType<typeof intent>) => book.define(next, nowMs)
  define(intent(definition))
  say('up', KEYS, definition)
  const states = () => KEYS.map((key) => book.standing(key)?.state[0]).join('')
  return { book, say, beat, define, states }
}

describe('a new definition', () => {
  it('G8 that would empty the world does not: the verdicts stand, for as long as it lasts, and an alarm says so', () => {
    const { book, say, beat, define, states } = upUnder('d1')
    expect(define(intent('d2'))).toEqual([])
    say('down', KEYS.slice(0, 3), 'd2')
    expect(book.verdict(KEYS[0]!)).toMatchObject({ state: 'up', rule: 'hold-definition' })
    say('down', KEYS.slice(3), 'd2')
    expect(beat(3_600)).toEqual([])
    expect(states()).toBe('u'.repeat(10))
    expect(book.alarms()).toMatchObject([{ kind: 'definition', about: 'm' }])
    expect(book.alarms()[0]?.message).toMatch(/would turn 10 of 10 endpoints that were up to down/)
    // Corrected: the old definition needs no trial.
    define(intent('d1'))
    expect(book.alarms()).toEqual([])
    say('up', KEYS, 'd1')
    say('down', KEYS.slice(0, 1), 'd1')
    beat(20)
    expect(states()).toBe('duuuuuuuuu')
  })

  it('G9 under which a fifth or less are down takes these down, as soon as the others were found up', () => {
    const { book, say, beat, define, states } = upUnder('d1')
    define(intent('d2'))
    say('down', KEYS.slice(0, 2), 'd2')
    say('up', KEYS.slice(2), 'd2')
    // Every vote under the old one was lost: what was up settles first (V8).
    expect(states()).toBe('u'.repeat(10))
    expect(book.verdict(KEYS[0]!)?.rule).toBe('hold-settling')
    beat(11)
    expect(states()).toBe('dduuuuuuuu')
    expect(book.alarms()).toEqual([])
  })

  it('G10 whose fault is mended at the endpoints ends its alarm, and then what is still down goes down', () => {
    const { book, say, beat, define, states } = upUnder('d1')
    define(intent('d2'))
    say('down', KEYS, 'd2')
    beat(20)
    expect(book.alarms()).toHaveLength(1)
    say('up', KEYS.slice(0, 7), 'd2')
    expect(book.alarms()).toHaveLength(1)
    const transitions = say('up', KEYS.slice(7, 8), 'd2')
    expect(book.alarms()).toEqual([])
    expect(transitions.map(({ endpoint, to }) => [endpoint, to.state])).toEqual([
      [KEYS[8], 'down'],
      [KEYS[9], 'down'],
    ])
    expect(states()).toBe('uuuuuuuudd')
  })

  it('G11 is on trial over a restart of the reader too, also one that came while it was away', () => {
    const { book } = upUnder('d1')
    const restarted = new VerdictBook()
    restarted.restore(book.save())
    restarted.define(intent('d2'), 0)
    const checker = new ReportingChecker('c1')
    for (const key of KEYS) restarted.hear(checker.report(key, 'down', { definition: 'd2' }), 0)
    expect(restarted.standing(KEYS[0]!)).toMatchObject({ state: 'up', rule: 'hold-definition' })
    const again = new VerdictBook()
    again.restore(restarted.save())
    again.define(intent('d2'), 0)
    const other = new ReportingChecker('c1')
    for (const key of KEYS) again.hear(other.report(key, 'down', { definition: 'd2' }), 0)
    expect(again.alarms()).toHaveLength(1)
  })

  it('G12 of the target alone has no trial: a new address is answered with, so it must show that it lives', () => {
    const { book, say, beat, define, states } = upUnder('d1')
    const moved = intentOf(Object.fromEntries(KEYS.map((key) => [key, 'd2'])))
    define(moved)
    say('down', KEYS, 'd2')
    beat(11)
    expect(states()).toBe('d'.repeat(10))
    expect(book.alarms()).toEqual([])
  })

  it('G13 does not take down by a loss: votes that go leave alarm and verdicts as they are', () => {
    const { book, say, beat, define, states } = upUnder('d1')
    define(intent('d2'))
    say('down', KEYS, 'd2')
    beat(2)
    expect(book.tick(600_000)).toEqual([])
    expect(book.alarms()).toHaveLength(1)
    expect(states()).toBe('u'.repeat(10))
    // An unrelated revision changes nothing of it.
    define(intentOf({ ...Object.fromEntries(KEYS.map((key) => [key, 'd2'])), 'x/y': 'd9' }, { checks: 'd2' }))
    expect(book.alarms()).toHaveLength(1)
    define(intent('d2', KEYS.slice(0, 1)))
    expect(book.alarms()[0]?.message).toMatch(/1 of 1/)
    define(intent('d2', []))
    expect(book.alarms()).toEqual([])
  })
})
