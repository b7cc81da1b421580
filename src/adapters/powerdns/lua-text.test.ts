import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SteeredRecordSet } from '../../core/dns/record-set.ts'
import { valueKey } from '../../core/steering/client-hash.ts'
import type { Selector } from '../../core/steering/selector.ts'
import { luaLibrary, prefixSet } from './lua-library.ts'
import { luaString } from '../lua/lua-string.ts'
import { refusedLua, steeredLua } from './lua-text.ts'

const kept: string[] = []
const place = {
  library: () => "(F0 or dofile('/x/F0.lua'))",
  keep: (_source: object, make: () => string) => `F${kept.push(make())}`,
}
const textOf = (selector: unknown, type: unknown = 'A') =>
  steeredLua(
    { kind: 'steered', name: 'www.example.test', type, ttlSec: 30, selector } as SteeredRecordSet,
    place,
  )
const choices = [
  { value: '192.0.2.1', weight: 3 },
  { value: '192.0.2.2', weight: 1 },
]

describe('what PowerDNS runs', () => {
  it('a choice by weight, and one by client', () => {
    expect(textOf({ kind: 'weighted', answers: 1, choices })).toBe(
      `A ";return (F0 or dofile('/x/F0.lua')).w(1,{3,'192.0.2.1',1,'192.0.2.2'})"`,
    )
    expect(textOf({ kind: 'sticky', answers: 1, ipv4PrefixBits: 24, ipv6PrefixBits: 0, choices })).toContain(
      `.s(1,24,0,{3,${valueKey('192.0.2.1')},'192.0.2.1',1,${valueKey('192.0.2.2')},'192.0.2.2'})`,
    )
    const placed = [{ value: 'a.example.test', latitude: 52.37, longitude: -0.0000001 }]
    expect(textOf({ kind: 'nearest', answers: 1, choices: placed }, 'CNAME')).toBe(
      `CNAME ";return (F0 or dofile('/x/F0.lua')).n(1,{52.37,-0.0000001,'a.example.test'})"`,
    )
  })

  it('rules in their order, then what all others get', () => {
    const selector: Selector = {
      kind: 'by-client',
      branches: [
        { when: { kind: 'countries', countries: ['NL'] }, then: { kind: 'values', values: ['192.0.2.1'] } },
        {
          when: { kind: 'prefixes', map: 'm', include: ['10.0.0.0/8'], exclude: ['10.1.0.0/16'] },
          then: { kind: 'empty' },
        },
      ],
      otherwise: { kind: 'refuse' },
    }
    expect(textOf(selector)).toMatch(
      /^A ";local F=\(F0 or .*\) if F\.country\('nl'\) then return \{'192\.0\.2\.1'\} end if F\.m\('F\d+'\) then return \{\} end error\('refused'\)"$/,
    )
    expect(kept.at(-1)).toContain("'10.0.0.0/8 !10.1.0.0/16'")
  })

  it('a long choice is a file, and the record names it', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ value: `192.0.2.${index}`, weight: 1 }))
    const text = textOf({ kind: 'weighted', answers: 1, choices: many })
    expect(text).toMatch(/^A ";return \(F0 or dofile\('\/x\/F0\.lua'\)\)\.x\('F\d+'\)"$/)
    expect(kept.at(-1)).toMatch(/^return function\(F\) return F\.w\(1,\{1,'192\.0\.2\.0',.*\}\) end$/)
  })

  it('a refusal is an error of the script', () => {
    expect(refusedLua({ type: 'AAAA' })).toBe(`AAAA ";error('refused')"`)
    expect(refusedLua({ type: 'HTTPS' })).toBe(`HTTPS ";error('refused')"`)
  })
})

