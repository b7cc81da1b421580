/** What an answer of the server proves about a change. */
import { describe, expect, it } from 'vitest'
import type { RecordSet } from '../core/dns/record-set.ts'
import type { Selector } from '../core/steering/selector.ts'
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
  const selector = { kind: 'weighted', answers: 1, choices } as const
  const isGone = withdrawalOf({ kind: 'steered', name, type: 'A', ttlSec: 30, selector })
  for (const address of addresses) expect(isGone(answered(address))).toBe(false)
  expect([isGone(answered()), isGone(answered('192.0.2.9'))]).toEqual([true, true])
})

describe('a steered set', () => {
  const draws = (selector: Selector) => {
    const records: RecordSet[] = [{ kind: 'steered', name, type: 'A', ttlSec: 30, selector }]
    const [expectation] = expectationsOf({ name, records, before: null, delegated: false })
    return (answer: DnsAnswer) => isMet(expectation!, answer)
  }
  const choices = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((value) => ({ value, weight: 1 }))

  it('answers with as many of its values as it draws, all different', () => {
    const isDrawn = draws({ kind: 'weighted', answers: 2, choices })
    expect(isDrawn(answered('192.0.2.1', '192.0.2.3'))).toBe(true)
    for (const values of [['192.0.2.1'], ['192.0.2.1', '192.0.2.1'], ['192.0.2.1', '192.0.2.9'], []])
      expect(isDrawn(answered(...values))).toBe(false)
  })

  it('may answer with what any client gets, an error or nothing where some get that', () => {
    const isDrawn = draws({
      kind: 'by-client',
      branches: [
        { when: { kind: 'countries', countries: ['NL'] }, then: { kind: 'weighted', answers: 1, choices } },
        { when: { kind: 'countries', countries: ['BE'] }, then: { kind: 'refuse' } },
      ],
      otherwise: { kind: 'values', values: ['192.0.2.8', '192.0.2.9'] },
    })
    expect(isDrawn(answered('192.0.2.8', '192.0.2.9'))).toBe(true)
    expect(isDrawn(answered('192.0.2.2'))).toBe(true)
    expect(isDrawn({ ...answered(), rcode: 'SERVFAIL' } as DnsAnswer)).toBe(true)
    expect(isDrawn(answered('192.0.2.7'))).toBe(false)
  })
})
