import fc from 'fast-check'
import { expect, it } from 'vitest'
import { VerdictDigest } from './verdict-digest.ts'

const anyVerdict = fc.record({
  state: fc.constantFrom('unknown' as const, 'up' as const, 'down' as const),
  degraded: fc.boolean(),
})
const anySteps = fc.array(fc.tuple(fc.constantFrom('a/1', 'a/2', 'b/1', 'c/9'), fc.option(anyVerdict)), {
  maxLength: 30,
})

it('depends on the verdicts that stand in the end, not on the way there', () => {
  fc.assert(
    fc.property(anySteps, anySteps, (steps, others) => {
      const [one, two] = [new VerdictDigest(), new VerdictDigest()]
      const last = new Map<string, { state: 'unknown' | 'up' | 'down'; degraded: boolean }>()
      for (const [endpoint, verdict] of steps) {
        one.set(endpoint, verdict)
        if (verdict === null) last.delete(endpoint)
        else last.set(endpoint, verdict)
      }
      for (const [endpoint, verdict] of others) two.set(endpoint, verdict)
      two.replace([...last].reverse())
      expect(two.text).toBe(one.text)
    }),
  )
})

it('differs with every verdict', () => {
  const texts = new Set<string>()
  for (const endpoint of ['a/1', 'a/2', 'a/12'])
    for (const state of ['unknown', 'up', 'down'] as const)
      for (const degraded of [false, true]) {
        const digest = new VerdictDigest()
        digest.set(endpoint, { state, degraded })
        texts.add(digest.text)
      }
  expect(texts.size).toBe(18)
  const empty = new VerdictDigest()
  expect(empty.text).toBe('0000000000000000')
})
