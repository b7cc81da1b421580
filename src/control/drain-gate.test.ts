import { describe, expect, it } from 'vitest'
import { applyChanges, configurationOf } from '../core/model/configuration.ts'
import { documentSchema, resourcesOfDocument } from '../core/model/document.ts'
import { drainSchema } from '../core/model/drain.ts'
import { plainView } from '../core/steering/steering-view.ts'
import { emptiedBy } from './drain-gate.ts'

const NOW_MS = 1_800_000_000_000
const endpoint = (name: string, site: string) => ({ name, address: '192.0.2.1', port: 80, site })
const before = (drains: object[] = []) =>
  configurationOf(
    resourcesOfDocument(
      documentSchema.parse({
        sites: [{ name: 'ams' }, { name: 'nyc' }],
        monitors: [{ name: 'http', kind: 'http' }],
        zones: [{ name: 'example.test', nameservers: ['ns.elsewhere.test'] }],
        pools: [
          { name: 'both', monitors: ['http'], endpoints: [endpoint('a', 'ams'), endpoint('b', 'nyc')] },
          { name: 'one', monitors: ['http'], endpoints: [endpoint('a', 'ams')] },
        ],
        loadBalancers: ['both', 'one'].map((pool) => ({
          name: `${pool}.example.test`,
          zone: 'example.test',
          policy: { kind: 'all', pools: [pool] },
        })),
        drains,
      }),
    ),
  )

function emptied(spec: object, down: readonly string[] = [], drains: object[] = []): readonly string[] {
  const drain = drainSchema.parse({ startAtMs: NOW_MS, reason: 'test', ...spec })
  const configuration = before(drains)
  const changes = [{ op: 'put', kind: 'drain', key: drain.name, spec: drain } as const]
  const verdict = (key: string) =>
    ({ state: down.includes(key) ? 'down' : 'up', degraded: false, lastUp: 0 }) as const
  const plan = { changes, next: applyChanges(configuration, changes) }
  return emptiedBy(configuration, plan, plainView(verdict, NOW_MS))
}

describe('gate before a drain', () => {
  it('names the load balancers that would have nothing left', () => {
    expect(emptied({ name: 'site/ams' })).toEqual(['one.example.test'])
    expect(emptied({ name: 'site/nyc' })).toEqual([])
    expect(emptied({ name: 'endpoint/both/a' })).toEqual([])
  })

  it('counts only what is eligible now', () => {
    expect(emptied({ name: 'endpoint/both/a' }, ['both/b'])).toEqual(['both.example.test'])
    expect(emptied({ name: 'pool/both' }, ['both/a', 'both/b'])).toEqual([])
  })

  it('looks at the moment at which it has drained: what else is drained by then counts', () => {
    const other = { name: 'site/nyc', startAtMs: NOW_MS + 3_600_000, reason: 'test' }
    expect(emptied({ name: 'endpoint/both/a' }, [], [other])).toEqual([])
    expect(emptied({ name: 'endpoint/both/a', drainSec: 7_200 }, [], [other])).toEqual(['both.example.test'])
  })
})
