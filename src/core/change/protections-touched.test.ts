import { expect, it } from 'vitest'
import { applyChanges, configurationOf } from '../model/configuration.ts'
import { protectedBy, protectionOf, protectionSchema } from '../model/protection.ts'
import { KINDS, type Change } from '../model/resource.ts'
import { protectionsTouched } from './protections-touched.ts'

const put = (kind: Change['kind'], key: string, spec: object): Change =>
  ({ op: 'put', kind, key, spec }) as Change
const del = (kind: Change['kind'], key: string): Change => ({ op: 'delete', kind, key })
const protect = (name: string) => put('protection', name, { name, reason: 'why', author: '' })

const BEFORE = applyChanges(configurationOf([]), [
  ...['a.test', 'b.test', 'sub.a.test'].map((name) => put('zone', name, { name })),
  put('pool', 'web', { pools: ['inner'] }),
  put('pool', 'inner', { pools: ['innermost'] }),
  put('loadBalancer', 'www.a.test', { zone: 'a.test' }),
  put('loadBalancer', 'www.b.test', { zone: 'b.test' }),
  ...['zone/a.test', 'pool/web', 'site/ams', 'load-balancer/www.c.test', 'client-map/eu'].map(protect),
])

function touched(...changes: Change[]): string[] {
  return protectionsTouched(changes, { before: BEFORE, next: applyChanges(BEFORE, changes) })
}

it.each<[readonly Change[], readonly string[]]>([
  [[del('zone', 'a.test')], ['zone/a.test']],
  [[del('zone', 'b.test')], []],
  [[del('loadBalancer', 'www.a.test')], ['zone/a.test']],
  [[put('loadBalancer', 'www.b.test', { zone: 'a.test' })], ['zone/a.test']],
  [[put('loadBalancer', 'www.a.test', { zone: 'b.test' })], ['zone/a.test']],
  [[put('loadBalancer', 'new.a.test', { zone: 'a.test' })], ['zone/a.test']],
  [[del('pool', 'web'), del('endpoint', 'web/x')], ['pool/web']],
  [
    [del('endpoint', 'web/x'), del('site', 'ams')],
    ['pool/web', 'site/ams'],
  ],
  [[del('endpoint', 'webs/x')], []],
  [[del('endpoint', 'innermost/x')], ['pool/web']],
  [[put('pool', 'innermost', {})], ['pool/web']],
  [[put('pool', 'web', { pools: [] }), del('endpoint', 'inner/x')], ['pool/web']],
  [[put('zone', 'new.a.test', {})], ['zone/a.test']],
  [[put('zone', 'x.new.b.test', {})], []],
  [[put('zone', 'x.sub.a.test', {})], []],
  [[del('zone', 'sub.a.test')], ['zone/a.test']],
  [[put('zone', 'sub.a.test', { ttlSec: 5 })], []],
  [[del('clientMap', 'eu')], ['client-map/eu']],
  [[put('loadBalancer', 'www.c.test', { zone: 'c.test' })], ['load-balancer/www.c.test']],
  [[del('protection', 'pool/web')], ['pool/web']],
  [[protect('pool/web')], ['pool/web']],
  [[protect('pool/db')], []],
  [[del('override', 'web/x'), del('drain', 'pool/web'), del('latch', 'www.a.test')], []],
  [[del('budgetRelease', 'www.a.test'), del('signingKeys', 'a.test'), del('settings', 'settings')], []],
])('%j touches %j', (changes, names) => {
  expect(touched(...changes)).toEqual(names)
})

it('a name of a protection says what it is about, and the other way round', () => {
  for (const kind of KINDS) {
    const name = protectionOf(kind, 'x')
    if (name !== null) {
      expect(protectionSchema.safeParse({ name, reason: 'why' }).success).toBe(true)
      expect(protectedBy({ name })).toEqual({ kind, key: 'x' })
    }
  }
  for (const name of ['zone/*.a.test', 'load-balancer/*.a.test', 'pool/a_b.c-d'])
    expect(protectionSchema.safeParse({ name, reason: 'why' }).success).toBe(true)
  for (const name of ['rule/x', 'zone/', 'pool/A', 'endpoint/web/x', 'drain/pool/web', 'zone/a..b'])
    expect(protectionSchema.safeParse({ name, reason: 'why' }).success).toBe(false)
})
