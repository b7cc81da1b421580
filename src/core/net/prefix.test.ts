import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { networkOf, parsePrefix } from './prefix.ts'

const textOf = (text: string) => {
  const parsed = parsePrefix(text)
  return parsed.kind === 'prefix' ? parsed.prefix.text : parsed.message
}

describe('parsePrefix', () => {
  it('takes prefixes of both families and writes them canonically', () => {
    expect(textOf('192.0.2.0/24')).toBe('192.0.2.0/24')
    expect(textOf('2001:DB8:0::/32')).toBe('2001:db8::/32')
    expect(textOf('0.0.0.0/0')).toBe('0.0.0.0/0')
    expect(textOf('::/0')).toBe('::/0')
  })

  it('refuses bits below the length, and says what may be meant', () => {
    expect(textOf('192.0.2.1/24')).toBe("'192.0.2.1/24' has bits below its length: write 192.0.2.0/24")
    expect(textOf('2001:db8::1/64')).toContain('write 2001:db8::/64')
  })

  it.each(['192.0.2.0', '192.0.2.0/33', '192.0.2.0/', '192.0.2.0/024', '192.0.2.0/8/8', '2001:db8::/129'])(
    'refuses the length of %s',
    (text) => {
      expect(textOf(text)).toMatch(/needs one length of 0 to (?:32|128)/)
    },
  )

  it('refuses what is no address', () => {
    expect(textOf('example.test/24')).toContain('is not an IP address')
  })
})

describe('networkOf', () => {
  it('is a prefix that is taken as it is, whatever the address and the length', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(32), (address, length) => {
        expect(textOf(`${networkOf(address, length)}/${length}`)).toBe(
          `${networkOf(address, length)}/${length}`,
        )
      }),
    )
  })

  it('keeps the bits above the length and clears those below', () => {
    expect(networkOf('192.0.2.255', 25)).toBe('192.0.2.128')
    expect(networkOf('2001:db8:aaaa:bbbb:cccc::1', 56)).toBe('2001:db8:aaaa:bb00::')
  })
})
