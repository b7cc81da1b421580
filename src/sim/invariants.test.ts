/** Each invariant that is looked at while something happens: a breach of it is found. */
import { describe, expect, it } from 'vitest'
import type { Frame, ReportedRegister } from '../core/health/frame.ts'
import { UNDECIDED, type Verdict } from '../core/health/verdict.ts'
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import { LocalFrames } from '../adapters/transport/local-frames.ts'
import { FakeClock } from '../checker/testing/fake-clock.ts'
import { DEFAULT_TIMES } from '../core/health/verdict-book.ts'
import { VerdictReader } from '../readers/verdict-reader.ts'
import { EventQueue } from './event-queue.ts'
import { Invariants, type ObservedNameserver } from './invariants.ts'
import { configurationFor, placedEndpoints } from './shape.ts'

const SHAPE = { sites: 3, nameservers: 1, endpoints: 1 }
const endpoint = placedEndpoints(SHAPE)[0]?.key ?? ''
const destination = { name: 'ns1', site: 's1', arrive: () => undefined }

/** Nobody listens, and no other is dead. */
const DEAD = '192.0.2.66'
const ELSEWHERE = { isLongDead: (address: string) => address === DEAD, onSaid: () => undefined }
/** It publishes nothing. */
const SILENT = { wanted: null, unseenForMs: null }

function setUp(onlyLossFromMs = Infinity) {
  const clock = new FakeClock()
  const feed = new LocalFeed()
  const frames = new LocalFrames()
  const reader = new VerdictReader({
    ...{ feed, frames, clock, times: DEFAULT_TIMES, saved: [], keepsOutput: false },
  })
  feed.publish({ revision: 1, configuration: configurationFor(SHAPE) })
  reader.start({ onTransitions: () => undefined, onConfiguration: () => undefined, onAlarm: () => undefined })
  const answers = new Map<string, readonly string[]>()
  const nameserver = { ...{ name: 'ns1', host: clock, reader, answers }, ...SILENT }
  const said: string[] = []
  const invariants = new Invariants({
    ...{ queue: new EventQueue(), nameservers: () => [nameserver], onlyLossFromMs },
    ...{ ...ELSEWHERE, onSaid: (text: string) => said.push(text) },
  })
  invariants.restarted(nameserver)
  const broken = () => [...new Set(invariants.violations.map(({ invariant }) => invariant))]
  return { invariants, nameserver, reader, frames, answers, said, broken }
}

function frame(checker: string, more: Partial<Frame> = {}): Frame {
  const numbers = { incarnation: 1, sequence: 1, revision: 1, loss: 0 }
  const site = checker.replace('c', 's')
  return { checker, site, ...numbers, fenced: false, registers: [], snapshot: true, ...more }
}

function register(state: ReportedRegister['state'], definition: string): ReportedRegister {
  return { endpoint, state, degraded: false, definition, output: [] }
}

const verdict = (state: Verdict['state']): Verdict => ({
  ...UNDECIDED,
  state,
  quorum: { down: 2, up: 2 },
  votes: ['s1', 's2'].map((site) => ({
    site,
    vote: state === 'unknown' ? null : state,
    degraded: false,
    ballots: [],
  })),
})
const falls = { endpoint, from: verdict('up'), to: verdict('down') }