describe('nothing that anybody wrote becomes code', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom<unknown>(
      "192.0.2.1'},{1,'x",
      "192.0.2.1\\'",
      '192.0.2.1" "',
      "'..os.execute('id')..'",
      '192.0.2.1\n',
      '::1%eth0',
      'a.test\u0000',
      "a.test'",
      "NL'",
      ']]',
      '--',
      null,
      1,
      NaN,
      2 ** 60,
      -1,
      1.5,
      1n,
      ['192.0.2.1'],
      { toString: () => '192.0.2.1' },
    ),
    fc.ipV4(),
    fc.integer(),
    fc.double(),
  )
  const anyChoices = fc.array(
    fc.record({ value: hostile, weight: hostile, latitude: hostile, longitude: hostile }),
    { maxLength: 3 },
  )
  const anyLeaf = fc.record({
    kind: fc.constantFrom('values', 'weighted', 'sticky', 'nearest', 'refuse', 'empty'),
    values: fc.array(hostile, { maxLength: 3 }),
    answers: fc.oneof(fc.constant(1), hostile),
    ipv4PrefixBits: fc.oneof(fc.constant(24), hostile),
    ipv6PrefixBits: fc.oneof(fc.constant(56), hostile),
    choices: anyChoices,
  })
  const anyCondition = fc.record({
    kind: fc.constantFrom('continents', 'countries', 'asns', 'prefixes'),
    continents: fc.array(hostile, { maxLength: 2 }),
    countries: fc.array(hostile, { maxLength: 2 }),
    asns: fc.array(hostile, { maxLength: 2 }),
    map: hostile,
    include: fc.array(hostile, { maxLength: 2 }),
    exclude: fc.array(hostile, { maxLength: 2 }),
  })
  const anySelector = fc.oneof(
    anyLeaf,
    fc.record({
      kind: fc.constant('by-client'),
      branches: fc.array(fc.record({ when: anyCondition, then: anyLeaf }), { maxLength: 2 }),
      otherwise: anyLeaf,
    }),
  )
  const anyType = fc.oneof(
    fc.constantFrom('A', 'AAAA', 'CNAME'),
    fc.constantFrom<unknown>('TXT', 'A "x" --', null),
  )
  const value = `'[0-9a-z.:_-]+'`
  const number = String.raw`-?\d+(?:\.\d+)?`
  const list = `\\{(?:(?:${number}|${value}),?)*\\}`
  const leaf = `(?:return (?:F|\\(F0 or dofile\\('/x/F0\\.lua'\\)\\))\\.[wsn]\\((?:\\d+,){1,3}${list}\\)|return ${list}|error\\('refused'\\))`
  const condition = `F\\.(?:continent|country|asn|m)\\((?:(?:'[a-z]{2}'|'F\\d+'|\\d+),?)*\\)`
  const whole = new RegExp(
    `^(?:A|AAAA|CNAME) ";(?:local F=\\(F0 or dofile\\('/x/F0\\.lua'\\)\\) (?:if ${condition} then ${leaf} end )*)?${leaf}"$`,
  )

  it('whatever a selector holds, the text is one of these words, numbers and names, or it is thrown', () => {
    let written = 0
    fc.assert(
      fc.property(anySelector, anyType, (selector, type) => {
        let text: string
        try {
          text = textOf(selector, type)
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        written += 1
        expect(text).toMatch(whole)
      }),
      { numRuns: 5_000 },
    )
    // Else the test would show nothing.
    expect(written).toBeGreaterThan(100)
  })

  it('a path, a prefix or a name in a file is a string of harmless characters', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (path) => {
        const text = luaString(path)
        expect(text).toMatch(/^'(?:[A-Za-z0-9./:_ !-]|\\\d{3})*'$/)
        const read = text
          .slice(1, -1)
          .replaceAll(/\\(\d{3})|([^\\])/g, (_, code: string | undefined, plain: string) =>
            code === undefined ? plain : String.fromCharCode(Number(code)),
          )
        expect(Buffer.from(read, 'latin1').toString('utf8')).toBe(path.toWellFormed())
        expect(luaLibrary({ global: 'F0', from: { directory: path }, trust: 'all' })).toContain(
          `dofile(${text} .. name`,
        )
      }),
    )
    expect(() => prefixSet(["10.0.0.0/8' .. os.exit()"])).toThrow(TypeError)
  })
})
