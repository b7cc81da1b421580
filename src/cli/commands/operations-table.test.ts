import { describe, expect, it } from 'vitest'
import type { OperationsView } from '../../core/views/operations.ts'
import { paintFor } from '../output/paint.ts'
import { budgetTable, drainSentence, drainsTable, overridesTable } from './operations-table.ts'

const NOW_MS = 1_800_000_000_000
const after = (sec: number) => NOW_MS + sec * 1_000
const paint = paintFor({ isTerminal: false } as Parameters<typeof paintFor>[0], {})

const drain: OperationsView['drains'][number] = {
  ...{ target: 'site/ams', phase: 'planned', share: 1, startAtMs: after(3_600), drainedAtMs: after(3_900) },
  ...{ reason: 'power work', author: 'ann', expiresAtMs: after(7_200), endpoints: 12, loadBalancers: 3 },
  ...{ heldUntilMs: after(3_930), heldShare: 1 },
}
const rowOf = (change: Partial<typeof drain>) => drainsTable([{ ...drain, ...change }], paint, NOW_MS)[1]

describe('drains', () => {
  it('planned, draining, drained, expired: each with its countdown and what resolvers may hold', () => {
    expect(rowOf({})).toMatch(
      /^site\/ams +planned +100% +in 1h, begins in 1h +until 1h from now +in 2h +ann +power work$/,
    )
    const draining = {
      phase: 'draining',
      share: 0.4,
      startAtMs: after(-180),
      drainedAtMs: after(120),
    } as const
    expect(rowOf({ ...draining, heldUntilMs: after(150) })).toMatch(/draining +40% +in 2m +until 2m from now/)
    const drained = { phase: 'drained', share: 0, startAtMs: after(-320), drainedAtMs: after(-20) } as const
    expect(rowOf({ ...drained, heldUntilMs: after(10), heldShare: 0.33 })).toMatch(
      /drained +0% +20s ago +about 33%, for 10s more/,
    )
    expect(rowOf({ ...drained, heldUntilMs: after(-1), heldShare: 0 })).toMatch(/20s ago +none/)
    expect(rowOf({ phase: 'expired', expiresAtMs: after(-60) })).toMatch(
      /expired +100% +- +- +expired 1m ago/,
    )
    expect(drainsTable([], paint, NOW_MS)).toEqual(['no drains'])
  })

  it('one in a sentence', () => {
    expect(drainSentence({ ...drain, expiresAtMs: null }, NOW_MS)).toBe(
      'site/ams: 12 endpoints of 3 load balancers; drained in 1h, begins in 1h, until it is cancelled; ' +
        'resolvers may hold answers until 2027-01-15T09:05:30.000Z',
    )
  })
})

describe('overrides', () => {
  it('with the verdict that they stand beside, and when they end', () => {
    const override: OperationsView['overrides'][number] = {
      ...{ endpoint: 'web/a', state: 'forced-down', reason: 'disk', author: 'ann', expired: false },
      ...{ expiresAtMs: null, verdict: 'up' },
    }
    const rows = overridesTable(
      [override, { ...override, expiresAtMs: after(90), verdict: null }],
      paint,
      NOW_MS,
    )
    expect(rows[1]).toMatch(/^web\/a +forced-down +up +never +ann +disk$/)
    expect(rows[2]).toMatch(/unmonitored +in 1m/)
    expect(overridesTable([], paint, NOW_MS)).toEqual(['no overrides'])
  })
})

describe('budget', () => {
  it('of all, then of each load balancer that spent', () => {
    const limited = { spent: 3, limit: 6, windowSec: 60 }
    const view = {
      ...{ total: { spent: 4, limit: null, windowSec: null }, held: 2, holds: [] },
      loadBalancers: [{ ...limited, name: 'www.example.test', held: 2 }],
    }
    const [, all, www] = budgetTable(view, paint)
    expect(all).toMatch(/^all endpoints +4 +no limit +- +-$/)
    expect(www).toMatch(/^www\.example\.test +3 +6 +60s +2$/)
  })
})
