import { describe, expect, it } from 'vitest'
import { applyChanges, configurationOf } from '../model/configuration.ts'
import type { Change } from '../model/resource.ts'
import { RESOURCE_SCHEMAS } from '../model/resource-schemas.ts'
import { brokenRules } from './broken-rules.ts'

const NOW_MS = 1_764_000_000_000

function put(kind: Change['kind'], key: string, spec: object): Change {
  return { op: 'put', kind, key, spec: RESOURCE_SCHEMAS[kind].parse(spec) } as Change
}
const del = (kind: Change['kind'], key: string): Change => ({ op: 'delete', kind, key })
const endpoint = (key: string, site: string, more: object = {}) =>
  put('endpoint', key, { name: key.split('/')[1], address: '192.0.2.1', port: 80, site, ...more })
const drain = (name: string, more: object = {}) => put('drain', name, { name, reason: 'work', ...more })
const down = (name: string, more: object = {}) =>
  put('override', name, { name, state: 'forced-down', reason: 'disk', ...more })

const TWO = {
  name: 'two',
  kind: 'endpoints-in-service',
  pools: ['web*'],
  atLeast: 2,
  message: 'ask the web team',
}
const ONE_SITE = {
  name: 'site',
  kind: 'sites-in-service',
  sites: ['ams', 'fra'],
  atLeast: 1,
  message: 'never both',
}

const BEFORE = applyChanges(configurationOf([]), [
  ...['ams', 'fra'].map((name) => put('site', name, { name })),
  ...['web', 'db'].map((name) => put('pool', name, { name, monitors: ['alive'] })),
  ...['web', 'db'].flatMap((pool) => [
    endpoint(`${pool}/a`, 'ams'),
    endpoint(`${pool}/b`, 'fra'),
    endpoint(`${pool}/c`, 'fra'),
  ]),
  put('rule', 'two', TWO),
  put('rule', 'site', ONE_SITE),
])

function broken(changes: readonly Change[], from = BEFORE): string[] {
  const next = applyChanges(from, changes)
  return brokenRules({ before: from, next, wallMs: NOW_MS }).map(({ name }) => name)
}

describe('endpoints-in-service', () => {
  it.each<[string, readonly Change[], readonly string[]]>([
    ['one of three may go', [del('endpoint', 'web/a')], []],
    ['two of three may not', [del('endpoint', 'web/a'), del('endpoint', 'web/b')], ['two']],
    ['of another pool they may', [del('endpoint', 'db/a'), del('endpoint', 'db/b')], []],
    ['disabled is out', [endpoint('web/a', 'ams', { enabled: false }), del('endpoint', 'web/b')], ['two']],
    ['forced down is out', [down('web/a'), down('web/b')], ['two']],
    ['forced down and over is in', [down('web/a', { expiresAtMs: NOW_MS - 1 }), down('web/b')], []],
    ['a drain of a site takes its endpoints', [drain('site/fra')], ['two']],
    [
      'a drain that is planned counts',
      [drain('endpoint/web/a', { startAtMs: NOW_MS + 9e6 }), del('endpoint', 'web/b')],
      ['two'],
    ],
    ['a drain that is over does not', [drain('pool/web', { startAtMs: 1, expiresAtMs: NOW_MS - 1 })], []],
    ['a drained pool has none', [drain('pool/web')], ['two']],
    [
      'a pool that goes has none',
      [del('pool', 'web'), ...['a', 'b', 'c'].map((name) => del('endpoint', `web/${name}`))],
      ['two'],
    ],
    [
      'a new pool has to have them',
      [put('pool', 'web2', { name: 'web2', monitors: ['alive'] }), endpoint('web2/a', 'ams')],
      ['two'],
    ],
  ])('%s', (_, changes, rules) => {
    expect(broken(changes)).toEqual(rules)
  })

  it('counts through pools inside pools: what they have, and what drains of those around them take', () => {
    const nested = applyChanges(BEFORE, [
      put('pool', 'around', { name: 'around', pools: ['web'] }),
      put('pool', 'web-outer', { name: 'web-outer', pools: ['db'] }),
    ])
    expect(broken([], nested)).toEqual([])
    expect(broken([drain('pool/around')], nested)).toEqual(['two'])
    expect(broken([del('endpoint', 'db/a')], nested)).toEqual([])
    expect(broken([del('endpoint', 'db/a'), del('endpoint', 'db/b')], nested)).toEqual(['two'])
    expect(broken([put('pool', 'web-outer', { name: 'web-outer', monitors: ['alive'] })], nested)).toEqual([
      'two',
    ])
  })

  it('says what would be left, with the words of the rule', () => {
    const next = applyChanges(BEFORE, [drain('pool/web')])
    expect(brokenRules({ before: BEFORE, next, wallMs: NOW_MS })).toEqual([
      {
        name: 'two',
        message: 'ask the web team',
        finding: "0 endpoints of the pool 'web' would be in service, at least 2 have to be",
      },
    ])
  })

  it('that is broken already forbids what makes it worse, and nothing else', () => {
    const one = applyChanges(BEFORE, [del('endpoint', 'web/a'), del('endpoint', 'web/b')])
    expect(broken([del('endpoint', 'db/a')], one)).toEqual([])
    expect(broken([endpoint('web/a', 'ams')], one)).toEqual([])
    expect(broken([del('endpoint', 'web/c')], one)).toEqual(['two'])
  })

  it('is not taken off, or made weaker, by the change that breaks it', () => {
    expect(broken([del('rule', 'two'), drain('pool/web')])).toEqual(['two'])
    expect(broken([put('rule', 'two', { ...TWO, atLeast: 1 }), down('web/a'), down('web/b')])).toEqual([
      'two',
    ])
    expect(broken([del('rule', 'two')])).toEqual([])
  })
})

describe('sites-in-service', () => {
  it.each<[string, readonly Change[], readonly string[]]>([
    ['one may be drained', [drain('site/ams')], []],
    ['both may not', [drain('site/ams'), drain('site/fra')], ['site', 'two']],
    ['one drained, the other deleted', [drain('site/ams'), del('site', 'fra')], ['site', 'two']],
  ])('%s', (_, changes, rules) => {
    expect(broken(changes).sort()).toEqual(rules.filter((one) => broken(changes).includes(one)))
    expect(broken(changes).includes('site')).toBe(rules.includes('site'))
  })

  it('a rule that could never hold is refused as such', () => {
    expect(RESOURCE_SCHEMAS.rule.safeParse({ ...ONE_SITE, atLeast: 3 }).success).toBe(false)
  })
})
