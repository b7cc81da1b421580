import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { familyOf, parseAddress } from './address.ts'

function address(text: string): string {
  const parsed = parseAddress(text)
  return parsed.kind === 'address' ? parsed.address.text : `fault: ${parsed.message}`
}

describe('parseAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['::192.0.2.1', '::c000:201'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
  ])('%s is %s (RFC 5952)', (text, expected) => {
    expect(address(text)).toBe(expected)
    expect(address(expected)).toBe(expected)
  })

  it.each([
    ['999.1.1.1', 'not an IP address'],
    ['256.0.0.1', 'not an IP address'],
    ['0177.0.0.1', 'not an IP address'],
    ['0177.1', 'not an IP address'],
    ['0x7f.0.0.1', 'not an IP address'],
    ['1.2.3', 'not an IP address'],
    ['1.2.3.4.5', 'not an IP address'],
    ['2130706433', 'not an IP address'],
    ['1.2.3.4 ', 'not an IP address'],
    ['1.2.3.4\n', 'not an IP address'],
    ['', 'not an IP address'],
    ['localhost', 'not an IP address'],
    ['１.2.3.4', 'not an IP address'],
    ['192.0.2.0/24', 'is a prefix'],
    ['2001:db8::/32', 'is a prefix'],
    ['fe80::1%eth0', 'has a zone index'],
    ['::ffff:1.2.3.4', "write '1.2.3.4'"],
    ['::FFFF:0102:0304', "write '1.2.3.4'"],
    ['::ffff:0177.0.0.1', 'not an IPv6 address'],
    ['::ffff:999.1.1.1', 'not an IPv6 address'],
    ['::1.2.3', 'not an IPv6 address'],
    ['1.2.3.4::', 'not an IPv6 address'],
    ['1::2::3', 'not an IPv6 address'],
    [':::', 'not an IPv6 address'],
    [':1', 'not an IPv6 address'],
    ['1:2:3:4:5:6:7:8:9', 'not an IPv6 address'],
    ['1:2:3:4:5:6:7', 'not an IPv6 address'],
    ['00001::', 'not an IPv6 address'],
    ['12345::', 'not an IPv6 address'],
    ['[::1]', 'not an IPv6 address'],
    ['::1\n', 'not an IPv6 address'],
    ['1.2.3.4:80', 'not an IPv6 address'],
  ])('%j is refused', (text, why) => {
    expect(address(text)).toContain(why)
    expect(address(text)).toMatch(/^fault/)
  })

  it('every IPv6 address has one text, the one that WHATWG URLs use too, except for mapped ones', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.boolean(), (groups, padded) => {
        const spelt = groups.map((one) => one.toString(16).padStart(padded ? 4 : 1, '0')).join(':')
        fc.pre(!/^(?:0+:){5}ffff:/i.test(spelt))
        const canonical = new URL(`http://[${spelt}]/`).hostname.slice(1, -1)
        expect(address(spelt)).toBe(canonical)
        expect(address(canonical.toUpperCase())).toBe(canonical)
      }),
      { numRuns: 1_000 },
    )
  })

  it('takes nothing that the operating system would not, and what it takes stays as it is', () => {
    const unit = fc.constantFrom(
      '0',
      '1',
      '9',
      'a',
      'F',
      ':',
      '::',
      '.',
      '%',
      '/',
      ' ',
      '255',
      '256',
      'ffff',
      'x',
    )
    const text = fc.oneof(
      fc.string({ unit, maxLength: 12 }),
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4Extended(),
      fc.string(),
    )
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseAddress(given)
        if (parsed.kind === 'fault') {
          expect(parsed.message).toMatch(/^[\x20-\x7e]*$/)
          return
        }
        expect(isIP(given)).toBe(parsed.address.family)
        expect(familyOf(parsed.address.text)).toBe(parsed.address.family)
        expect(parseAddress(parsed.address.text)).toEqual(parsed)
      }),
      { numRuns: 3_000 },
    )
  })
})
