import { expect, it } from 'vitest'
import { AGREED, isDisagreement, nextAgreement, type Agreement, type ReportedDigest } from './agreement.ts'

const TIMES = { settleMs: 10_000, leaseMs: 3_500 }
const report = (nameserver: string, digest: string, revision = 1): ReportedDigest => ({
  nameserver,
  digest,
  revision,
})

/** What is said after each look, one second apart. */
function looks(...rounds: readonly (readonly ReportedDigest[])[]): boolean[] {
  let agreement: Agreement = AGREED
  return rounds.map((reports, second) => {
    agreement = nextAgreement(agreement, reports, second * 1_000)
    return isDisagreement(agreement, TIMES, second * 1_000)
  })
}
const same = [report('a', 'x'), report('b', 'x')]
const other = [report('a', 'x'), report('b', 'y')]

it('a difference that lasts longer than settle and lease is an alarm, and ends with it', () => {
  const said = looks(same, ...Array.from({ length: 16 }, () => other), same)
  expect(said.indexOf(true)).toBe(15)
  expect(said.at(-1)).toBe(false)
})

it('one that comes and goes is none', () => {
  expect(looks(...Array.from({ length: 40 }, (_, round) => (round % 10 === 9 ? same : other)))).not.toContain(
    true,
  )
})

it('who is at another revision is not compared, and who is alone agrees', () => {
  const behind = [report('a', 'x', 2), report('b', 'y', 1)]
  expect(looks(...Array.from({ length: 20 }, () => behind))).not.toContain(true)
  expect(nextAgreement(AGREED, [], 0)).toEqual(AGREED)
})

it('names the groups, the largest first', () => {
  const { groups } = nextAgreement(AGREED, [report('c', 'x'), report('a', 'y'), report('b', 'x')], 0)
  expect(groups).toEqual([['b', 'c'], ['a']])
})
