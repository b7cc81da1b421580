import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges, configurationOf, emptyConfiguration, endpointsByPool } from './configuration.ts'
import { pointerTo } from './fault.ts'
import { endpointSchema } from './pool.ts'
import { endpointKey, poolOf, type Change } from './resource.ts'

const anyChange: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom('site', 'pool'), fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.nat(3))
  .map(([kind, key, choice]): Change => {
    if (choice === 0) return { op: 'delete', kind: kind === 'site' ? 'site' : 'pool', key }
    if (kind === 'site')
      return { op: 'put', kind: 'site', key, spec: { name: key, checkers: [], canaries: [] } }
    return { op: 'put', kind: 'pool', key, spec: { name: key, monitors: [`m${choice}`] } }
  })

describe('applyChanges', () => {
  it('leaves what it was given as it was, shares what did not change, and applies in order', () => {
    fc.assert(
      fc.property(fc.array(anyChange), fc.array(anyChange), (first, second) => {
        const before = applyChanges(emptyConfiguration(), first)
        const image = structuredClone(before)
        const after = applyChanges(before, second)
        expect(before).toEqual(image)
        for (const kind of ['site', 'zone', 'pool', 'endpoint', 'monitor', 'loadBalancer'] as const)
          if (!second.some((change) => change.kind === kind)) expect(after[kind]).toBe(before[kind])
        expect(after).toEqual(applyChanges(emptyConfiguration(), [...first, ...second]))
        for (const { kind, key } of second) {
          const last = second.findLast((change) => change.kind === kind && change.key === key)
          expect(after[kind].get(key)).toEqual(last?.op === 'put' ? last.spec : undefined)
        }
      }),
    )
  })

  it('applying twice is applying once', () => {
    fc.assert(
      fc.property(fc.array(anyChange), (changes) => {
        const once = applyChanges(emptyConfiguration(), changes)
        expect(applyChanges(once, changes)).toEqual(once)
      }),
    )
  })
})

describe('endpoints', () => {
  it('of each pool in order of name; a pool without any has an empty list, an endpoint without a pool none', () => {
    const spec = (name: string) => endpointSchema.parse({ name, address: '192.0.2.1', port: 80, site: 'ams' })
    const configuration = configurationOf([
      { kind: 'pool', key: 'web', spec: { name: 'web', monitors: [] } },
      { kind: 'pool', key: 'none', spec: { name: 'none', monitors: [] } },
      ...['web/b', 'web/a', 'gone/c'].map(
        (key) => ({ kind: 'endpoint', key, spec: spec(key.slice(-1)) }) as const,
      ),
    ])
    const byPool = endpointsByPool(configuration)
    expect(byPool.get('web')?.map((endpoint) => endpoint.name)).toEqual(['a', 'b'])
    expect(byPool.get('none')).toEqual([])
    expect(byPool.get('gone')).toBeUndefined()
    expect(poolOf(endpointKey('web', 'a'))).toBe('web')
  })
})

describe('pointerTo', () => {
  it('escapes as RFC 6901 says', () => {
    expect(pointerTo('', 'a/b', 'm~n', 0)).toBe('/a~1b/m~0n/0')
    expect(pointerTo('/x', '~1')).toBe('/x/~01')
    expect(pointerTo('')).toBe('')
  })
})
