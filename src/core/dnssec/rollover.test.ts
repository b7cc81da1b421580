/**
 * Rollovers against validators that hold any mix of what was published: the chain is looked for at every moment, and each wait is
 * shown to be needed by making it shorter.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rollover, SigningKey, SigningKeys } from '../model/dnssec.ts'
import {
  beginRollover,
  cancelRollover,
  dueMs,
  nextStep,
  type ParentFacts,
  type RolloverTimes,
} from './rollover.ts'

const TIMES: RolloverTimes = { dnskeyTtlSec: 30, maxTtlSec: 50, propagationSec: 7, parentPropagationSec: 11 }
const DS_TTL_SEC = 40

function key(tag: number, role: SigningKey['role'], algorithm: SigningKey['algorithm'] = 13): SigningKey {
  const state = { published: true, active: true, createdAtMs: 0, publicKey: 'AAAA', sealed: '' }
  return { tag, role, algorithm, ...state }
}

/** What is out there from a second on. */
interface World {
  readonly atSec: number
  readonly keys: readonly SigningKey[]
  /** Tags that the parent's DS record set points to. */
  readonly ds: readonly number[]
}

/** The states that a cache may still hold at `nowSec`: all that were current within the time before. */
function within(history: readonly World[], nowSec: number, ageSec: number): World[] {
  return history.filter((world, index) => {
    const untilSec = history[index + 1]?.atSec ?? Infinity
    return world.atSec <= nowSec && untilSec > nowSec - ageSec
  })
}

/** In words the first mix that leaves a validator without a chain; null: every mix has one. */
function brokenAt(history: readonly World[], nowSec: number): string | null {
  const { dnskeyTtlSec, maxTtlSec, propagationSec, parentPropagationSec } = TIMES
  for (const parent of within(history, nowSec, DS_TTL_SEC + parentPropagationSec))
    for (const apex of within(history, nowSec, dnskeyTtlSec + propagationSec))
      for (const answer of within(history, nowSec, maxTtlSec + propagationSec)) {
        const fault = faultOf({ parent, apex, answer })
        if (fault !== null) return `at ${nowSec} s: ${fault}`
      }
  return null
}

function faultOf({ parent, apex, answer }: Record<'parent' | 'apex' | 'answer', World>): string | null {
  const published = apex.keys.filter((one) => one.published)
  const trusted = published.filter(({ tag, active }) => active && parent.ds.includes(tag))
  if (trusted.length === 0)
    return `no key of the DS ${parent.ds.join()} in ${published.map(({ tag }) => tag).join()}`
  const signers = (keys: readonly SigningKey[]) => {
    const active = keys.filter((one) => one.active)
    const hasZsk = (algorithm: number) =>
      active.some((one) => one.algorithm === algorithm && one.role === 'zsk')
    return active.filter((one) => one.role !== 'ksk' || !hasZsk(one.algorithm))
  }
  const signs = signers(answer.keys)
  // What a validator that is strict about downgrades asks for: a signature of each algorithm among the keys (RFC 4035 2.2).
  const algorithms = new Set(published.map((one) => one.algorithm))
  for (const algorithm of algorithms)
    if (!signs.some((one) => one.algorithm === algorithm && published.some(({ tag }) => tag === one.tag)))
      return `no signature of algorithm ${algorithm} by ${published.map(({ tag }) => tag).join()} among ${signs.map(({ tag }) => tag).join()}`
  return null
}

const CASES: Record<Rollover['kind'], { before: SigningKey[]; incoming: SigningKey[]; retiring: number[] }> =
  {
    csk: { before: [key(1, 'csk')], incoming: [key(2, 'csk')], retiring: [1] },
    ksk: { before: [key(1, 'ksk'), key(3, 'zsk')], incoming: [key(2, 'ksk')], retiring: [1] },
    zsk: { before: [key(1, 'ksk'), key(3, 'zsk')], incoming: [key(4, 'zsk')], retiring: [3] },
    algorithm: { before: [key(1, 'csk')], incoming: [key(2, 'ksk', 15), key(4, 'zsk', 15)], retiring: [1] },
  }
