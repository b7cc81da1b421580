import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SteeredRecordSet } from '../../core/dns/record-set.ts'
import { refusedLua, steeredLua } from './lua-text.ts'

/** Anything at all, as if the schemas had let it through. */
function hostile(type: unknown, choices: unknown): SteeredRecordSet {
  const selector = { kind: 'weighted', answers: 1, choices }
  return { kind: 'steered', name: 'www.example.test', type, ttlSec: 30, selector } as SteeredRecordSet
}

const WHOLE = /^(?:A|AAAA) "pickwrandom\(\{(?:\{\d{1,15},'[0-9a-f.:]+'\},?)+\}\)"$/

it('writes what PowerDNS runs', () => {
  const choices = [
    { value: '192.0.2.1', weight: 3 },
    { value: '192.0.2.2', weight: 65_535 },
  ]
  expect(steeredLua(hostile('A', choices))).toBe(`A "pickwrandom({{3,'192.0.2.1'},{65535,'192.0.2.2'}})"`)
  expect(steeredLua(hostile('AAAA', [{ value: '2001:DB8::0:1', weight: 1 }]))).toBe(
    `AAAA "pickwrandom({{1,'2001:db8::1'}})"`,
  )
  expect(refusedLua({ kind: 'refused', name: 'x.test', type: 'AAAA', ttlSec: 1 })).toBe(
    `AAAA ";error('refused')"`,
  )
})

it('throws on whatever is not an address and an integer, and never lets it become text', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      "192.0.2.1'},{1,'x",
      "192.0.2.1\\'",
      '192.0.2.1" "',
      "'..os.execute('id')..'",
      '192.0.2.1\n',
      '::1%eth0',
      '192.0.2.1 ',
      '0x7f.1',
      '2001:db8::1',
      '1.2.3',
    ),
    fc.ipV4(),
  )
  const weight = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.constantFrom<unknown>(
      '1',
      '1},{',
      null,
      undefined,
      NaN,
      0,
      -1,
      1.5,
      2 ** 60,
      { valueOf: () => 1 },
      1n,
    ),
  )
  const value = fc.oneof(
    text,
    fc.constantFrom<unknown>(null, 1, ['192.0.2.1'], { toString: () => '192.0.2.1' }),
  )
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom('A', 'AAAA'), fc.constantFrom<unknown>('TXT', 'A "x" --', null)),
      fc.array(fc.record({ value, weight }), { maxLength: 4 }),
      (type, choices) => {
        let written: string
        try {
          written = steeredLua(hostile(type, choices))
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        expect(written).toMatch(WHOLE)
        expect(written.match(/'/g)).toHaveLength(choices.length * 2)
      },
    ),
    { numRuns: 2_000 },
  )
})
