import { expect, it } from 'vitest'
import type { Observation } from '../load/observation.ts'
import { timeline } from './timeline.ts'

const endpoints = ['a', 'b'].map((name, index) => ({
  name,
  address: { v4: `10.1.0.${index + 1}`, v6: `fd00:1::${index + 1}` },
}))
const [one, two] = ['10.1.0.1', '10.1.0.2']

const answer = (
  askedMs: number,
  values: readonly string[],
  rcode: string | null = 'NOERROR',
): Observation => ({
  ...{ nameserver: 'ns-ams', transport: 'udp', family: 4, type: 'A', askedMs, tookMs: 1 },
  ...{ rcode, values },
})

it('counts in each half second what is right, not yet right, failed, silent and excused', () => {
  const spans = [
    { of: 'a', state: 'dead' as const, fromMs: 1_100, toMs: 4_000 },
    { of: 'ns-ams', state: 'silent' as const, fromMs: 6_000, toMs: Infinity },
  ]
  const observations = [
    answer(1_000, [one, two]),
    answer(1_200, [one, two]),
    answer(1_600, [two]),
    answer(2_000, [two]),
    answer(3_000, [], 'SERVFAIL'),
    answer(3_001, [one, two]),
    answer(4_100, [two]),
    answer(4_200, [], null),
    answer(6_100, [], null),
  ]
  const seen = timeline({
    ...{ observations, spans, endpoints, outMs: 1_000, recoverMs: 500, fromMs: 1_000, endMs: 4_000 },
  })
  expect(seen).toMatchObject({ stepMs: 500, endedMs: 3_000 })
  expect(seen.deaths).toEqual([{ of: 'a', fromMs: 100, toMs: 3_000 }])
  expect(seen.steps).toEqual([
    [1, 1, 0, 0, 0],
    [1, 0, 0, 0, 0],
    [1, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 2, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 1, 0, 1, 0],
    ...[
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ],
    [0, 0, 0, 0, 1],
  ])
})
