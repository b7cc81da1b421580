import { describe, expect, it } from 'vitest'
import { endpointSchema } from '../model/pool.ts'
import { isPlainlyUp, judgeEligibility, type Evidence, type VerdictView } from './eligibility.ts'

const endpoint = endpointSchema.parse({ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' })

function candidate(
  verdict: Partial<VerdictView> | undefined,
  more: Partial<Evidence> & { enabled?: boolean } = {},
) {
  const { enabled = true, monitored = true, ...rest } = more
  return judgeEligibility(
    { key: 'web/a', pool: 'web', endpoint: { ...endpoint, enabled } },
    { ...rest, monitored, verdict: verdict && { state: 'up', degraded: false, lastUp: 0, ...verdict } },
  )
}

function judge(...given: Parameters<typeof candidate>) {
  const { eligible, reason, lastUp } = candidate(...given)
  return [reason, eligible, lastUp]
}

const drained = { phase: 'drained', share: 0 } as const
const draining = { phase: 'draining', share: 0.4 } as const
const planned = { phase: 'planned', share: 1 } as const

it('disabled comes before everything, then whether it is monitored, then the verdict', () => {
  expect(judge({ lastUp: 4 }, { enabled: false })).toEqual(['disabled', false, 4])
  expect(judge(undefined, { enabled: false, monitored: false })).toEqual(['disabled', false, 0])
  expect(judge({ state: 'down' }, { monitored: false })).toEqual(['unmonitored', true, 0])
  expect(judge({})).toEqual(['up', true, 0])
  expect(judge({ degraded: true })).toEqual(['degraded', true, 0])
  expect(judge({ state: 'down', degraded: true, lastUp: 2 })).toEqual(['down', false, 2])
  expect(judge({ state: 'unknown' })).toEqual(['unknown', false, 0])
  expect(judge(undefined)).toEqual(['unknown', false, 0])
})

describe('what operators say', () => {
  it('an override stands above the rest; but a disabled endpoint that is forced down stays disabled', () => {
    const up = { override: 'forced-up' } as const
    expect(judge({ state: 'down' }, { ...up, drain: drained })).toEqual(['forced-up', true, 0])
    expect(judge(undefined, { ...up, enabled: false })).toEqual(['forced-up', true, 0])
    expect(judge({}, { override: 'forced-down' })).toEqual(['forced-down', false, 0])
    expect(judge({}, { override: 'forced-down', enabled: false })).toEqual(['disabled', false, 0])
  })

  it('a drain keeps it until its end, and says nothing of one that is down', () => {
    expect(judge({}, { drain: planned })).toEqual(['up', true, 0])
    expect(judge({}, { drain: draining })).toEqual(['draining', true, 0])
    expect(judge({ state: 'down' }, { drain: draining })).toEqual(['down', false, 0])
    expect(judge({}, { drain: drained })).toEqual(['drained', false, 0])
    expect(judge({}, { drain: drained, enabled: false })).toEqual(['disabled', false, 0])
  })

  it('the verdict stays visible beside it', () => {
    expect(candidate({ state: 'down' }, { override: 'forced-up' }).health).toBe('down')
    expect(candidate({}, { override: 'forced-down' }).health).toBe('up')
    expect(candidate({}, { drain: drained }).health).toBe('up')
    expect(candidate(undefined).health).toBe('unknown')
    expect(candidate({ state: 'down' }, { monitored: false }).health).toBe('up')
  })
})

it('what the withdrawal budget holds stays eligible', () => {
  expect(judge({ state: 'down' }, { isHeld: true })).toEqual(['held', true, 0])
  expect(judge({ state: 'up' }, { isHeld: true })).toEqual(['up', true, 0])
})

it('ramp and drain leave tenths of the weight, multiplied, and never nothing of an eligible endpoint', () => {
  const tenths = (...given: Parameters<typeof candidate>) => candidate(...given).tenths
  expect(tenths({})).toBe(10)
  expect(tenths({}, { rampShare: 0.1 })).toBe(1)
  expect(tenths({}, { drain: draining })).toBe(4)
  expect(tenths({}, { drain: draining, rampShare: 0.5 })).toBe(2)
  expect(tenths({}, { drain: draining, rampShare: 0.1 })).toBe(1)
  expect(tenths({}, { drain: planned })).toBe(10)
})

it('a drain ahead, and everything that is not plainly up, is known for the TTL', () => {
  expect(candidate({}, { drain: planned }).drainAhead).toBe(true)
  expect(candidate({}, { drain: draining }).drainAhead).toBe(true)
  expect(candidate({}, { drain: drained }).drainAhead).toBe(false)
  expect(candidate({}).drainAhead).toBe(false)
  expect([candidate({}), candidate(undefined, { monitored: false })].every(isPlainlyUp)).toBe(true)
  for (const other of [
    candidate({ degraded: true }),
    candidate({ state: 'down' }, { isHeld: true }),
    candidate({}, { override: 'forced-up' }),
    candidate({}, { drain: drained }),
  ])
    expect(isPlainlyUp(other)).toBe(false)
})
