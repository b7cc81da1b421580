import { expect, it } from 'vitest'
import { AttemptLimiter } from './attempt-limiter.ts'

it('allows twenty failures at once, then one each three seconds, for each address on its own', () => {
  const limiter = new AttemptLimiter()
  const fail = (address: string, atMs: number) => limiter.failed(address, atMs)
  for (let count = 1; count <= 20; count += 1) expect(fail('192.0.2.1', 0)).toBe(0)
  expect(fail('192.0.2.1', 0)).toBe(3)
  expect(fail('192.0.2.1', 2_000)).toBe(1)
  expect(fail('192.0.2.2', 2_000)).toBe(0)
  expect(fail('192.0.2.1', 3_000)).toBe(0)
  expect(fail('192.0.2.1', 3_000)).toBe(3)
  for (let count = 1; count <= 20; count += 1) expect(fail('192.0.2.1', 3_600_000)).toBe(0)
  expect(fail('192.0.2.1', 3_600_000)).toBe(3)
})

it('takes an IPv6 network for one client, and IPv4 in IPv6 for IPv4', () => {
  const limiter = new AttemptLimiter()
  for (let count = 1; count <= 20; count += 1)
    expect(limiter.failed(`2001:db8:0:1::${count.toString(16)}`, 0)).toBe(0)
  expect(limiter.failed('2001:db8:0:1:aaaa::1', 0)).toBe(3)
  expect(limiter.failed('2001:db8:0:2::1', 0)).toBe(0)
  for (let count = 1; count <= 20; count += 1) limiter.failed('::ffff:192.0.2.1', 0)
  expect(limiter.failed('192.0.2.1', 0)).toBe(3)
})

it('says how long to wait without counting that as an attempt', () => {
  const limiter = new AttemptLimiter()
  for (let count = 0; count < 20; count += 1) limiter.failed('checker/ams/ck1', 0)
  for (let count = 0; count < 5; count += 1) expect(limiter.waitSec('checker/ams/ck1', 1_000)).toBe(2)
  expect(limiter.waitSec('checker/ams/ck1', 3_000)).toBe(0)
  expect(limiter.waitSec('checker/ams/ck2', 0)).toBe(0)
})

it('forgets the addresses that failed longest ago', () => {
  const limiter = new AttemptLimiter()
  for (let count = 0; count < 20; count += 1) limiter.failed('192.0.2.1', 0)
  for (let count = 0; count < 10_000; count += 1)
    limiter.failed(`10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`, 0)
  expect(limiter.failed('192.0.2.1', 0)).toBe(0)
})
