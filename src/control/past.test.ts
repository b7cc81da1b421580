import { describe, expect, it } from 'vitest'
import { applyChanges, configurationOf } from '../core/model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../core/model/document.ts'
import { UNDECIDED, type Verdict } from '../core/health/verdict.ts'
import type { RecordedTransition } from '../ports/history.ts'
import type { RecordedChange } from '../ports/recorded-change.ts'
import type { Revision } from '../ports/store.ts'
import { pastAt, type Past } from './past.ts'

const DOCUMENT = documentSchema.parse({
  sites: [{ name: 'ams', checkers: [{ name: 'ams-1', address: '192.0.2.9', port: 7_000 }] }],
  monitors: [{ name: 'tcp', kind: 'tcp' }],
  pools: [
    {
      name: 'web',
      monitors: ['tcp'],
      endpoints: [{ name: 'a', address: '192.0.2.1', port: 80, site: 'ams' }],
    },
  ],
  zones: [{ name: 'example.test', nameservers: ['ns1.example.net'] }],
  loadBalancers: [
    { name: 'www.example.test', zone: 'example.test', policy: { kind: 'all', pools: ['web'] } },
  ],
})
const NOW = configurationOf(resourcesOfDocument(DOCUMENT))
const T = 1_764_000_000_000

function revision(number: number, atMs: number, changes: readonly RecordedChange[] = []): Revision {
  return { number, atMs, changes, changeSetId: String(number), author: 'test', message: '' }
}

function transition(atMs: number, from: Verdict['state'], to: Verdict['state']): RecordedTransition {
  return {
    ...{ endpoint: 'web/a', atMs, control: 'c1', from, to, degraded: false, rule: 'quorum-down', reason: '' },
    ...{ quorum: { down: 1, up: 1 }, votes: [{ site: 'ams', vote: 'down', degraded: false, ballots: [] }] },
    lastUp: 4,
  }
}

interface World {
  readonly revisions?: readonly Revision[]
  readonly transitions?: readonly RecordedTransition[]
  readonly verdict?: Verdict
}

function at(atMs: number, { revisions = [revision(1, T)], transitions = [], verdict }: World = {}) {
  const head = revisions.at(-1)?.number ?? 0
  return pastAt(atMs, {
    now: { revision: head, configuration: NOW },
    verdict: () => verdict,
    locate: () => null,
    store: {
      revisions: ({ before = Infinity, limit }) =>
        Promise.resolve(
          revisions
            .filter(({ number }) => number < before)
            .toReversed()
            .slice(0, limit),
        ),
      history: {
        asOf: (ms) => Promise.resolve(transitions.filter((one) => one.atMs <= ms).slice(-1)),
        firstAfter: (ms) => Promise.resolve(transitions.filter((one) => one.atMs > ms).slice(0, 1)),
        record: () => Promise.resolve(0),
        of: () => Promise.resolve([]),
        prune: () => Promise.resolve(0),
      },
    },
  })
}

function known(past: Past) {
  if (past.kind !== 'known') throw new Error(past.reason)
  return past.context
}

describe('the configuration of a moment', () => {
  it('is that of the newest revision that was there, with what came later taken back', async () => {
    const balancer = NOW.loadBalancer.get('www.example.test')
    const revisions = [
      revision(1, T),
      revision(2, T + 1_000, [
        {
          kind: 'loadBalancer',
          key: 'www.example.test',
          before: { ...balancer, ttlSec: 7 },
          after: { ...balancer, ttlSec: 8 },
        },
      ]),
      revision(3, T + 2_000, [
        {
          kind: 'loadBalancer',
          key: 'www.example.test',
          before: { ...balancer, ttlSec: 8 },
          after: balancer,
        },
        { kind: 'site', key: 'fra', before: { name: 'fra' }, after: null },
        { kind: 'site', key: 'ams', before: null, after: NOW.site.get('ams') },
      ]),
    ]
    const seen = async (atMs: number) => {
      const { configuration, revision: number } = known(await at(atMs, { revisions }))
      const { ttlSec } = configuration.loadBalancer.get('www.example.test') ?? {}
      return [number, ttlSec, [...configuration.site.keys()].join()]
    }
    expect(await seen(T)).toEqual([1, 7, 'fra'])
    expect(await seen(T + 1_999)).toEqual([2, 8, 'fra'])
    expect(await seen(T + 2_000)).toEqual([3, balancer?.ttlSec, 'ams'])
  })

  it('is found over many pages of revisions', async () => {
    const revisions = Array.from({ length: 1_000 }, (_, index) => revision(index + 1, T + index))
    expect(known(await at(T + 3, { revisions })).revision).toBe(4)
  })

  it('is not known before the first one, nor before one that this program cannot take back', async () => {
    expect(await at(T - 1)).toEqual({
      kind: 'not-known',
      reason: `is before the first revision, which is of ${new Date(T).toISOString()}`,
    })
    expect(await at(T, { revisions: [] })).toEqual({
      kind: 'not-known',
      reason: 'is before anything was applied',
    })
    const foreign = { kind: 'site', key: 'ams', before: { name: 'ams', colour: 'red' }, after: null } as const
    const revisions = [revision(1, T), revision(2, T + 9, [foreign])]
    expect(await at(T + 1, { revisions })).toMatchObject({
      reason: expect.stringContaining('is before revision 2, which an older program wrote') as string,
    })
  })
})

