import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absoluteName, isWithin, namesUpFrom, parseName } from './name.ts'

function name(text: string, wildcard = false): string {
  const parsed = parseName(text, { wildcard })
  return parsed.kind === 'name' ? parsed.name : `fault: ${parsed.message}`
}

const CANONICAL = /^(?:\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/

describe('parseName', () => {
  it.each([
    ['www.example.test', 'www.example.test'],
    ['WWW.Example.TEST.', 'www.example.test'],
    ['localhost', 'localhost'],
    ['_dmarc.example.test', '_dmarc.example.test'],
    ['_sip._tcp.bücher.example', '_sip._tcp.xn--bcher-kva.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['例え。テスト。', 'xn--r8jz45g.xn--zckzah'],
    ['faß.de', 'xn--fa-hia.de'],
    ['😀.test', 'xn--e28h.test'],
    ['مثال.إختبار', 'xn--mgbh0fb.xn--kgbechtv'],
    ['\u212a.test', 'k.test'],
    ['1.0.0.127.in-addr.arpa', '1.0.0.127.in-addr.arpa'],
    ['a--b.test', 'a--b.test'],
  ])('%s is %s', (text, expected) => {
    expect(name(text)).toBe(expected)
  })

  it.each([
    ['', 'a DNS name is expected'],
    ['.', 'a DNS name is expected'],
    ['a..b', 'empty label'],
    ['.a', 'empty label'],
    ['a.test..', 'empty label'],
    ['-a.test', 'not a DNS label'],
    ['a-.test', 'not a DNS label'],
    ['a b.test', 'not a DNS label'],
    ['a/b.test', 'not a DNS label'],
    ['xn--', 'UTS 46'],
    ['xn--a.example', 'UTS 46'],
    ['xn--abc-.example', 'UTS 46'],
    ['xn--\u00fc.example', 'UTS 46'],
    ['אa.test', 'UTS 46'],
    ['a\u200db.test', 'UTS 46'],
    ['\u202eabc.test', 'UTS 46'],
    ['*', 'not a DNS label'],
    ['a.*.test', 'not a DNS label'],
    ['*a.test', 'not a DNS label'],
    ['@', 'not a DNS label'],
  ])('%j is refused', (text, why) => {
    expect(name(text, true)).toMatch(new RegExp(`^fault: .*${why}`))
  })

  it('a wildcard only where it is asked for, and only as the leftmost of several labels (RFC 4592)', () => {
    expect(name('*.Example.test', true)).toBe('*.example.test')
    expect(name('*.bücher.test', true)).toBe('*.xn--bcher-kva.test')
    expect(name('*.example.test')).toMatch(/is a wildcard, which is not allowed here$/)
    expect(name('*.*.test', true)).toMatch(/^fault/)
  })

  it('63 and 253 characters are the limits, of the A-label', () => {
    const label = 'a'.repeat(63)
    expect(name(`${label}.test`)).toBe(`${label}.test`)
    expect(name(`a${label}.test`)).toMatch(/longer than 63/)
    const long = [label, label, label, 'a'.repeat(61)].join('.')
    expect(long).toHaveLength(253)
    expect(name(long)).toBe(long)
    expect(name(`${long}.`)).toBe(long)
    expect(name([label, label, label, 'a'.repeat(62)].join('.'))).toMatch(
      /at most 253 characters, this one has 254/,
    )
    expect(name(`${'ü'.repeat(60)}.test`)).toMatch(/longer than 63/)
  })

  it.each([
    "a';DROP TABLE records;--.test",
    'a"||os.execute("id")||".test',
    "';return 'x",
    ']]..os.exit()..[[',
    '${jndi:ldap://x}.test',
    '<script>alert(1)</script>.test',
    'a\u0000.test',
    'a\n.test',
    'a\\.test',
    'a;b.test',
    'a%00.test',
    '`id`.test',
    'a.test/../../etc',
    '\u2028.test',
    'ａ；b.test',
  ])('%j means nothing in Lua, SQL, HTML or a zone file: it is refused', (text) => {
    expect(name(text, true)).toMatch(/^fault/)
  })

  it('whatever comes in, it is refused or canonical; what is canonical stays as it is', () => {
    const pieces = fc.constantFrom(
      'a',
      'xn--',
      'ü',
      '*',
      '.',
      '。',
      '-',
      '_',
      "'",
      '"',
      '\\',
      ';',
      ' ',
      '\u0000',
      '例',
      '😀',
      'ß',
      '\u00ad',
      'א',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
      fc.domain(),
    )
    fc.assert(
      fc.property(text, fc.boolean(), (given, wildcard) => {
        const parsed = parseName(given, { wildcard })
        if (parsed.kind === 'fault') {
          expect(parsed.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
          expect(parsed.message.length).toBeLessThan(250)
          return
        }
        expect(parsed.name).toMatch(CANONICAL)
        expect(parsed.name.length).toBeLessThanOrEqual(253)
        expect(parsed.name.split('.').every((label) => label.length > 0 && label.length <= 63)).toBe(true)
        expect(parseName(parsed.name, { wildcard })).toEqual(parsed)
        expect(parseName(`${parsed.name.toUpperCase()}.`, { wildcard })).toEqual(parsed)
      }),
      { numRuns: 2_000 },
    )
  })

  it('agrees with the A-labels that node finds (UTS 46)', () => {
    const label = fc.string({
      unit: fc.constantFrom('a', 'ä', 'é', 'ø', 'ж', '語', 'ハ', 'ー', '9'),
      minLength: 1,
      maxLength: 12,
    })
    fc.assert(
      fc.property(label, (text) => {
        const ours = parseName(`${text}.test`)
        if (ours.kind === 'name') expect(ours.name).toBe(domainToASCII(`${text}.test`))
      }),
    )
  })
})

describe('names in zones', () => {
  it('is within its zone at the apex or below, not beside', () => {
    expect(isWithin('example.test', 'example.test')).toBe(true)
    expect(isWithin('a.b.example.test', 'example.test')).toBe(true)
    expect(isWithin('badexample.test', 'example.test')).toBe(false)
    expect(isWithin('test', 'example.test')).toBe(false)
  })

  it("'@' is the apex", () => {
    expect(absoluteName('@', 'example.test')).toBe('example.test')
    expect(absoluteName('a.b', 'example.test')).toBe('a.b.example.test')
  })
})

it('namesUpFrom: the name, then each one above it', () => {
  expect(namesUpFrom('a.b.test')).toEqual(['a.b.test', 'b.test', 'test'])
  expect(namesUpFrom('test')).toEqual(['test'])
})
