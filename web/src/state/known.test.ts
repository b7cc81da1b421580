import { expect, it } from 'vitest'
import type { Status, StatusEvent } from '../../../src/core/views/status.ts'
import { knownAfter, type EndpointStatus, type Known } from './known.ts'

const endpoint = (name: string, state: EndpointStatus['state']): EndpointStatus => ({
  ...{ pool: 'web', endpoint: name, address: '192.0.2.1', port: 80, site: 'ams', state, degraded: false },
  ...{ beside: [], sinceMs: 1, rule: 'quorum-up', detail: 'HTTP 200' },
})

const counts = { total: 3, up: 2, degraded: 0, down: 0, unknown: 0, other: 1 }
const status: Status = {
  ...{
    version: '1',
    revision: 1,
    healthy: true,
    checkers: [],
    nameservers: [],
    events: [],
    alarms: [],
  },
  counts: {
    endpoints: { total: 3, up: 2, down: 0, unknown: 0, other: 1 },
    loadBalancers: { total: 0, byWhenDown: 0 },
  },
  loadBalancers: ['web', 'other'].map((pool) => ({
    ...{ name: `${pool}.test`, zone: 'test', policy: 'all', pools: [pool], answers: [], latched: [] },
    counts,
  })),
  pools: ['web', 'other'].map((name) => ({ name, counts, loadBalancers: 1 })),
  endpoints: [endpoint('a', 'up'), endpoint('b', 'up'), endpoint('c', 'disabled')],
}
const known: Known = { status, nameservers: [] }

const down = (key: string): StatusEvent => ({
  ...{ kind: 'transition', atMs: 7, endpoint: key, from: 'up', to: 'down', degraded: false },
  ...{ rule: 'quorum-down', reason: 'connection refused' },
})

it('follows a transition at once, in the endpoint, the counts and the events', () => {
  const event = down('web/b')
  const after = knownAfter(known, event).status
  expect(after.endpoints.map(({ state }) => state)).toEqual(['up', 'down', 'disabled'])
  expect(after.endpoints[1]).toMatchObject({ sinceMs: 7, rule: 'quorum-down', detail: 'connection refused' })
  expect(after.counts.endpoints).toEqual({ total: 3, up: 1, down: 1, unknown: 0, other: 1 })
  expect(after.events).toEqual([event])
  for (const [web, other] of [after.loadBalancers, after.pools ?? []]) {
    expect(web?.counts).toEqual({ ...counts, up: 1, down: 1 })
    expect(other?.counts).toBe(counts)
  }
  expect(known.status).toBe(status)
})

it('leaves what has no verdict of its own, and what it does not list, to the next reading', () => {
  for (const key of ['web/c', 'web/z', 'b']) {
    const after = knownAfter(known, down(key)).status
    expect([after.endpoints, after.counts, after.events.length]).toEqual([status.endpoints, status.counts, 1])
  }
})

it('keeps the last events, the newest first', () => {
  const revision = (number: number): StatusEvent => ({
    ...{ kind: 'revision', atMs: number, revision: number, author: 'ann', message: '' },
  })
  const after = Array.from({ length: 60 }, (_, index) => revision(index)).reduce(knownAfter, known)
  expect(after.status.events).toHaveLength(50)
  expect(after.status.events[0]).toEqual(revision(59))
})

it('takes an event once, whether it is in what was read or not', () => {
  const event = down('web/b')
  const once = knownAfter(known, event)
  const again = Object.fromEntries(Object.entries(event).reverse()) as StatusEvent
  expect(knownAfter(once, again)).toBe(once)
  const full = {
    ...status,
    events: Array.from({ length: 50 }, (_, index) => ({ ...event, atMs: 100 + index })),
  }
  expect(knownAfter({ ...known, status: full }, event).status).toBe(full)
})