describe('a breach is found', () => {
  it('1: an incarnation that was there before; a reader that goes back, or takes a frame twice', () => {
    const { invariants, nameserver, frames, broken } = setUp()
    invariants.began('c1', 5)
    invariants.began('c1', 5)
    expect(broken()).toEqual([1])
    invariants.violations.length = 0
    frames.send(frame('c1', { sequence: 3 }))
    const forgets = {
      ...nameserver,
      reader: { book: { ledger: { checker: () => frame('c1'), merge: () => ({ kind: 'merged' }) } } },
    } as unknown as typeof nameserver
    invariants.hearing(nameserver, frame('c1'))
    invariants.heard(forgets, frame('c1'))
    expect(invariants.violations.map(({ text }) => text)).toEqual([
      'ns1 went back on c1',
      'ns1 took a frame of c1 twice (merged)',
    ])
  })

  it('13: a site that is counted although it speaks of another definition', () => {
    for (const definition of ['right', 'other']) {
      const { invariants, nameserver, reader, broken } = setUp()
      const right = reader.book.definition(endpoint) ?? ''
      const told = [register('down', definition === 'right' ? right : definition)]
      for (const checker of ['c1', 'c2']) invariants.hearing(nameserver, frame(checker, { registers: told }))
      invariants.transition(nameserver, falls)
      expect(broken()).toEqual(definition === 'right' ? [] : [13])
    }
  })

  it('2: fenced checkers, and those that were not heard for longer than the lease, count for nothing', () => {
    const { invariants, nameserver, reader, broken } = setUp()
    const told = [register('down', reader.book.definition(endpoint) ?? '')]
    invariants.hearing(nameserver, frame('c1', { registers: told, fenced: true }))
    invariants.hearing(nameserver, frame('c2', { registers: told }))
    nameserver.host.stall(DEFAULT_TIMES.leaseMs + 1)
    invariants.hearing(nameserver, frame('c3', { registers: told }))
    invariants.transition(nameserver, falls)
    expect(broken()).toEqual([2, 13])
  })

  it('3: a verdict that changes while nothing but loss happens', () => {
    const { invariants, nameserver, reader, broken } = setUp(0)
    const told = [register('down', reader.book.definition(endpoint) ?? '')]
    for (const checker of ['c1', 'c2']) invariants.hearing(nameserver, frame(checker, { registers: told }))
    invariants.transition(nameserver, falls)
    expect(broken()).toEqual([3])
  })

  it('4: quorums for both values at once', () => {
    const { queue, host } = { queue: new EventQueue(), host: new FakeClock() }
    const votes = (['up', 'down'] as const).map((vote, index) => ({ site: `s${index + 1}`, vote }))
    const look = (quorum: number) => {
      const both = { ...verdict('up'), quorum: { down: quorum, up: quorum }, votes }
      const reader = { book: { standings: () => [[endpoint, both]], verdict: () => both } }
      const nameserver = { name: 'ns1', host, reader, answers: new Map(), ...SILENT }
      const invariants = new Invariants({
        ...{ queue, onlyLossFromMs: Infinity, ...ELSEWHERE },
        nameservers: () => [nameserver as unknown as ReturnType<typeof setUp>['nameserver']],
      })
      invariants.look()
      return invariants.violations.map(({ invariant }) => invariant)
    }
    expect([look(2), look(1)]).toEqual([[], [4]])
  })

  it('8: an answer with nothing in it', () => {
    const { invariants, answers, broken } = setUp()
    answers.set('www.sim.test', ['192.0.2.1'])
    invariants.look()
    expect(broken()).toEqual([])
    answers.set('www.sim.test', [])
    invariants.look()
    expect(broken()).toEqual([8])
  })

  it('15: an answer that takes in what is dead', () => {
    const { invariants, broken } = setUp()
    invariants.published('ns1', 'www.sim.test', ['192.0.2.1'])
    expect(broken()).toEqual([])
    invariants.published('ns1', 'www.sim.test', ['192.0.2.1', DEAD])
    expect(broken()).toEqual([15])
  })

  it('9: more transitions in ten minutes than damping leaves', () => {
    const { invariants, nameserver, reader, broken } = setUp()
    const told = [register('down', reader.book.definition(endpoint) ?? '')]
    for (const checker of ['c1', 'c2']) invariants.hearing(nameserver, frame(checker, { registers: told }))
    for (let times = 0; times < 54; times += 1) invariants.transition(nameserver, falls)
    expect(broken()).toEqual([9])
  })

  it('11: two frames, or two whole states, to one reader in one turn', () => {
    const { invariants, broken } = setUp()
    invariants.sent('frame', destination, frame('c1'))
    invariants.sent('whole', destination, frame('c1'))
    invariants.sent('frame', destination, frame('c2'))
    expect(broken()).toEqual([])
    invariants.sent('whole', destination, frame('c1'))
    expect(broken()).toEqual([11])
  })

  it('12: a vote before the first result of the incarnation', () => {
    const { invariants, broken, said } = setUp()
    invariants.began('c1', 1)
    invariants.made(frame('c1', { registers: [register('unknown', '')] }))
    invariants.probed('c1', endpoint)
    invariants.made(frame('c1', { registers: [register('up', '')] }))
    expect(broken()).toEqual([])
    invariants.began('c1', 2)
    invariants.made(frame('c1', { incarnation: 2, registers: [register('up', '')] }))
    expect(broken()).toEqual([12])
    expect(said).toEqual(['c1 open', `c1 ${endpoint} unknown`, `c1 ${endpoint} up`])
  })
})

