import { expect, it } from 'vitest'
import type { OwnerRecords, PlainRecordSet } from '../core/dns/record-set.ts'
import { PlainRenderings } from './plain-renderings.ts'

const name = 'www.example.test'
const plain = (type: 'A' | 'AAAA', value: string): PlainRecordSet => ({
  ...{ kind: 'plain', name, type, ttlSec: 30, values: [value] },
})
const refused: OwnerRecords = [{ kind: 'refused', name, type: 'A', ttlSec: 30 }]

it('gives for what is refused what it was last, also since an earlier run, until the name is gone', () => {
  const renderings = new PlainRenderings()
  expect(renderings.render(name, refused, 1)).toEqual([])
  renderings.remember([plain('AAAA', '2001:db8::1'), plain('A', '192.0.2.1')])
  expect(renderings.render(name, refused, 1)).toEqual([plain('A', '192.0.2.1')])
  renderings.render(name, [plain('A', '192.0.2.2')], 1)
  renderings.keepOnly((one) => one === name)
  expect(renderings.render(name, refused, 1)).toEqual([plain('A', '192.0.2.2')])
  expect(renderings.render(name, refused, 1)).toEqual([plain('A', '192.0.2.2')])
  renderings.keepOnly(() => false)
  expect(renderings.render(name, refused, 1)).toEqual([])
})