const KINDS = Object.keys(CASES) as Rollover['kind'][]

/**
 * One rollover from its begin to its end. The operator takes each step `delays` after it may be taken, the parent does what it is
 * asked for as late. `hurrySec`: so much too early, against the rules.
 */
function rollThrough(
  kind: Rollover['kind'],
  delays: readonly number[],
  hurry: { readonly step?: string; readonly sec?: number } = {},
): World[] {
  const { before, incoming, retiring } = CASES[kind]
  let keys: SigningKeys = { name: 'example.test', keys: before }
  let ds = [1]
  let nowSec = 1_000
  const history: World[] = [{ atSec: 0, keys: before, ds }]
  const note = () => history.push({ atSec: nowSec, keys: keys.keys, ds })
  keys = beginRollover(keys, { kind, incoming, retiring }, { nowMs: nowSec * 1_000, revision: 1 })
  note()
  for (let step = 0; keys.rollover !== undefined; step += 1) {
    const { rollover } = keys
    const early = rollover.step === hurry.step ? (hurry.sec ?? 0) : 0
    nowSec = dueMs(rollover, TIMES) / 1_000 + (early > 0 ? -early : (delays[step * 2] ?? 0))
    const asks = rollover.step === 'introduced' && kind !== 'zsk'
    if (asks) {
      ds = [2]
      note()
      nowSec += delays[step * 2 + 1] ?? 0
    }
    const parent: ParentFacts = { kind: 'seen', atAll: new Set(ds), atAny: new Set(ds), ttlSec: DS_TTL_SEC }
    const facts = { nowMs: (nowSec + early) * 1_000, revision: step + 2, times: TIMES, lagging: [], parent }
    const decision = nextStep(keys, rollover, facts)
    if (decision.kind !== 'step') throw new Error(`${rollover.step}: ${decision.why}`)
    keys = decision.keys
    if (keys.rollover !== undefined)
      keys = { ...keys, rollover: { ...keys.rollover, sinceMs: nowSec * 1_000 } }
    note()
  }
  return history
}

function firstBreak(history: readonly World[]): string | null {
  const last = (history.at(-1)?.atSec ?? 0) + 200
  for (let nowSec = 900; nowSec <= last; nowSec += 1) {
    const broken = brokenAt(history, nowSec)
    if (broken !== null) return broken
  }
  return null
}

describe.each(KINDS)('a rollover of the %s', (kind) => {
  it('D1 leaves every validator a chain at every moment, however late the steps are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(120), { minLength: 8, maxLength: 8 }), (delays) => {
        expect(firstBreak(rollThrough(kind, delays))).toBeNull()
      }),
      { numRuns: 40 },
    )
  })

  it('D2 ends with the new keys alone, all of them signing', () => {
    const { incoming, retiring, before } = CASES[kind]
    const left = rollThrough(kind, []).at(-1)?.keys ?? []
    const expected = [...before.filter(({ tag }) => !retiring.includes(tag)), ...incoming]
    expect(left.map(({ tag }) => tag).sort()).toEqual(expected.map(({ tag }) => tag).sort())
    expect(left.every(({ published, active }) => published && active)).toBe(true)
  })
})

const WAITS = [
  ['zsk', 'introduced'],
  ['zsk', 'switched'],
  ['csk', 'introduced'],
  ['csk', 'at-parent'],
  ['ksk', 'introduced'],
  ['ksk', 'at-parent'],
  ['algorithm', 'signing'],
  ['algorithm', 'introduced'],
  ['algorithm', 'at-parent'],
  ['algorithm', 'withdrawing'],
] as const

describe.each(WAITS)('%s: the wait at %s', (kind, step) => {
  it('D3 is needed: two seconds less break a chain', () => {
    expect(firstBreak(rollThrough(kind, [], { step, sec: 2 }))).not.toBeNull()
  })
})

