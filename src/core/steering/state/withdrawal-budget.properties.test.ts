/**
 * The budget is never exceeded. The test keeps its own account: after each step it looks which endpoints of a load balancer are
 * out of its answers, and notes when verdicts took them out; it asks the code under test for `isHeld` alone.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareOf } from '../../model/share.ts'
import { balancer, configuration, endpoints, Reader } from './testing/steering-world.ts'

const POOLS = ['p', 'q']
const COUNT = 5
const KEYS = POOLS.flatMap((pool) => ['a', 'b', 'c', 'd', 'e'].map((name) => `${pool}/${name}`))
const WINDOW_SEC = 30
const TOTAL_SHARE = '50%'
const BALANCERS = [
  { name: 'both.example.test', pools: POOLS, share: '40%' },
  { name: 'p.example.test', pools: ['p'], share: '60%' },
]
const USED = new Set(BALANCERS.flatMap((one) => one.pools))

const world = (overrides: readonly object[]) =>
  configuration({
    pools: POOLS.map((name) => ({ name, monitors: ['http'], rampSec: 20, endpoints: endpoints(COUNT) })),
    loadBalancers: BALANCERS.map(({ name, pools, share }) =>
      balancer(
        name.split('.')[0] ?? '',
        { kind: 'weighted', pools },
        { withdrawalBudget: { share, windowSec: WINDOW_SEC } },
      ),
    ),
    overrides,
    settings: { withdrawalBudget: { totalShare: TOTAL_SHARE, windowSec: WINDOW_SEC } },
  })

const key = fc.constantFrom(...KEYS)
const states = fc.dictionary(key, fc.constantFrom('up' as const, 'down' as const, 'down' as const), {
  minKeys: 1,
  maxKeys: 10,
  noNullPrototype: true,
})
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('become' as const), states }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), sec: fc.integer({ min: 0, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), sec: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost' as const), states, sec: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('override' as const),
      key,
      state: fc.constantFrom('forced-up', 'forced-down', null),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** When verdicts took each endpoint out of the answers of one load balancer (wall ms), as far as it is out still. */
class Account {
  readonly #takenAtMs = new Map<string, number>()
  #wasOut = new Set<string>()

  look(out: ReadonlySet<string>, byOperator: ReadonlySet<string>, wallMs: number): void {
    for (const one of this.#takenAtMs.keys())
      if (!out.has(one) || byOperator.has(one)) this.#takenAtMs.delete(one)
    for (const one of out)
      if (!this.#wasOut.has(one) && !byOperator.has(one)) this.#takenAtMs.set(one, wallMs)
    this.#wasOut = new Set([...out, ...byOperator])
  }

  takenSince(wallMs: number): number {
    return [...this.#takenAtMs.values()].filter((atMs) => atMs > wallMs).length
  }
}

class World {
  readonly reader = new Reader()
  readonly overrides = new Map<string, string>()
  readonly #accounts = new Map(
    [...BALANCERS.map((one) => one.name), 'total'].map((name) => [name, new Account()]),
  )

  constructor() {
    this.define()
    this.reader.become(Object.fromEntries(KEYS.map((one) => [one, 'up'])))
  }

  define(): void {
    this.reader.define(
      world(Array.from(this.overrides, ([name, state]) => ({ name, state, reason: 'test' }))),
    )
  }

  run(one: Step): void {
    const { reader } = this
    switch (one.kind) {
      case 'become':
        reader.become(one.states)
        return
      case 'pass':
        reader.pass(one.sec)
        return
      case 'restart':
        reader.restart(one.sec)
        this.define()
        return
      case 'lost': {
        // Killed after the verdicts were written to the disk, and before this state was.
        const saved = reader.state.save(reader.now)
        reader.become(one.states)
        reader.restart(one.sec, saved)
        this.define()
        return
      }
      case 'override':
        if (one.state === null) this.overrides.delete(one.key)
        else this.overrides.set(one.key, one.state)
        this.define()
    }
  }

  check(): void {
    const { wallMs } = this.reader.now
    const { view } = this.reader.state
    const forced = new Set(this.overrides.keys())
    const down = KEYS.filter((one) => this.reader.verdicts.get(one)?.state === 'down' && !forced.has(one))
    const byOperator = new Set(KEYS.filter((one) => this.overrides.get(one) === 'forced-down'))
    const outOfAny = new Set<string>()
    for (const { name, pools, share } of BALANCERS) {
      const out = new Set(
        down.filter((one) => pools.includes(one.split('/')[0] ?? '') && !view.isHeld(name, one)),
      )
      for (const one of out) outOfAny.add(one)
      const limit = Math.max(1, shareOf(share, pools.length * COUNT))
      this.#expectWithin(name, { out, byOperator, limit }, wallMs)
    }
    const limit = shareOf(TOTAL_SHARE, KEYS.filter((one) => USED.has(one.split('/')[0] ?? '')).length)
    this.#expectWithin('total', { out: outOfAny, byOperator, limit }, wallMs)
  }

  /** Whoever is held is down, and whoever is held has a reason: the budget of the load balancer or of all is spent. */
  checkHolds(): void {
    const { budget } = this.reader.state
    for (const { loadBalancer, endpoint } of budget.holds()) {
      expect(this.reader.verdicts.get(endpoint)?.state).toBe('down')
      expect(this.overrides.has(endpoint)).toBe(false)
      const own = budget.limits.ofBalancer(loadBalancer)?.amount ?? Infinity
      const all = budget.limits.total?.amount ?? Infinity
      expect(budget.spent(loadBalancer) >= own || budget.spent(null) >= all).toBe(true)
    }
  }

  #expectWithin(
    name: string,
    seen: { out: ReadonlySet<string>; byOperator: ReadonlySet<string>; limit: number },
    wallMs: number,
  ): void {
    const account = this.#accounts.get(name)
    account?.look(seen.out, seen.byOperator, wallMs)
    expect(account?.takenSince(wallMs - WINDOW_SEC * 1_000), name).toBeLessThanOrEqual(seen.limit)
  }
}

describe('withdrawal budget', () => {
  it('W13 W14 is never exceeded, whatever the order of transitions, ticks, overrides and restarts; and holds only where it is spent', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const one = new World()
        for (const next of steps) {
          one.run(next)
          one.check()
          one.checkHolds()
        }
      }),
      { numRuns: 500 },
    )
  })
})