describe('14: between what is wanted and what is answered', () => {
  const WANTED = new Map([['www.sim.test', ['192.0.2.1']]])
  const ANSWERED = new Map([['www.sim.test', ['192.0.2.2']]])
  const right = { wanted: WANTED, answers: WANTED, unseenForMs: null }
  const wrong = { ...right, answers: ANSWERED }

  function brokenAfter(...looks: readonly Pick<ObservedNameserver, 'wanted' | 'answers' | 'unseenForMs'>[]) {
    let seen: ObservedNameserver = { name: 'ns1', host: new FakeClock(), reader: null, ...right }
    const invariants = new Invariants({
      ...{ queue: new EventQueue(), onlyLossFromMs: Infinity, ...ELSEWHERE },
      nameservers: () => [seen],
    })
    for (const look of looks) {
      seen = { ...seen, ...look }
      invariants.look()
    }
    return invariants.violations.map(({ invariant }) => invariant)
  }

  it('another answer than the verdicts have said for a second, or none', () => {
    expect(brokenAfter(right, right)).toEqual([])
    expect(brokenAfter(right, wrong)).toEqual([14])
    expect(brokenAfter(right, { ...right, answers: new Map() })).toEqual([14])
  })

  it('not what became another meanwhile, and not while it cannot publish', () => {
    expect(brokenAfter({ ...wrong, answers: WANTED, wanted: ANSWERED }, wrong)).toEqual([])
    expect(brokenAfter({ ...wrong, wanted: null }, wrong)).toEqual([])
    expect(brokenAfter(right, { ...wrong, wanted: null }, wrong)).toEqual([])
  })

  it('not what became another, and the same again', () => {
    const { invariants, nameserver } = setUp()
    const seen = Object.assign(nameserver, wrong)
    invariants.look()
    invariants.transition(seen, falls)
    invariants.look()
    const answered = invariants.violations.filter(({ invariant }) => invariant === 14)
    expect(answered).toEqual([])
    invariants.look()
    expect(invariants.violations.at(-1)?.invariant).toBe(14)
  })

  it('what was published, and was not seen in an answer for two seconds', () => {
    expect(brokenAfter(right, { ...right, unseenForMs: 1_999 })).toEqual([])
    expect(brokenAfter(right, { ...right, unseenForMs: 2_000 })).toEqual([14])
  })
})

describe('at the end', () => {
  it('5: nameservers that differ although the votes are constant', async () => {
    const clock = new FakeClock()
    const queue = new EventQueue()
    const readerWith = (state: 'up' | 'down') =>
      ({ book: { standing: () => ({ state }) } }) as unknown as VerdictReader
    const nameservers = (['up', 'down'] as const).map((state, index) => ({
      ...{
        name: `ns${index + 1}`,
        host: clock,
        reader: readerWith(state),
        answers: new Map<string, readonly string[]>(),
        ...SILENT,
      },
    }))
    const invariants = new Invariants({
      ...{ queue, nameservers: () => nameservers, onlyLossFromMs: Infinity, ...ELSEWHERE },
    })
    invariants.began('c1', 1)
    invariants.probed('c1', endpoint)
    invariants.made(frame('c1', { registers: [register('up', '')] }))
    invariants.finish()
    expect(invariants.violations).toEqual([])
    await queue.run(DEFAULT_TIMES.settleMs + DEFAULT_TIMES.leaseMs)
    invariants.finish()
    expect(invariants.violations.map(({ invariant }) => invariant)).toEqual([5])
  })
})
