import { describe, expect, it } from 'vitest'
import { isComplete, judge, type JudgeOptions } from './judge.ts'
import type { Observation } from './observation.ts'
import type { Span } from './truth.ts'

const ENDPOINTS = ['a', 'b'].map((name, index) => ({
  name,
  address: { v4: `10.1.0.${index + 1}`, v6: `fd00:1::${index + 1}` },
}))
const [A, B] = ['10.1.0.1', '10.1.0.2'] as const

const answer = (askedMs: number, change: Partial<Observation> = {}): Observation => ({
  ...{ nameserver: 'ns-ams', transport: 'udp', family: 4, type: 'A', askedMs, tookMs: 2, rcode: 'NOERROR' },
  ...{ values: [A, B], ...change },
})

const given = (...spans: Span[]): JudgeOptions => ({
  ...{ endpoints: ENDPOINTS, spans, outMs: 3_000, recoverMs: 5_000 },
})
const deadA: Span = { of: 'a', state: 'dead', fromMs: 1_000, toMs: 10_000 }

describe('an answer is', () => {
  it.each([
    ['right with all that live', answer(0), given(), 'right'],
    ['wrong without one that lives', answer(0, { values: [A] }), given(), 'wrong'],
    ['wrong with a foreign address', answer(0, { values: [A, B, '10.9.9.9'] }), given(), 'wrong'],
    ['empty with nothing', answer(0, { values: [] }), given(), 'empty'],
    ['empty as NXDOMAIN', answer(0, { values: [], rcode: 'NXDOMAIN' }), given(), 'empty'],
    ['servfail, whoever holds', answer(0, { values: [], rcode: 'SERVFAIL' }), given(), 'servfail'],
    ['right with one that died a moment ago', answer(3_900), given(deadA), 'right'],
    ['stale with one that is dead for longer', answer(4_100), given(deadA), 'stale'],
    ['right without it', answer(4_100, { values: [B] }), given(deadA), 'right'],
    ['right without it when it is back', answer(14_900, { values: [B] }), given(deadA), 'right'],
    ['wrong without it long after', answer(15_100, { values: [B] }), given(deadA), 'wrong'],
    ['timed out when nothing came', answer(0, { values: [], rcode: null }), given(), 'timedOut'],
  ] as const)('%s', (...[, observation, options, expected]) => {
    expect(judge(observation, options)).toBe(expected)
  })

  it('excused where its nameserver is silent or holds, but never when empty', () => {
    const silent: Span = { of: 'ns-ams', state: 'silent', fromMs: 0, toMs: 9_000 }
    expect(judge(answer(1, { values: [], rcode: null }), given(silent))).toBe('excused')
    const holding: Span = { ...silent, state: 'holding' }
    expect(judge(answer(5_000), given(deadA, holding))).toBe('excused')
    expect(judge(answer(5_000, { values: [] }), given(deadA, holding))).toBe('empty')
  })

  it('wrong, also of one that holds, without an endpoint that has lived all along', () => {
    const holding: Span = { of: 'ns-ams', state: 'holding', fromMs: 20_000, toMs: 60_000 }
    const [before, during] = [deadA, { ...deadA, fromMs: 30_000, toMs: 31_000 }]
    expect(judge(answer(50_000, { values: [B] }), given(holding))).toBe('wrong')
    expect(judge(answer(50_000, { values: [B] }), given(before, holding))).toBe('wrong')
    expect(judge(answer(50_000, { values: [B] }), given(during, holding))).toBe('excused')
    expect(judge(answer(50_000, { values: [A] }), given(during, holding))).toBe('wrong')
    expect(judge(answer(50_000, { values: [A, B, '10.9.9.9'] }), given(holding))).toBe('wrong')
  })
})

it('is complete with exactly those that live, and either way with a doubtful one', () => {
  expect(isComplete(answer(2_000), given(deadA))).toBe(false)
  expect(isComplete(answer(2_000, { values: [B] }), given(deadA))).toBe(true)
  const doubtful: Span = { ...deadA, state: 'doubtful' }
  expect(isComplete(answer(2_000), given(doubtful))).toBe(true)
  expect(isComplete(answer(2_000, { values: [B] }), given(doubtful))).toBe(true)
})
