/** What an answer of the server proves about a change. */
import { expect, it } from 'vitest'
import type { RecordSet } from '../core/dns/record-set.ts'
import type { DnsAnswer } from '../ports/dns-server.ts'
import { expectationsOf, isMet } from './expectation.ts'

const name = 'www.example.test'
const addresses = ['192.0.2.1', '192.0.2.2']
const answered = (...values: string[]): DnsAnswer => ({
  ...{ kind: 'answer', rcode: 'NOERROR', authoritative: true, values, ttlSec: 30 },
})
const withdrawalOf = (set: RecordSet) => {
  const [expectation] = expectationsOf({ name, records: null, before: [set], delegated: false })
  return (answer: DnsAnswer) => isMet(expectation!, answer)
}

it('a plain set is gone when another answer comes', () => {
  const isGone = withdrawalOf({ kind: 'plain', name, type: 'A', ttlSec: 30, values: addresses })
  expect(isGone(answered(...addresses))).toBe(false)
  expect([isGone(answered()), isGone(answered('192.0.2.9'))]).toEqual([true, true])
})

it('a weighted set is not gone while one of its addresses is drawn', () => {
  const choices = addresses.map((value) => ({ value, weight: 1 }))
  const isGone = withdrawalOf({
    kind: 'steered',
    name,
    type: 'A',
    ttlSec: 30,
    selector: { kind: 'weighted', answers: 1, choices },
  })
  for (const address of addresses) expect(isGone(answered(address))).toBe(false)
  expect([isGone(answered()), isGone(answered('192.0.2.9'))]).toEqual([true, true])
})