describe('the verdict of a moment', () => {
  it('is the last change before it, with its votes', async () => {
    const world = { transitions: [transition(T + 10, 'up', 'down'), transition(T + 20, 'down', 'up')] }
    const context = known(await at(T + 15, world))
    expect(context.verdict('web/a')).toMatchObject({ state: 'down', votes: [{ site: 'ams', vote: 'down' }] })
    expect([context.sinceMs('web/a'), context.view.wallMs, context.atMs]).toEqual([T + 10, T + 15, T + 15])
    expect(context.verdict('web/none')).toBeUndefined()
  })

  it('else what the next change came from, with the quorum of then and no votes made up', async () => {
    const context = known(await at(T + 5, { transitions: [transition(T + 10, 'up', 'down')] }))
    expect(context.verdict('web/a')).toMatchObject({
      ...{ state: 'up', rule: 'quorum-up', quorum: { down: 1, up: 1 }, votes: [] },
    })
    expect(context.sinceMs('web/a')).toBeNull()
  })

  it('else what it still is; unknown where nobody knows', async () => {
    const verdict: Verdict = { ...UNDECIDED, state: 'down', quorum: { down: 1, up: 1 }, votes: [] }
    expect(known(await at(T, { verdict })).verdict('web/a')).toMatchObject({ state: 'down', votes: [] })
    expect(known(await at(T)).verdict('web/a')).toMatchObject({ state: 'unknown', rule: 'never-decided' })
  })

  it('where something was down, says that the budget may have held it', async () => {
    const { notKept } = known(await at(T + 15, { transitions: [transition(T + 10, 'up', 'down')] }))
    expect(notKept.join()).toContain('an endpoint that was down may have stayed answered')
  })

  it('says what is not kept', async () => {
    expect(known(await at(T)).notKept).toEqual([
      'what each nameserver had published, and what probes said in full',
      'how far recovered endpoints had ramped up, and which ones the withdrawal budget held',
    ])
  })
})

it('a latch that control knew of is in the configuration, and so in what is explained', async () => {
  const spare = documentSchema.parse({
    pools: [{ name: 'spare', endpoints: [{ name: 'b', address: '192.0.2.2', port: 80, site: 'ams' }] }],
    loadBalancers: [
      {
        name: 'www.example.test',
        zone: 'example.test',
        policy: { kind: 'failover', tiers: [{ pool: 'web' }, { pool: 'spare' }], latch: true },
      },
    ],
  })
  const latch = {
    name: 'www.example.test',
    generation: 0,
    tiers: [{ route: -1, type: 'A' as const, pool: 'spare' }],
  }
  const configuration = applyChanges(NOW, [
    ...resourcesOfDocument(spare).map((resource) => ({ op: 'put', ...resource }) as const),
    { op: 'put', kind: 'latch', key: latch.name, spec: latch },
  ])
  const past = await pastAt(T, {
    now: { revision: 1, configuration },
    verdict: () => undefined,
    locate: () => null,
    store: {
      revisions: () => Promise.resolve([revision(1, T)]),
      history: {
        asOf: () => Promise.resolve([]),
        firstAfter: () => Promise.resolve([]),
        record: () => Promise.resolve(0),
        of: () => Promise.resolve([]),
        prune: () => Promise.resolve(0),
      },
    },
  })
  expect(known(past).view.latchedTier('www.example.test', -1, 'A')).toBe(1)
})
