import { expect, it } from 'vitest'
import type { Observation } from '../load/observation.ts'
import type { Span } from '../load/truth.ts'
import { recoveryMs } from './recovery-ms.ts'

const endpoints = ['a', 'b'].map((name, index) => ({
  name,
  address: { v4: `10.1.0.${index + 1}`, v6: `fd00:1::${index + 1}` },
}))
const answers = (isIn: (atMs: number) => boolean): Observation[] =>
  Array.from({ length: 200 }, (_, index) => ({
    ...{ nameserver: 'ns-ams', transport: 'udp', family: 4, type: 'A', rcode: 'NOERROR', tookMs: 1 },
    askedMs: index * 100,
    values: isIn(index * 100) ? ['10.1.0.1', '10.1.0.2'] : ['10.1.0.2'],
  }))
const dead = (fromMs: number, toMs: number): Span => ({ of: 'a', state: 'dead', fromMs, toMs })
const recovery = (spans: Span[], isIn: (atMs: number) => boolean, endMs = 18_000) =>
  recoveryMs({
    ...{ observations: answers(isIn), spans, endpoints, endMs },
    ...{ outMs: 3_000, recoverMs: 5_000 },
  })

it('counts from the end of a death, not from when whoever waited for the recovery is done', () => {
  expect(recovery([dead(1_000, 5_000)], (atMs) => atMs < 2_000 || atMs >= 9_000)).toBe(3_901)
})

it('counts each death until the next one only, and from the end of the fault too', () => {
  const twice = [dead(1_000, 3_000), dead(8_000, 10_000)]
  expect(recovery(twice, (atMs) => atMs < 1_000 || atMs >= 10_500)).toBe(4_901)
  expect(recovery([], (atMs) => atMs < 15_000 || atMs >= 16_000, 15_500)).toBe(401)
})

it('asks nothing of a nameserver that is silent or holds', () => {
  const silent: Span = { of: 'ns-ams', state: 'silent', fromMs: 0, toMs: 7_000 }
  expect(recovery([dead(1_000, 5_000), silent], (atMs) => atMs >= 6_000)).toBe(0)
  expect(recovery([dead(1_000, 5_000), silent], (atMs) => atMs >= 8_000)).toBe(2_901)
})

it('bears a crowd that dies', () => {
  const crowd = Array.from({ length: 1_000 }, (_, index) => dead(1_000, 5_000 + index / 1_000))
  expect(recovery(crowd, (atMs) => atMs < 1_000)).toBe(14_901)
})
