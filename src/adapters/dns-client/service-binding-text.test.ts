import fc from 'fast-check'
import { expect, it } from 'vitest'
import { serviceBindingText } from './service-binding-text.ts'

const bytes = (...parts: (number[] | string)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

it('reads what RFC 9460 writes', () => {
  const target = [0]
  const alpn = bytes([0, 1, 0, 6, 2], 'h2', [2], 'h3')
  const port = [0, 3, 0, 2, 0x20, 0xfb]
  const hints4 = [0, 4, 0, 8, 192, 0, 2, 1, 192, 0, 2, 2]
  const hints6 = [0, 6, 0, 16, 0x20, 1, 0x0d, 0xb8, ...Array.from({ length: 11 }, () => 0), 1]
  expect(serviceBindingText(bytes([0, 1], target, [...alpn], port, hints4, hints6))).toBe(
    '1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1',
  )
  expect(serviceBindingText(bytes([0, 16, 3], 'WWW', [4], 'test', [0]))).toBe('16 www.test')
})

it('gives nothing of what is cut off, or has anything else in it', () => {
  const whole = bytes([0, 1, 0, 0, 3, 0, 2, 1, 187])
  expect(serviceBindingText(whole)).toBe('1 . port=443')
  for (let length = 0; length < whole.length; length += 1)
    if (length !== 3) expect(serviceBindingText(whole.subarray(0, length))).toBeNull()
  expect(serviceBindingText(bytes([0, 1, 0, 0, 9, 0, 0]))).toBeNull()
})

it('never throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
      const text = serviceBindingText(data)
      expect(text === null || typeof text === 'string').toBe(true)
    }),
    { numRuns: 2_000 },
  )
})
