import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { applyChanges, emptyConfiguration, type Configuration } from '../core/model/configuration.ts'
import type { Latch } from '../core/model/latch.ts'
import { loadBalancerSchema } from '../core/model/load-balancer.ts'
import { planChanges } from './change-plan.ts'
import type { ChangeOrder, ChangeResult } from './change-order.ts'
import { CONTROL_ITSELF } from './actor.ts'
import { LatchKeeper } from './latch-keeper.ts'

const WWW = 'www.example.test'
const tier = (pool: string): Latch['tiers'][number] => ({ route: -1, type: 'A', pool })
const latchOf = (generation: number, ...pools: string[]): Latch => ({
  name: WWW,
  generation,
  tiers: pools.map(tier),
})

/** Controls over one store: what is committed is seen by all of them. */
function store(
  policy: object = { kind: 'failover', tiers: [{ pool: 'p0' }, { pool: 'p1' }, { pool: 'p2' }], latch: true },
) {
  const spec = loadBalancerSchema.parse({ name: WWW, zone: 'example.test', policy })
  let configuration: Configuration = applyChanges(emptyConfiguration(), [
    { op: 'put', kind: 'loadBalancer', key: WWW, spec },
  ])
  const revisions: string[] = []
  const messages: string[] = []
  let nowMs = 0
  let isAway = false
  const change = async ({ decide, actor, message }: ChangeOrder): Promise<ChangeResult> => {
    // As if another control committed in between: the decision is made on what is there then.
    await Promise.resolve()
    tries += 1
    if (isAway) throw new Error('the store is away')
    const before = { revision: revisions.length, configuration }
    const decision = decide(before)
    if (decision.kind !== 'changes') return decision
    const changes = decision.changes.filter(
      (one) =>
        one.op === 'delete' || JSON.stringify(configuration.latch.get(one.key)) !== JSON.stringify(one.spec),
    )
    configuration = applyChanges(configuration, changes)
    if (changes.length > 0) {
      revisions.push(actor.name)
      messages.push(message)
    }
    return { kind: 'committed', changes: [], revision: revisions.length, before, after: before }
  }
  const faults: unknown[] = []
  const logger = pino({ level: 'error' }, { write: (line) => faults.push(JSON.parse(line)) })
  let tries = 0
  const control = () => {
    const keeper = new LatchKeeper({
      clock: { monotonicMs: () => nowMs },
      service: {
        get current() {
          return { revision: revisions.length, configuration }
        },
        change,
      },
      logger,
    })
    nowMs += 15_000
    return keeper
  }
  return {
    ...{ control, messages },
    lose: () => (isAway = true),
    findAgain: () => (isAway = false),
    faults,
    tries: () => tries,
    wait: (ms: number) => (nowMs += ms),
    revisions,
    shared: () => configuration.latch.get(WWW),
    change,
    current: () => configuration,
  }
}

describe('latches that are known to all', () => {
  it('what most nameservers report, committed once, by two controls too', async () => {
    const { control, revisions, shared, wait } = store()
    const [one, two] = [control(), control()]
    wait(15_000)
    for (const keeper of [one, two]) keeper.heard('ns-1', [latchOf(0, 'p1')])
    await one.stop()
    await two.stop()
    expect(shared()).toEqual(latchOf(0, 'p1'))
    expect(revisions).toEqual(['fairlead'])
    for (const keeper of [one, two]) {
      keeper.heard('ns-1', [latchOf(0, 'p2')])
      keeper.heard('ns-2', [latchOf(0, 'p2')])
    }
    await one.stop()
    await two.stop()
    expect(shared()).toEqual(latchOf(0, 'p2'))
    for (const keeper of [one, two]) keeper.heard('ns-1', [latchOf(0, 'p2')])
    expect(revisions).toHaveLength(2)
  })

  it('what is latched nowhere, or is of nothing that latches, is no news', async () => {
    const { control, revisions } = store()
    const keeper = control()
    keeper.heard('ns-1', [latchOf(0), { ...latchOf(0, 'p1'), name: 'gone.example.test' }])
    await keeper.stop()
    expect(revisions).toEqual([])
    const other = store({ kind: 'all', pools: ['p0'] })
    const idle = other.control()
    idle.heard('ns-1', [latchOf(0, 'p1')])
    await idle.stop()
    expect(other.revisions).toEqual([])
  })

  it('a failback is a generation that nobody has reported yet: stale reports do not bring the latch back', async () => {
    const { control, shared, change, current } = store()
    const keeper = control()
    // A store that was restored from a backup knows less than its nameservers.
    keeper.heard('ns-1', [latchOf(7, 'p1')])
    await keeper.stop()
    expect(shared()).toEqual(latchOf(7, 'p1'))
    const order = { actor: { ...CONTROL_ITSELF, name: 'ann' }, message: '', dryRun: false }
    await change({ ...order, decide: ({ configuration }) => keeper.decideFailback(WWW, configuration) })
    expect(shared()).toEqual(latchOf(8))
    keeper.heard('ns-2', [latchOf(7, 'p2')])
    await keeper.stop()
    expect(shared()).toEqual(latchOf(8))
    for (const name of ['ns-1', 'ns-2']) keeper.heard(name, [latchOf(8, 'p1')])
    await keeper.stop()
    expect(shared()).toEqual(latchOf(8, 'p1'))
    expect(keeper.decideFailback('none.example.test', current()).kind).toBe('not-found')
  })

  it('one nameserver moves nothing for the others, and no generation; while it is the only one that lives it does', async () => {
    const { control, messages, shared, wait, current } = store()
    const keeper = control()
    const hear = async (reports: Readonly<Record<string, Latch>>) => {
      for (const [name, latch] of Object.entries(reports)) keeper.heard(name, [latch])
      await keeper.stop()
    }
    // A control that has just started does not take the first one that speaks for all of them.
    const young = control()
    wait(-15_000)
    young.heard('ams/evil', [latchOf(0, 'p2')])
    await young.stop()
    expect(shared()).toBeUndefined()
    wait(15_000)
    const evil = { ...latchOf(0, 'p2', 'p2', 'p2') }
    await hear({ 'ams/ns': latchOf(0), 'fra/ns': latchOf(0), 'ams/evil': evil })
    await hear({ 'ams/evil': latchOf(Number.MAX_SAFE_INTEGER, 'p2') })
    expect(shared()).toBeUndefined()
    await hear({ 'ams/evil': latchOf(900_000_000, 'p2') })
    const failback = keeper.decideFailback(WWW, current())
    expect(failback).toMatchObject({ changes: [{ spec: latchOf(1) }] })
    // Each says a tier, and most have reached p1.
    await hear({ 'ams/ns': latchOf(0, 'p1'), 'ams/evil': latchOf(0, 'p2') })
    expect(shared()).toEqual(latchOf(0, 'p1'))
    expect(messages).toEqual(['latched at ams/evil, ams/ns'])
    wait(11_000)
    await hear({ 'fra/ns': latchOf(0, 'p2') })
    expect(shared()).toEqual(latchOf(0, 'p2'))
  })

  it('what cannot latch has no failback', () => {
    const { control, current } = store({ kind: 'all', pools: ['p0'] })
    expect(control().decideFailback(WWW, current()).kind).toBe('invalid')
  })

  it('a latch goes with its load balancer', () => {
    const { current } = store()
    const configuration = applyChanges(current(), [
      { op: 'put', kind: 'latch', key: WWW, spec: latchOf(1, 'p1') },
    ])
    const plan = planChanges(configuration, [{ op: 'delete', kind: 'loadBalancer', key: WWW, pointer: '' }])
    expect(plan).toMatchObject({
      kind: 'planned',
      changes: [
        { op: 'delete', kind: 'loadBalancer' },
        { op: 'delete', kind: 'latch' },
      ],
    })
  })
})

