import { expect, it } from 'vitest'
import type { OwnerRecords } from '../../core/dns/record-set.ts'
import { zoneSchema } from '../../core/model/zone.ts'
import type { ZoneChange } from '../../ports/zone-storage.ts'
import { differenceOf, imageAfter } from './zone-image.ts'

const zone = zoneSchema.parse({ name: 'example.test', nameservers: ['ns.example.net'] })
const lua = { place: { library: () => '', keep: () => '' }, trust: 'all' } as const
const set = (name: string, type: 'A' | 'NS'): [string, OwnerRecords] => {
  const values = [type === 'A' ? '192.0.2.1' : 'ns.example.net']
  return [name, [{ kind: 'plain', name, type, ttlSec: 30, values }]]
}
const change = (scope: ZoneChange['scope'], ...owners: [string, OwnerRecords | null][]): ZoneChange => ({
  ...{ zone, scope, owners: new Map(owners) },
})

it('keeps the set of delegations as it is where none differs, and makes another one where one does', () => {
  const whole = change('replace', set('sub.example.test', 'NS'), set('www.example.test', 'A'))
  const image = imageAfter(undefined, differenceOf(undefined, whole, lua), { id: 1, serial: 1 })
  expect([...image.cuts]).toEqual(['sub.example.test'])
  const after = (...owners: [string, OwnerRecords | null][]) =>
    differenceOf(image, change('update', ...owners), lua).cuts
  expect(after(set('www.example.test', 'A'))).toBe(image.cuts)
  expect(after(['www.example.test', null], set('sub.example.test', 'NS'))).toBe(image.cuts)
  expect(after(set('example.test', 'NS'))).toBe(image.cuts)
  expect([...after(set('other.example.test', 'NS'))]).toEqual(['sub.example.test', 'other.example.test'])
  expect([...after(['sub.example.test', null])]).toEqual([])
  expect([...image.cuts]).toEqual(['sub.example.test'])
})
