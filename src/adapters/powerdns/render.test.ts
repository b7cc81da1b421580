import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PlainRecordSet, RecordType } from '../../core/dns/record-set.ts'
import { zoneSchema } from '../../core/model/zone.ts'
import { orderName, renderOwner, renderSoa } from './render.ts'

const place = {
  name: 'www.example.test',
  zone: 'example.test',
  denial: 'nsec',
  standing: 'authoritative',
} as const
const lua = { place: { library: () => 'F', keep: () => 'F0' }, trust: 'all' } as const
const plain = (type: RecordType, ...values: string[]): PlainRecordSet => ({
  ...{ kind: 'plain', name: place.name, type, ttlSec: 30, values },
})

it('puts preference and priority where PowerDNS looks for them', () => {
  expect(renderOwner([plain('MX', '10 mx.example.net')], place, lua)).toMatchObject([
    { prio: 10, content: 'mx.example.net' },
  ])
  expect(renderOwner([plain('SRV', '1 2 443 a.example.net')], place, lua)).toMatchObject([
    { prio: 1, content: '2 443 a.example.net' },
  ])
  expect(renderOwner([plain('A', '192.0.2.1', '192.0.2.2')], place, lua)).toEqual([
    { type: 'A', content: '192.0.2.1', ttl: 30, prio: null, ordername: 'www', auth: true },
    { type: 'A', content: '192.0.2.2', ttl: 30, prio: null, ordername: 'www', auth: true },
  ])
})

it('marks delegations and glue as not authoritative', () => {
  expect(renderOwner([plain('NS', 'ns.x')], { ...place, standing: 'cut' }, lua)).toMatchObject([
    { auth: false, ordername: 'www' },
  ])
  expect(renderOwner([plain('A', '192.0.2.1')], { ...place, standing: 'glue' }, lua)).toMatchObject([
    { auth: false, ordername: null },
  ])
  expect(orderName({ name: 'a.b.example.test', zone: 'example.test', denial: 'nsec' })).toBe('b a')
  expect(orderName({ name: 'example.test', zone: 'example.test', denial: 'nsec' })).toBe('')
})

it('writes the SOA of a zone', () => {
  const zone = zoneSchema.parse({ name: 'example.test', nameservers: ['ns1.example.net'] })
  expect(renderSoa(zone, 4_294_967_295)).toBe(
    'ns1.example.net hostmaster.example.test 4294967295 3600 600 1209600 30',
  )
  expect(() => renderSoa(zone, 2 ** 32)).toThrow(TypeError)
})

it('throws rather than write content that PowerDNS would read as something else', () => {
  const types: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'NS', 'TXT', 'MX', 'SRV', 'CAA']
  const odd = fc.constantFrom(
    '"',
    '"a" b',
    '10',
    '10 a b',
    '1 2 3',
    "x'; drop table records",
    'a\nb',
    '"a\\"',
    '0 issue "a" "b"',
  )
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.oneof(fc.string(), odd), (type, value) => {
      let content: string | null | undefined
      try {
        content = renderOwner([plain(type, value)], place, lua)[0]?.content
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
        return
      }
      expect(content).toMatch(type === 'TXT' || type === 'CAA' ? /^[\x20-\x7e]+$/ : /^[a-z0-9_.:* -]+$/)
    }),
    { numRuns: 2_000 },
  )
})
