import { describe, expect, it } from 'vitest'
import { drainPhase, drainShare } from '../operations-in-force.ts'
import { drainSchema } from '../../model/drain.ts'
import { balancer, configuration, endpoints, Reader, START } from './testing/steering-world.ts'

const WWW = 'www.example.test'
const API = 'api.example.test'
const MAIL = 'mail.example.test'

const world = (more: object) =>
  configuration({
    pools: [
      { name: 'web', endpoints: endpoints(2) },
      { name: 'api', endpoints: endpoints(2, (index) => (index === 0 ? 'ams' : 'nyc')) },
      { name: 'mail', endpoints: endpoints(1, () => 'nyc') },
      { name: 'front', pools: ['web', 'api'] },
    ],
    loadBalancers: [
      balancer('www', { kind: 'weighted', pools: ['web'] }),
      balancer('api', { kind: 'all', pools: ['front'] }),
      balancer('mail', { kind: 'all', pools: ['mail'] }),
    ],
    ...more,
  })
const after = (sec: number) => START.wallMs + sec * 1_000
const reason = 'test'

describe('agenda', () => {
  it('A1 an override that expires names the load balancers over its endpoint, once', () => {
    const reader = new Reader()
    reader.define(
      world({ overrides: [{ name: 'web/a', state: 'forced-down', reason, expiresAtMs: after(60) }] }),
    )
    expect(reader.state.dueInMs(reader.now)).toBe(60_000)
    expect(reader.pass(59).balancers).toEqual(new Set())
    expect(reader.pass(1).balancers).toEqual(new Set([WWW, API]))
    expect(reader.pass(1_000).balancers).toEqual(new Set())
    expect(reader.state.dueInMs(reader.now)).toBeNull()
  })

  it('A2 a drain names them when it begins, at each tenth, at its end and at its expiry', () => {
    const reader = new Reader()
    const drain = { name: 'pool/mail', startAtMs: after(10), drainSec: 100, reason, expiresAtMs: after(200) }
    reader.define(world({ drains: [drain] }))
    const seen: number[] = []
    for (let sec = 1; sec <= 300; sec += 1) if (reader.pass(1).balancers.has(MAIL)) seen.push(sec)
    expect(seen).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 200])
  })

  it('A2 between two of those times it leaves the same share', () => {
    const drain = drainSchema.parse({ name: 'pool/mail', startAtMs: after(0), drainSec: 100, reason })
    const shares = [0, 0.001, 9.999, 10, 50, 95, 99.999, 100].map((sec) => drainShare(drain, after(sec)))
    expect(shares).toEqual([1, 1, 1, 0.9, 0.5, 0.1, 0.1, 0])
    expect(drainPhase(drain, after(-1))).toBe('planned')
    expect(drainShare(drain, after(-1))).toBe(1)
  })

  it('A3 a drain of a site is about every load balancer with an endpoint there, one of a pool about those inside it too', () => {
    const due = (name: string) => {
      const reader = new Reader()
      reader.define(world({ drains: [{ name, startAtMs: after(5), reason }] }))
      return reader.pass(5).balancers
    }
    expect(due('site/ams')).toEqual(new Set([WWW, API]))
    expect(due('site/nyc')).toEqual(new Set([API, MAIL]))
    expect(due('pool/front')).toEqual(new Set([WWW, API]))
    expect(due('endpoint/api/b')).toEqual(new Set([API]))
  })

  it('A4 what ended while nobody looked is not due, and one that begins and ends between two looks is due once', () => {
    const reader = new Reader()
    const drain = { name: 'pool/mail', startAtMs: after(1), drainSec: 1, reason, expiresAtMs: after(3) }
    reader.define(world({ drains: [drain] }))
    expect(reader.pass(10).balancers).toEqual(new Set([MAIL]))
    reader.define(world({ drains: [drain] }))
    expect(reader.state.dueInMs(reader.now)).toBeNull()
  })

  it('A5 a wall clock that is set back makes everything due: what had ended is in force again', () => {
    const reader = new Reader()
    reader.define(
      world({ overrides: [{ name: 'web/a', state: 'forced-down', reason, expiresAtMs: after(60) }] }),
    )
    reader.pass(60)
    reader.now = { wallMs: after(30), monotonicMs: reader.now.monotonicMs + 1 }
    expect(reader.state.tick(reader.now).balancers).toEqual(new Set([WWW, API]))
    expect(reader.state.dueInMs(reader.now)).toBe(30_000)
  })
})