describe('what no more than half of the nameservers have latched', () => {
  it('is told once it lasts, by nameserver and pool, until a failback; what all have is not', async () => {
    const { control, shared, change, current, wait } = store()
    const keeper = control()
    const report = (latched: Readonly<Record<string, Latch>>) => {
      for (const name of ['ams/ns1', 'fra/ns1', 'lon/ns1']) {
        const latch = latched[name]
        keeper.heard(name, latch === undefined ? [] : [latch])
      }
    }
    report({ 'fra/ns1': latchOf(0, 'p2') })
    expect(keeper.lone()).toEqual([])
    wait(9_000)
    report({ 'fra/ns1': latchOf(0, 'p2') })
    expect(keeper.lone()).toEqual([])
    wait(1_000)
    const lone = { loadBalancer: WWW, nameserver: 'fra/ns1', pools: ['p2'] }
    expect(keeper.lone()).toEqual([lone])

    // Most have reached the tier before it: that is known to all, and the one beyond it is not.
    report({ 'ams/ns1': latchOf(0, 'p1'), 'fra/ns1': latchOf(0, 'p2'), 'lon/ns1': latchOf(0, 'p1') })
    await keeper.stop()
    expect(shared()).toEqual(latchOf(0, 'p1'))
    report({ 'ams/ns1': latchOf(0, 'p1'), 'fra/ns1': latchOf(0, 'p2'), 'lon/ns1': latchOf(0, 'p1') })
    expect(keeper.lone()).toEqual([lone])

    await change({
      ...{ actor: CONTROL_ITSELF, message: '', dryRun: false },
      decide: () => keeper.decideFailback(WWW, current()),
    })
    report({ 'fra/ns1': latchOf(0, 'p2') })
    expect(keeper.lone()).toEqual([])

    // One that died keeps nobody awake.
    report({ 'fra/ns1': latchOf(1, 'p1') })
    wait(10_000)
    report({ 'fra/ns1': latchOf(1, 'p1') })
    expect(keeper.lone()).toHaveLength(1)
    wait(11_000)
    for (const name of ['ams/ns1', 'lon/ns1']) keeper.heard(name, [])
    expect(keeper.lone()).toEqual([])
    await keeper.stop()
  })

  it('waits while the store is away: it is told once, and tried again every few seconds until it is kept', async () => {
    const { control, shared, wait, lose, findAgain, faults, tries } = store()
    const keeper = control()
    lose()
    const second = async () => {
      for (const name of ['ams/ns1', 'fra/ns1']) keeper.heard(name, [latchOf(0, 'p1')])
      await keeper.stop()
      wait(1_000)
    }
    for (let times = 0; times < 20; times += 1) await second()
    expect(tries()).toBe(4)
    expect(faults).toHaveLength(1)
    findAgain()
    for (let times = 0; times < 6; times += 1) await second()
    expect(shared()).toEqual(latchOf(0, 'p1'))
    expect(tries()).toBe(5)
  })

  it('is nothing that all have while the store is away, and nothing that nobody tells any more', async () => {
    const { control, shared, wait, lose } = store()
    const keeper = control()
    lose()
    const all = ['ams/ns1', 'fra/ns1', 'lon/ns1']
    for (let second = 0; second < 15; second += 1) {
      for (const name of all) keeper.heard(name, [latchOf(0, name === 'fra/ns1' ? 'p2' : 'p1')])
      await keeper.stop()
      wait(1_000)
    }
    expect(shared()).toBeUndefined()
    expect(keeper.lone()).toEqual([{ loadBalancer: WWW, nameserver: 'fra/ns1', pools: ['p2'] }])
    wait(11_000)
    expect(keeper.lone()).toEqual([])
  })
})