describe('a step that would break the chain', () => {
  const started = (kind: Rollover['kind']) => {
    const { before, incoming, retiring } = CASES[kind]
    const keys = beginRollover(
      { name: 'example.test', keys: before },
      { kind, incoming, retiring },
      { nowMs: 0, revision: 5 },
    )
    return { keys, rollover: keys.rollover! }
  }
  const facts = (parent: ParentFacts, more = {}) => ({
    ...{ nowMs: 1e9, revision: 9, times: TIMES, lagging: [], parent },
    ...more,
  })
  const seen = (...tags: number[]): ParentFacts => ({
    ...{ kind: 'seen', atAll: new Set(tags), atAny: new Set(tags), ttlSec: DS_TTL_SEC },
  })

  it('D4 waits for the time to live, to the millisecond', () => {
    const { keys, rollover } = started('csk')
    const untilMs = 37_000
    expect(nextStep(keys, rollover, facts(seen(2), { nowMs: untilMs - 1 }))).toMatchObject({
      kind: 'wait',
      untilMs,
    })
    expect(nextStep(keys, rollover, facts(seen(2), { nowMs: untilMs }))).toMatchObject({ kind: 'step' })
  })

  it('D5 is refused while the DS of the new key is not at every server of the parent, or that is not known', () => {
    const { keys, rollover } = started('csk')
    const half: ParentFacts = { kind: 'seen', atAll: new Set(), atAny: new Set([2]), ttlSec: 1 }
    for (const parent of [seen(1), half, { kind: 'unknown', detail: 'silent' } as const])
      expect(nextStep(keys, rollover, facts(parent))).toMatchObject({ kind: 'refused' })
    expect(nextStep(keys, rollover, facts({ kind: 'vouched' }))).toMatchObject({ kind: 'step' })
  })

  it('D6 is refused at the end when the parent has taken the new DS away again', () => {
    const { keys, rollover } = started('csk')
    const next = nextStep(keys, rollover, facts(seen(2)))
    if (next.kind !== 'step' || next.keys.rollover === undefined) throw new Error('no step')
    const end = (parent: ParentFacts) =>
      nextStep(next.keys, next.keys.rollover!, facts(parent, { nowMs: 2e9 }))
    expect(end(seen(1))).toMatchObject({ kind: 'refused' })
    expect(end(seen(2))).toMatchObject({ kind: 'step', done: true })
  })

  it('D7 is refused while an old algorithm still has a DS', () => {
    const { keys, rollover } = started('algorithm')
    const at = { ...rollover, step: 'introduced' as const }
    expect(nextStep(keys, at, facts(seen(1, 2)))).toMatchObject({ kind: 'refused' })
    expect(nextStep(keys, at, facts(seen(2)))).toMatchObject({ kind: 'step' })
  })

  it('D8 is refused while a nameserver may answer with older keys', () => {
    const { keys, rollover } = started('zsk')
    const decision = nextStep(keys, rollover, facts(seen(1), { lagging: ['ns-2 (silent)'] }))
    expect(decision).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('ns-2 (silent)') as string,
    })
  })

  it('D9 can be taken back until a DS depends on it', () => {
    const { keys, rollover } = started('csk')
    expect(cancelRollover(keys, rollover, seen(1))).toMatchObject({ keys: { keys: [{ tag: 1 }] } })
    expect(cancelRollover(keys, rollover, seen(1, 2))).toMatchObject({ kind: 'refused' })
    expect(cancelRollover(keys, rollover, { kind: 'unknown', detail: '' })).toMatchObject({ kind: 'refused' })
    expect(cancelRollover(keys, { ...rollover, step: 'at-parent' }, seen(1))).toMatchObject({
      kind: 'refused',
    })
    const zsk = started('zsk')
    expect(cancelRollover(zsk.keys, zsk.rollover, { kind: 'unknown', detail: '' })).toMatchObject({
      kind: 'step',
    })
  })
})
