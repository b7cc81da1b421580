import { expect, it } from 'vitest'
import type { Observation } from '../load/observation.ts'
import { measure } from './measure.ts'

const endpoints = ['a', 'b'].map((name, index) => ({
  name,
  address: { v4: `10.1.0.${index + 1}`, v6: `fd00:1::${index + 1}` },
}))

/** One answer each 100 ms of each type: with `a` while `isIn` says so, always with `b`. */
function answers(forMs: number, isIn: (atMs: number) => boolean): Observation[] {
  return Array.from({ length: forMs / 100 }, (_, index) => index * 100).flatMap((askedMs) =>
    (['A', 'AAAA'] as const).map((type) => ({
      ...{ nameserver: 'ns-ams', transport: 'udp' as const, family: 4 as const, type, askedMs, tookMs: 1 },
      rcode: 'NOERROR',
      values: endpoints
        .filter(({ name }) => name === 'b' || isIn(askedMs))
        .map(({ address }) => (type === 'A' ? address.v4 : address.v6)),
    })),
  )
}

const limits = { endpoints, outMs: 3_000, recoverMs: 2_000 }

it('times a death until the first right answer, and the recovery from the end', () => {
  const spans = [{ of: 'a', state: 'dead' as const, fromMs: 1_000, toMs: 5_000 }]
  const observations = answers(8_000, (atMs) => atMs < 2_500 || atMs >= 6_000)
  expect(measure({ ...limits, observations, spans, endMs: 5_000 })).toMatchObject({
    ...{ outP50Ms: 1_501, outMaxMs: 1_501, neverOut: 0, recoverMs: 901, falseWithdrawals: 0, failedShare: 0 },
    answers: { right: 160 },
  })
})

it('counts a withdrawal of one that lives once, and its answers as wrong', () => {
  const observations = answers(3_000, (atMs) => atMs < 1_000 || atMs >= 2_000)
  const measured = measure({ ...limits, observations, spans: [], endMs: 3_000 })
  // Of each type.
  expect(measured).toMatchObject({ falseWithdrawals: 2, answers: { right: 40, wrong: 20 } })
})

it('says that one was never out when it was not', () => {
  const spans = [{ of: 'a', state: 'dead' as const, fromMs: 1_000, toMs: 6_000 }]
  const measured = measure({ ...limits, observations: answers(6_000, () => true), spans, endMs: 6_000 })
  expect(measured).toMatchObject({ outMaxMs: 5_000, neverOut: 2, answers: { stale: 38 } })
})

it('excuses one that is back until it is answered again, and not when it goes once more', () => {
  const spans = [{ of: 'a', state: 'dead' as const, fromMs: 1_000, toMs: 5_000 }]
  const isOut = (atMs: number) => (atMs >= 2_000 && atMs < 5_500) || (atMs >= 6_000 && atMs < 6_500)
  const measured = measure({
    ...limits,
    ...{ observations: answers(8_000, (atMs) => !isOut(atMs)), spans, endMs: 5_000 },
  })
  expect(measured).toMatchObject({ falseWithdrawals: 2, answers: { wrong: 10 } })
})

it('counts a death from the end of a hold at who held, and says so when it is never out there', () => {
  const spans = [
    { of: 'a', state: 'dead' as const, fromMs: 1_000, toMs: 7_000 },
    { of: 'ns-ams', state: 'holding' as const, fromMs: 500, toMs: 4_000 },
  ]
  const held = (isIn: (atMs: number) => boolean) =>
    measure({ ...limits, catchUpMs: 2_500, observations: answers(9_000, isIn), spans, endMs: 7_000 })
  expect(held((atMs) => atMs < 6_000 || atMs >= 7_500)).toMatchObject({
    ...{ outMaxMs: null, catchUpMs: 2_001, neverOut: 0, failedShare: 0 },
  })
  expect(held(() => true)).toMatchObject({ catchUpMs: 3_000, neverOut: 2, answers: { stale: 10 } })
})

it('times a silence from the first to the last question that had no answer', () => {
  const spans = [{ of: 'ns-ams', state: 'silent' as const, fromMs: 900, toMs: 5_000 }]
  const observations = answers(6_000, () => true).map((one) =>
    one.askedMs < 1_000 || (one.askedMs >= 2_000 && one.askedMs !== 4_000)
      ? one
      : { ...one, rcode: null, values: [] },
  )
  expect(measure({ ...limits, observations, spans, endMs: 5_000 })).toMatchObject({
    ...{ silentMs: 3_000, answers: { excused: 22, timedOut: 0 } },
  })
  expect(measure({ ...limits, observations: answers(100, () => true), spans, endMs: 0 }).silentMs).toBeNull()
})
